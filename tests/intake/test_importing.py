"""Importing from a disk: copied once, hashed on the way, judged, admitted; or refused with nothing left."""

from __future__ import annotations

import json
import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from formats.gguf_builder import Tensor, build_gguf, tiny_llama
from intake.judging import Unthinned, judge_here
from steelyard.base.digests import digest_of
from steelyard.base.errors import Cancelled, MalformedInput, OutOfResources
from steelyard.base.paths import Home
from steelyard.base.progress import CancelToken, Progress, Reporter
from steelyard.formats.errors import PickleRefused
from steelyard.intake import copying, importer
from steelyard.intake.errors import (
    ChooseFile,
    DigestMismatch,
    LinkLeavesFolder,
    NotImportable,
    OnlyPickles,
    PartMissing,
    RefusedBefore,
    ScanFoundProblems,
    SourceChanged,
    SourceMissing,
    SourceUnreadable,
)
from steelyard.intake.importer import import_path
from steelyard.intake.records import Taken
from steelyard.store.errors import DiskFull, InvalidName, NameTaken
from steelyard.store.records import PublisherHash, Scan, State
from steelyard.store.store import Store
from store.model_samples import everything

GGUF = tiny_llama()


@pytest.fixture
def store(home: Home) -> Store:
    return Store(home)


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "Tiny Model-F32.gguf"
    path.write_bytes(GGUF)
    return path


def take(store: Store, path: Path, **options: object) -> Taken:
    return import_path(store, path, **{"judge": judge_here, **options})  # type: ignore[arg-type]  # by name


def safetensors_bytes(count: int = 64) -> bytes:
    header = json.dumps(
        {
            "model.embed_tokens.weight": {
                "dtype": "F32",
                "shape": [count],
                "data_offsets": [0, 4 * count],
            }
        }
    ).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + b"\0" * (4 * count)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my-model"
    folder.mkdir()
    config = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 16}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.safetensors").write_bytes(safetensors_bytes())
    (folder / "README.md").write_text("---\nlicense: mit\nbase_model: owner/base\n---\n# Card\n")
    (folder / "training.log").write_text("not part of it")
    (folder / "modeling_own.py").write_text("raise SystemExit")
    return folder


def test_a_gguf_file_is_admitted_with_what_its_header_says(store: Store, gguf: Path) -> None:
    taken = take(store, gguf)
    model = taken.model
    assert model.state is State.ADMITTED
    assert (model.name, model.manifest.title) == ("Tiny-Model-F32", "tiny")
    assert (model.manifest.format, model.manifest.architecture) == ("gguf", "llama")
    assert model.manifest.source.kind == "file"
    assert model.trust.scan is Scan.CLEAN
    assert model.trust.publisher_hash is PublisherHash.NONE_GIVEN
    assert model.trust.approved_by == "policy"
    assert (taken.bytes_fetched, taken.bytes_reused) == (len(GGUF), 0)
    assert store.main_file(model).read_bytes() == GGUF
    assert store.check_unchanged(model)
    assert gguf.read_bytes() == GGUF


