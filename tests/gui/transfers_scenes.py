"""Transfers in every state, on a service that answers as it is told: for tests and for pictures. Not shipped.

QT_QPA_PLATFORM=offscreen python tests/gui/transfers_scenes.py build/screenshots
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from gui.service_stand_in import Service
from steelyard.base.errors import Cancelled, CheckFailed, RemoteFailure
from steelyard.base.progress import CancelToken, Progress
from steelyard.gui.frame.window import Window
from steelyard.gui.jobs import JobRunner
from steelyard.service import requests as ask

GIB = 1 << 30
DIGEST = "sha256:9c41e07b" + "0" * 52 + "52ad"
OTHER = "sha256:1f00c2aa" + "1" * 52 + "0b1e"


class Desk(Service):
    """A service whose transfers begin, report and end when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[ask.TransferRow] = []
        self.ends: dict[str, Any] = {}
        self.go_on = threading.Event()
        self.reports: dict[str, tuple[Progress, ...]] = {}
        self.on(ask.ListTransfers, lambda *_: ask.TransferList(tuple(self.rows)))
        self.on(ask.ListKeys, lambda *_: ask.KeyList((), "user"))
        self.on(ask.ListModels, lambda *_: ask.ModelList(()))
        for request in (
            ask.PullModel,
            ask.ImportModel,
            ask.ImportBundle,
            ask.CreateBundle,
            ask.AdoptModel,
            ask.ResumeTransfer,
        ):
            self.on(request, self._transfer)
        self.on(ask.DiscardTransfer, self._discard)

    def _transfer(self, request: Any, emit: Callable[[Any], None], cancel: CancelToken) -> object:
        name = next(
            str(value)
            for field in ("reference", "path", "out", "id")
            if (value := getattr(request, field, None))
        )
        for report in self.reports.get(name, ()):
            emit(report)
        end = self.ends.get(name)
        if isinstance(end, Exception):
            raise end
        if end is not None:
            return end
        while not self.go_on.wait(0.01):
            if cancel.cancelled:
                raise Cancelled("Cancelled. What arrived is kept.", next_step="Pull it again.")
        return None

    def _discard(self, request: ask.DiscardTransfer, *_: object) -> ask.TransferDiscarded:
        self.rows = [row for row in self.rows if row.id != request.id]
        return ask.TransferDiscarded(request.id, GIB)


def pull_row(
    reference: str, *, state: str = "paused", identifier: str = "", reason: str = ""
) -> ask.TransferRow:
    """A download that lies in quarantine."""
    return ask.TransferRow(
        id=identifier or f"pull-{reference.replace('/', '-')}",
        kind="pull",
        title=reference,
        state=state,
        done_bytes=int(1.9 * GIB),
        total_bytes=int(4.58 * GIB),
        files_done=1,
        files=3,
        reason=reason,
        request={"operation": "model.pull", "reference": reference},
        updated_at="2026-11-25T16:00:00.000Z",
        parts=(
            ask.TransferFile(
                "README.md", 4200, 4200, "git:" + "a" * 40, "git:" + "a" * 40, "matches"
            ),
            ask.TransferFile(
                "model-00001-of-00002.gguf", 3 * GIB, int(1.9 * GIB), DIGEST, "", "partial"
            ),
            ask.TransferFile("model-00002-of-00002.gguf", int(1.58 * GIB), 0, OTHER),
        ),
    )


def held_row() -> ask.TransferRow:
    """Bytes that were refused."""
    return ask.TransferRow(
        id="held-1",
        kind="held",
        title="yi-1.5-9b-merged",
        state="quarantined",
        done_bytes=int(4.72 * GIB),
        total_bytes=int(4.72 * GIB),
        files_done=1,
        files=1,
        reason="yi-1.5-9b-merged-Q4_K_S.gguf is not what its publisher declared. "
        "Get it again from another source, or ask the sender for a new copy.",
        request={},
        model="yi-1.5-9b-merged",
        parts=(
            ask.TransferFile(
                "yi-1.5-9b-merged-Q4_K_S.gguf",
                int(4.72 * GIB),
                int(4.72 * GIB),
                DIGEST,
                OTHER,
                "differs",
            ),
        ),
    )


def model_row(name: str, state: str = "admitted") -> ask.ModelRow:
    """A model as an import leaves it."""
    return ask.ModelRow(
        name=name,
        title=name,
        publisher="Qwen",
        digest=DIGEST,
        state=state,
        format="gguf",
        quantization="Q4_K_M",
        architecture="qwen3",
        size_bytes=int(2.5 * GIB),
        parameters=4_000_000_000,
        context_length=40960,
        license_id="apache-2.0",
        license_state="yes",
        trust=ask.TrustFacts("matches", None, "clean", "policy"),
        added_at="2026-11-25T16:00:00.000Z",
        last_verified_at="2026-11-25T16:00:00.000Z",
    )


def taken(name: str, state: str = "admitted") -> ask.ModelTaken:
    """What an import or a pull comes back with."""
    file = ask.ModelFile(f"{name}.gguf", int(2.5 * GIB), DIGEST, "matches")
    return ask.ModelTaken(model_row(name, state), (file,), int(2.5 * GIB), 0)