def test_the_source_is_read_once(store: Store, gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    real = copying.open_regular

    def counting(path: Path) -> int:
        opened.append(path)
        return real(path)

    monkeypatch.setattr(copying, "open_regular", counting)
    take(store, gguf)
    assert opened == [gguf]


def test_importing_twice_is_one_model_and_copies_no_more(store: Store, gguf: Path) -> None:
    first = take(store, gguf)
    before = everything(store.home)
    again = take(store, gguf)
    assert again.model == first.model
    assert (again.bytes_fetched, again.bytes_reused) == (0, len(GGUF))
    assert everything(store.home) == before


def test_the_right_digest_is_noted_also_on_a_second_import(store: Store, gguf: Path) -> None:
    take(store, gguf)
    model = take(store, gguf, expected_sha256=digest_of(GGUF).upper().removeprefix("SHA256:")).model
    assert model.trust.publisher_hash is PublisherHash.MATCHES
    assert model.manifest.files[0].publisher_hash is PublisherHash.MATCHES
    assert take(store, gguf).model.trust.publisher_hash is PublisherHash.MATCHES


def test_a_wrong_digest_is_refused_and_said_and_kept_in_quarantine(
    store: Store, gguf: Path
) -> None:
    wrong = "sha256:" + "0" * 64
    with pytest.raises(DigestMismatch) as refusal:
        take(store, gguf, expected_sha256=wrong)
    facts = refusal.value.facts
    assert (facts["expected"], facts["actual"]) == (wrong, digest_of(GGUF))
    (model,) = store.models()
    assert model.state is State.QUARANTINED
    assert model.trust.publisher_hash is PublisherHash.DIFFERS
    assert model.trust.scan is Scan.NOT_RUN
    assert model.reason
    assert facts["digest"] == model.digest
    assert (store.view(model) / gguf.name).read_bytes() == GGUF
    assert not (store.home.store / "blobs").exists()


def test_refused_bytes_do_not_come_in_by_leaving_the_digest_out(store: Store, gguf: Path) -> None:
    with pytest.raises(DigestMismatch):
        take(store, gguf, expected_sha256="0" * 64)
    with pytest.raises(RefusedBefore):
        take(store, gguf)
    assert store.models()[0].state is State.QUARANTINED
    assert take(store, gguf, expected_sha256=digest_of(GGUF)).model.state is State.ADMITTED
    assert len(store.models()) == 1


def test_after_the_refused_model_was_removed_the_file_may_come_in(store: Store, gguf: Path) -> None:
    with pytest.raises(DigestMismatch):
        take(store, gguf, expected_sha256="0" * 64)
    store.remove(store.models()[0])
    model = take(store, gguf).model
    assert (model.state, model.trust.publisher_hash) == (State.ADMITTED, PublisherHash.NONE_GIVEN)


def test_a_wrong_digest_does_not_touch_an_admitted_model(store: Store, gguf: Path) -> None:
    model = take(store, gguf).model
    before = everything(store.home)
    with pytest.raises(DigestMismatch):
        take(store, gguf, expected_sha256="0" * 64)
    assert store.models() == (model,)
    assert everything(store.home) == before


def test_a_malformed_digest_is_refused_before_anything_is_read(store: Store, gguf: Path) -> None:
    with pytest.raises(MalformedInput):
        take(store, gguf, expected_sha256="abc")
    assert everything(store.home) == {}


def test_a_malformed_file_is_rejected_explained_and_kept_apart(store: Store, gguf: Path) -> None:
    gguf.write_bytes(GGUF[:200])
    with pytest.raises(MalformedInput) as refusal:
        take(store, gguf)
    (model,) = store.models()
    assert model.state is State.REJECTED
    assert model.reason
    assert model.trust.scan is Scan.FINDINGS
    assert refusal.value.facts["model"] == model.name
    assert "quarantine" in refusal.value.message
    assert refusal.value.next_step
    assert (store.view(model) / gguf.name).read_bytes() == GGUF[:200]
    with pytest.raises(MalformedInput):
        take(store, gguf)
    assert len(list(store.home.quarantine.iterdir())) == 1


def test_when_the_worker_dies_the_bytes_wait_in_quarantine(store: Store, gguf: Path) -> None:
    def dies(path: Path, report: Reporter) -> object:
        raise OutOfResources("The inspection ended by itself.")

    with pytest.raises(OutOfResources):
        take(store, gguf, judge=dies)
    (model,) = store.models()
    assert (model.state, model.trust.scan) == (State.QUARANTINED, Scan.NOT_RUN)
    assert take(store, gguf).model.state is State.ADMITTED


def test_bytes_changed_while_they_were_judged_are_not_admitted(store: Store, gguf: Path) -> None:
    def tampering(path: Path, report: Reporter) -> object:
        facts = judge_here(path, report)
        before = path.stat()
        path.write_bytes(bytes(len(GGUF)))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return facts

    with pytest.raises(SourceChanged):
        take(store, gguf, judge=tampering)
    assert store.models() == ()
    assert everything(store.home) == {}


def test_findings_reject_where_policy_requires_a_clean_scan(store: Store, gguf: Path) -> None:
    import dataclasses

    def finds(path: Path, report: Reporter) -> object:
        return dataclasses.replace(judge_here(path, report), findings=("It hides something.",))

    with pytest.raises(ScanFoundProblems) as refusal:
        take(store, gguf, judge=finds)
    assert refusal.value.facts["findings"] == ["It hides something."]
    assert store.models()[0].state is State.REJECTED
    model = take(store, gguf, judge=finds, required=frozenset()).model
    assert (model.state, model.trust.findings) == (State.ADMITTED, ("It hides something.",))


def test_policy_may_ask_for_more_before_a_model_is_admitted(store: Store, gguf: Path) -> None:
    required = frozenset({"scan", "publisher-hash", "approval"})
    model = take(store, gguf, required=required).model
    assert (model.state, model.trust.approved_by) == (State.VERIFIED, None)
    assert model.reason == "Waits for: publisher-hash, approval."
    model = take(store, gguf, required=required, expected_sha256=digest_of(GGUF)).model
    assert (model.state, model.reason) == (State.VERIFIED, "Waits for: approval.")


@pytest.mark.parametrize(
    ("name", "error"), [("../x", InvalidName), ("CON", InvalidName), ("", InvalidName)]
)
def test_an_invalid_name_is_refused_before_anything_is_copied(
    store: Store, gguf: Path, name: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        take(store, gguf, name=name)
    assert everything(store.home) == {}


def test_a_taken_name_is_refused_before_anything_is_copied(store: Store, gguf: Path) -> None:
    take(store, gguf, name="mine")
    gguf.write_bytes(tiny_llama(general__name="a longer name"))
    with pytest.raises(NameTaken):
        take(store, gguf, name="MINE")
    assert len(store.models()) == 1
    assert list(store.home.quarantine.iterdir()) == []


def test_all_parts_of_a_split_file_come_in_whichever_was_named(
    store: Store, tmp_path: Path
) -> None:
    for part in (1, 2):
        (tmp_path / f"m-0000{part}-of-00002.gguf").write_bytes(GGUF + bytes([part]))

    def judge(path: Path, report: Reporter) -> object:
        parts = ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"]
        assert sorted(part.name for part in path.iterdir()) == parts
        return judge_here(tmp_path / "whole.gguf", report)

    (tmp_path / "whole.gguf").write_bytes(GGUF)
    model = take(store, tmp_path / "m-00002-of-00002.gguf", judge=judge).model
    assert (model.name, len(model.manifest.files)) == ("m", 2)
    assert store.main_file(model).name == "m-00001-of-00002.gguf"


def test_a_missing_part_is_named_and_nothing_is_copied(store: Store, tmp_path: Path) -> None:
    (tmp_path / "m-00001-of-00003.gguf").write_bytes(GGUF)
    (tmp_path / "m-00003-of-00003.gguf").write_bytes(GGUF)
    with pytest.raises(PartMissing) as refusal:
        take(store, tmp_path / "m-00003-of-00003.gguf")
    assert refusal.value.facts["path"] == "m-00002-of-00003.gguf"
    assert everything(store.home) == {}


def test_a_safetensors_folder_brings_its_model_and_leaves_the_rest(
    store: Store, folder: Path
) -> None:
    taken = take(store, folder)
    manifest = taken.model.manifest
    assert taken.model.state is State.ADMITTED
    assert (taken.model.name, manifest.format) == ("my-model", "safetensors")
    assert [file.path for file in manifest.files] == [
        "README.md",
        "config.json",
        "model.safetensors",
    ]
    assert taken.left_out == ("modeling_own.py", "training.log")
    assert manifest.license.card == "mit"
    assert manifest.license.license_id is not None
    assert "owner/base" in manifest.base_models
    assert store.main_file(taken.model) == store.view(taken.model)


def test_witnesses_that_disagree_are_noted(store: Store, folder: Path) -> None:
    (folder / "LICENSE").write_text("All rights reserved by nobody in particular. " * 40)
    evidence = take(store, folder).model.manifest.license
    assert evidence.file_path == "LICENSE"
    assert not evidence.agree


def test_a_folder_with_one_gguf_is_that_model(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "download"
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(GGUF)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    model = take(store, folder, expected_sha256=digest_of(GGUF)).model
    assert (model.name, model.manifest.license.card) == ("tiny", "apache-2.0")
    assert [file.publisher_hash for file in model.manifest.files] == [
        PublisherHash.NONE_GIVEN,
        PublisherHash.MATCHES,
    ]
    # The card came without a digest, so not everything is what its publisher declared.
    assert model.trust.publisher_hash is PublisherHash.NONE_GIVEN


def test_a_folder_with_several_models_asks_which(store: Store, tmp_path: Path) -> None:
    for name in ("a-Q4_K_M.gguf", "a-Q8_0.gguf"):
        (tmp_path / name).write_bytes(GGUF)
    with pytest.raises(ChooseFile) as refusal:
        take(store, tmp_path)
    assert refusal.value.facts["choices"] == [
        {"path": "a-Q4_K_M.gguf", "size_bytes": len(GGUF)},
        {"path": "a-Q8_0.gguf", "size_bytes": len(GGUF)},
    ]


def test_pickles_are_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x02}q\x00.")
    with pytest.raises(OnlyPickles):
        take(store, tmp_path)
    assert everything(store.home) == {}


@pytest.mark.parametrize("link", ["model.safetensors", "README.md"])
def test_a_link_out_of_the_folder_is_refused(store: Store, folder: Path, link: str) -> None:
    secret = folder.parent / "secret"
    secret.write_bytes((folder / link).read_bytes())
    (folder / link).unlink()
    (folder / link).symlink_to(secret)
    with pytest.raises(LinkLeavesFolder):
        take(store, folder)
    assert everything(store.home) == {}


def test_a_link_within_the_folder_and_to_the_file_itself_is_followed(
    store: Store, folder: Path, gguf: Path
) -> None:
    (folder / "README.md").rename(folder / "card.txt")
    (folder / "README.md").symlink_to("card.txt")
    model = take(store, folder).model
    assert not (store.view(model) / "README.md").is_symlink()
    named = gguf.parent / "by-name.gguf"
    stored = gguf.rename(gguf.parent / "0123456789abcdef")
    named.symlink_to(stored)
    assert take(store, named).model.name == "by-name"


def test_a_link_in_a_folder_that_is_not_taken_does_no_harm(store: Store, folder: Path) -> None:
    (folder / "elsewhere.txt").symlink_to("/etc/hostname")
    (folder / "broken.txt").symlink_to("nowhere")
    assert "elsewhere.txt" in take(store, folder).left_out


def test_a_pipe_named_like_a_model_does_not_hold_the_program(store: Store, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(LinkLeavesFolder):
        take(store, tmp_path / "pipe.gguf")
    with pytest.raises(LinkLeavesFolder):
        take(store, tmp_path)


def test_what_is_not_a_model_is_said(store: Store, tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        take(store, tmp_path / "nothing.gguf")
    other = tmp_path / "model.onnx"
    other.write_bytes(b"x")
    with pytest.raises(NotImportable):
        take(store, other)
    with pytest.raises(NotImportable):
        take(store, tmp_path)


def test_a_digest_for_a_folder_is_refused(store: Store, folder: Path) -> None:
    with pytest.raises(NotImportable):
        take(store, folder, expected_sha256="0" * 64)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said(store: Store, gguf: Path) -> None:
    gguf.chmod(0)
    with pytest.raises(SourceUnreadable):
        take(store, gguf)


def large(path: Path) -> Path:
    """Larger than the pieces a file is copied in: one more tensor, of zeros."""
    size = (1024, 4 * copying.PIECE_BYTES // 4096)
    path.write_bytes(build_gguf({"general.architecture": "llama"}, [Tensor("x.weight", size)]))
    return path


def test_progress_counts_the_copied_bytes(store: Store, gguf: Path) -> None:
    seen: list[Progress] = []
    take(store, large(gguf), report=Reporter(seen.append))
    copied = [progress for progress in seen if progress.stage == "copying"]
    assert copied[0].done == 0
    assert copied[-1].done == copied[-1].total == gguf.stat().st_size


def test_cancelled_at_any_point_nothing_stays(store: Store, gguf: Path) -> None:
    large(gguf)
    stages: set[str] = set()
    for stop_at in range(1, 9):
        token, calls = CancelToken(), 0

        def listen(progress: Progress, stop_at: int = stop_at, token: CancelToken = token) -> None:
            nonlocal calls
            calls += 1
            if calls == stop_at:
                stages.add(progress.stage)
                token.cancel()

        try:
            take(store, gguf, report=Unthinned(listen, token))
        except Cancelled:
            assert everything(store.home) == {}
            assert store.models() == ()
            assert list(store.home.quarantine.iterdir()) == []
        else:
            break
    assert {"copying", "admitting"} <= stages


def test_a_source_written_to_while_it_is_copied_is_noticed(store: Store, gguf: Path) -> None:
    large(gguf)

    def listen(progress: Progress) -> None:
        if 0 < progress.done < (progress.total or 0):
            with gguf.open("r+b") as stream:
                stream.write(b"X")

    with pytest.raises(SourceChanged):
        take(store, gguf, report=Unthinned(listen))
    assert everything(store.home) == {}


def test_a_source_that_shrinks_while_it_is_copied_is_noticed(store: Store, gguf: Path) -> None:
    large(gguf)

    def listen(progress: Progress) -> None:
        if 0 < progress.done < (progress.total or 0):
            os.truncate(gguf, progress.done)

    with pytest.raises(SourceChanged):
        take(store, gguf, report=Unthinned(listen))
    assert everything(store.home) == {}


def test_no_room_is_said_before_anything_is_copied(store: Store, tmp_path: Path) -> None:
    sparse = tmp_path / "huge.gguf"
    with sparse.open("wb") as stream:
        stream.truncate(2**42)  # 4 TiB with a hole
    if store.free_bytes() > 2**42:
        pytest.skip("this disk has more than 4 TiB free")
    with pytest.raises(DiskFull) as refusal:
        take(store, sparse)
    assert refusal.value.facts["needed_bytes"] == 2**42 + importer.SPARE_BYTES
    assert everything(store.home) == {}


@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_a_disk_that_fills_up_meanwhile_leaves_nothing(
    store: Store, gguf: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    if failing == "fsync":
        monkeypatch.setattr(copying.os, "fsync", full)
    else:
        monkeypatch.setattr(copying, "_pour", _pour_onto(full))
    with pytest.raises(DiskFull):
        take(store, gguf)
    monkeypatch.undo()
    assert everything(store.home) == {}
    assert list(store.home.quarantine.iterdir()) == []


def _pour_onto(write: Callable[..., int]) -> Callable[..., int]:
    real = copying._pour
    return lambda read, _, *others: real(read, write, *others)


def test_a_source_that_disappears_is_said(
    store: Store, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> int:
        raise OSError(5, "Input/output error")

    real = copying._pour
    monkeypatch.setattr(copying, "_pour", lambda read, *others: real(gone, *others))
    with pytest.raises(SourceUnreadable) as refusal:
        take(store, gguf)
    assert refusal.value.facts["reason"] == "Input/output error"
    assert everything(store.home) == {}


def test_bytes_in_quarantine_are_private(store: Store, gguf: Path) -> None:
    modes = []

    def looking(path: Path, report: Reporter) -> object:
        modes.extend(
            stat.S_IMODE(each.stat().st_mode) for each in (path.parent, path.parent.parent)
        )
        return judge_here(path, report)

    take(store, gguf, judge=looking)
    assert modes == [0o700, 0o700]


def test_the_real_worker_judges_by_default(store: Store, gguf: Path) -> None:
    model = import_path(store, gguf).model
    assert (model.state, model.trust.scan) == (State.ADMITTED, Scan.CLEAN)
    assert store.facts(model)["architecture"] == "llama"


def test_the_shared_model_is_taken_in(store: Store, shared_folder: Path) -> None:
    source = shared_folder / "models" / "stories260K-F32.gguf"
    model = take(store, source).model
    assert model.state is State.ADMITTED
    assert store.main_file(model).read_bytes() == source.read_bytes()


@pytest.mark.parametrize("name", ["README.md", "LICENSE"])
def test_a_pickle_called_a_card_is_refused_beside_the_best_of_models(
    store: Store, tmp_path: Path, name: str
) -> None:
    (tmp_path / "tiny.gguf").write_bytes(GGUF)
    (tmp_path / name).write_bytes(b"cos\nsystem\n(S'id'\ntR.")
    with pytest.raises(PickleRefused):
        take(store, tmp_path)
    assert [model.state for model in store.models()] == [State.REJECTED]


def test_a_pickle_called_the_second_part_is_refused(store: Store, tmp_path: Path) -> None:
    first = tmp_path / "a-00001-of-00002.gguf"
    first.write_bytes(GGUF)  # whole by its header, so that no engine would ask for the other
    (tmp_path / "a-00002-of-00002.gguf").write_bytes(b"cos\nsystem\n(S'id'\ntR.")
    with pytest.raises(MalformedInput):
        take(store, first)
    assert [model.state for model in store.models()] == [State.REJECTED]