MISMATCH = CheckFailed(
    "llama-3.1-8b-briefs-Q4_K_M.gguf is not what its publisher declared. It was moved to quarantine; "
    "nothing was installed.",
    next_step="Download it from another source, or tell the publisher.",
    path="llama-3.1-8b-briefs-Q4_K_M.gguf",
    expected=DIGEST,
    actual=OTHER,
)
UNREACHABLE = RemoteFailure(
    "hub.example does not answer. What arrived is kept.", next_step="Resume it later."
)


SITE_KEY = ask.BundleSigner("Site key 2", "k7f2-90aa", True)
STRANGER = ask.BundleSigner("lab 3", "c0ff-ee11", False, "this key is not trusted here")


def bundle_report(
    *signers: ask.BundleSigner, problems: tuple[ask.BundleProblem, ...] = ()
) -> ask.BundleReport:
    """What inspecting a bundle comes back with."""
    models = (
        ask.BundleModel("qwen3-8b", DIGEST, int(4.68 * GIB), "gguf", "Q4_K_M", "apache-2.0"),
        ask.BundleModel("gemma-3-4b-it", OTHER, int(2.94 * GIB), "gguf", "Q4_0", "gemma", True),
    )
    files = tuple(
        ask.BundleFile(
            f"models/{model.name}/{model.name}.gguf", model.size_bytes, DIGEST, "weights"
        )
        for model in models
    )
    return ask.BundleReport(
        path="/media/stick/B-2026-0043.steelyard.001",
        serial=43,
        sender="records.site",
        created_at="2025-11-18T14:02:11.000Z",
        signers=signers or (SITE_KEY,),
        models=models,
        files=files,
        ok=not problems,
        problems=problems,
        size_bytes=int(7.7 * GIB),
        parts=("B-2026-0043.steelyard.001", "B-2026-0043.steelyard.002"),
    )


def bundle_imported(**changes: Any) -> ask.BundleImported:
    """What importing it comes back with."""
    report = bundle_report()
    values: dict[str, Any] = {
        "serial": report.serial,
        "sender": report.sender,
        "signers": report.signers,
        "models": report.models,
        "files": report.files,
        "ok": True,
        "problems": (),
        "bytes_fetched": int(4.68 * GIB),
        "bytes_reused": int(2.94 * GIB),
        "repaired_bytes": 0,
        "receipt": "/media/stick/B-2026-0043.receipt.json",
    }
    return ask.BundleImported(**{**values, **changes})


UNTRUSTED = (
    ask.BundleProblem("untrusted", "signatures/c0ffee11.json", "lab 3 is not trusted here"),
)
OLD_SERIAL = (ask.BundleProblem("old-serial", "bundle.json", "serial 43 came on 18 Nov before"),)
DAMAGED = (
    ask.BundleProblem(
        "mismatch", "models/qwen3-8b/qwen3-8b.gguf", "1 MiB differs", ((1 << 20, 2 << 20),)
    ),
)
KEYS = ask.KeyList(
    (
        ask.KeyRow(
            "records 1",
            "k7f2-90aa",
            DIGEST,
            "p256",
            ("bundle",),
            own=True,
            origin="own",
            state="in-force",
            valid_from="2026-01-01T00:00:00Z",
            valid_until=None,
        ),
        ask.KeyRow(
            "records 2",
            "aa01-77d3",
            OTHER,
            "p256",
            ("bundle",),
            own=True,
            origin="own",
            state="in-force",
            valid_from="2026-01-01T00:00:00Z",
            valid_until=None,
            protected=True,
        ),
    ),
    "user",
)
FOUND = ask.ModelsFound(
    (
        ask.FoundModel(
            "/home/a/.ollama/models/qwen3:8b", "qwen3:8b", "ollama", "gguf", int(4.9 * GIB), True
        ),
        ask.FoundModel(
            "/home/a/.cache/huggingface/hub/models--google--gemma-3-4b-it",
            "google/gemma-3-4b-it",
            "huggingface",
            "safetensors",
            int(8.6 * GIB),
            True,
            "gemma-3-4b-it",
        ),
        ask.FoundModel(
            "/mnt/d/lm/phi-4.gguf", "phi-4-mini", "lm-studio", "gguf", int(2.6 * GIB), False
        ),
    ),
    ("/home/a/.cache/huggingface/hub", "/home/a/.ollama/models", "/mnt/d/lm"),
)


def every_state(desk: Desk, runner: JobRunner) -> None:
    """Begin and lay out transfers in every state."""
    fetching, hashing = (
        "Qwen/Qwen3-8B-GGUF:Qwen3-8B-Q4_K_M.gguf",
        Path("/media/stick/gemma-3-4b-it.gguf"),
    )
    desk.rows = [
        pull_row("google/gemma-3-12b", reason="It was paused. Resume it, or discard it."),
        pull_row("mistralai/Mistral-Nemo", state="fetching"),
        held_row(),
        pull_row(fetching, identifier="pull-running", state="fetching"),
    ]
    desk.reports = {
        fetching: (Progress("fetching", int(2.1 * GIB), int(4.58 * GIB), detail="model.gguf"),),
        str(hashing): (Progress("scanning", 0, None, "items", "gemma-3-4b-it.gguf"),),
        "/media/stick/B-2026-0043.steelyard": (
            Progress("repairing", int(1.2 * GIB), int(9.26 * GIB), detail="qwen3-8b"),
        ),
    }
    desk.ends = {
        "/media/stick/qwen3-4b.gguf": taken("qwen3-4b"),
        "harborlight/briefs": MISMATCH,
        "owner/unreachable": UNREACHABLE,
    }
    for request in (
        ask.PullModel("owner/unreachable"),
        ask.PullModel("harborlight/briefs"),
        ask.ImportModel(Path("/media/stick/qwen3-4b.gguf")),
        ask.ImportBundle(Path("/media/stick/B-2026-0043.steelyard")),
        ask.ImportModel(hashing),
        ask.PullModel(fetching),
    ):
        runner.act(request, title="Transfer")


def pictures(app: QApplication, folder: Path) -> list[Path]:
    """Photograph the page in both themes and two sizes."""
    from steelyard.gui.pages import specs
    from steelyard.gui.theme import appearance

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    desk = Desk()
    runner = JobRunner(desk)
    window = Window(runner, specs())
    window.show()
    window.go("transfers")

    def settle() -> None:
        from PySide6.QtTest import QTest

        QTest.qWait(100)
        while any(task.job is None for task in runner._live.values()):
            QTest.qWait(20)
        QTest.qWait(100)

    def shoot(name: str) -> None:
        for theme in ("light", "dark"):
            appearance.apply(app, theme)
            for width, height in ((1024, 700), (1440, 900)):
                window.resize(width, height)
                settle()
                target = folder / f"transfers-{name}-{theme}-{width}.png"
                window.grab().save(str(target))
                written.append(target)

    settle()
    shoot("empty")
    every_state(desk, runner)
    settle()
    settle()
    shoot("all")
    page = window.page("transfers")
    table = page._table  # type: ignore[union-attr]
    for name, wanted in (("failed", "failed"), ("held", "quarantined"), ("done", "admitted")):
        for transfer in window.transfers.all:
            if transfer.state == wanted:
                table.choose(transfer.key)
        shoot(name)
    for name, dialog in dialogs(desk, window):
        dialog.open()
        for theme in ("light", "dark"):
            appearance.apply(app, theme)
            settle()
            target = folder / f"{name}-{theme}.png"
            dialog.grab().save(str(target))
            written.append(target)
        dialog.reject()
        settle()
    from steelyard.gui.frame.dropped import look_at

    for name, paths in (("good", ["a.gguf"]), ("wrong", ["b.bin"])):
        for path in paths:
            (folder / path).touch()
        window._drop_hint.show_for(look_at([folder / path for path in paths]))
        settle()
        window.grab().save(str(folder / f"drop-{name}.png"))
        for path in paths:
            (folder / path).unlink()
    window._drop_hint.hide()
    desk.go_on.set()
    settle()
    window._quit_agreed = True
    window.close()
    runner.close()
    return written


def dialogs(desk: Desk, window: Window) -> Iterator[tuple[str, Any]]:
    """Every dialog of transfers, in its states."""
    from steelyard.gui.pages.bundle_in import BundleInDialog
    from steelyard.gui.pages.bundle_out import BundleOutDialog
    from steelyard.gui.pages.found_models import FoundModelsDialog

    path = Path("/media/stick/B-2026-0043.steelyard.001")
    for name, report in (
        ("trusted", bundle_report()),
        ("untrusted", bundle_report(STRANGER, problems=UNTRUSTED)),
        ("old", bundle_report(problems=OLD_SERIAL)),
        ("damaged", bundle_report(problems=DAMAGED)),
    ):
        desk.on(ask.InspectBundle, lambda *_, report=report: report)
        yield f"bundle-in-{name}", BundleInDialog(window, window.shell, path)
    done = BundleInDialog(window, window.shell, path)
    done._show_report(bundle_report())
    desk.ends[str(path)] = bundle_imported()
    done._start()
    yield "bundle-in-done", done
    desk.on(ask.ListKeys, lambda *_: KEYS)
    models = (model_row("qwen3-8b"), model_row("gemma-3-4b-it"))
    yield "bundle-out", BundleOutDialog(window, window.shell, models)
    written = BundleOutDialog(window, window.shell, models)
    written._show_keys(KEYS)
    desk.ends[written._where.text()] = bundle_report()
    written._start()
    yield "bundle-out-done", written
    desk.on(ask.FindModels, lambda *_: FOUND)
    yield "found-models", FoundModelsDialog(window, window.shell)


def main() -> int:
    """Write the pictures into the folder named first."""
    from steelyard.gui.app import make_application

    app = make_application()
    for path in pictures(app, Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
