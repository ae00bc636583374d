"""The log for others: line by line, as a table no spreadsheet obeys, and as a package an auditor checks alone."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.logs import event, fill, opened
from steelyard.audit.checkpoints import Checkpoints
from steelyard.audit.entry import Event, Outcome
from steelyard.audit.errors import ExportRefused
from steelyard.audit.export import COLUMNS, Exported, Form, export_log, safe_cell
from steelyard.base.errors import Cancelled
from steelyard.base.paths import resource
from steelyard.base.progress import CancelToken, Reporter


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Checkpoints:
    made = opened(tmp_path_factory.mktemp("log"))
    fill(made.log, 300)
    return made


@pytest.fixture(scope="module")
def package(checkpoints: Checkpoints, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export_log(checkpoints, tmp_path_factory.mktemp("out") / "package", Form.PACKAGE)


def verify(folder: Path, *arguments: str | Path) -> tuple[int, str]:
    """Run the package's own verifier, isolated: no path of ours, no environment, no user packages."""
    done = subprocess.run(
        [sys.executable, "-I", str(folder / "verify.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
        cwd=folder,
        env={"SYSTEMROOT": os.environ.get("SYSTEMROOT", ""), "PYTHONUTF8": "1"},
    )
    assert done.stderr == "", done.stderr
    return done.returncode, done.stdout


def copied(package: Exported, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(package.path, tmp_path / "copy"))


def test_the_lines_are_the_log(checkpoints: Checkpoints, tmp_path: Path) -> None:
    done = export_log(checkpoints, tmp_path / "log.jsonl", Form.JSON_LINES)
    assert (tmp_path / "log.jsonl").read_bytes() == checkpoints.log.entries_file.read_bytes()
    assert (done.entries, done.checkpoint.size) == (300, 300)


def test_the_table_holds_every_entry(checkpoints: Checkpoints, tmp_path: Path) -> None:
    export_log(checkpoints, tmp_path / "log.csv", Form.CSV, chosen=lambda e: e.seq > 290)
    rows = list(csv.reader(io.StringIO((tmp_path / "log.csv").read_text("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    assert [row[0] for row in rows[1:]] == [str(n) for n in range(291, 301)]
    assert rows[1][5:7] == ["model-290", event(290).subject["digest"]]


NASTY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\x00=1",
    "＝1",
    '"=1',
    "a\r\n=cmd|' /C calc'!A0",
    "\u2028=1",
    "\u202e=1",
    "\ufeff=1",
]


@pytest.mark.parametrize("text", NASTY)
def test_no_cell_begins_a_formula_or_a_second_line(tmp_path: Path, text: str) -> None:
    checkpoints = opened(tmp_path)
    checkpoints.log.append(
        Event(text, Outcome.DONE, {"name": text}, {"text": text}, text, text, text)
    )
    export_log(checkpoints, tmp_path / "log.csv", Form.CSV)
    data = (tmp_path / "log.csv").read_bytes()
    assert data.count(b"\r") == data.count(b"\n") == 2
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == 2
    for cell in rows[1]:
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
        assert cell.isprintable()


@given(st.text(max_size=30))
def test_a_safe_cell_is_printable_and_no_formula(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@"))
    assert not any(c in cell for c in "\t\r\n\0")


def test_the_verifier_is_short_and_needs_nothing_of_ours() -> None:
    text = resource("audit", "verify.py").read_text()
    assert text.count("\n") <= 200
    imported = [
        line.split()[1] for line in text.splitlines() if line.startswith(("import", "from"))
    ]
    ours = {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert ours == {"cryptography"}


def test_an_auditor_checks_the_whole_log_alone(checkpoints: Checkpoints, package: Exported) -> None:
    code, said = verify(package.path)
    assert code == 0, said
    assert "all 300 entries" in said
    key = checkpoints.note_key().text()
    assert key in said
    assert "Compare" in said
    code, said = verify(package.path, "--key", key)
    assert code == 0
    assert "Compare" not in said
    assert package.checkpoint.root.hex() in said
    assert key in (package.path / "README.txt").read_text()


def test_chosen_entries_come_with_a_proof_each(checkpoints: Checkpoints, tmp_path: Path) -> None:
    out = tmp_path / "chosen"
    done = export_log(checkpoints, out, Form.PACKAGE, chosen=lambda e: e.seq in (3, 256, 299))
    assert done.entries == 3
    assert verify(out)[0] == 0
    document = json.loads((out / "evidence.json").read_text())
    document["entries"][1]["line"] = document["entries"][0]["line"]
    (out / "evidence.json").write_text(json.dumps(document))
    code, said = verify(out)
    assert (code, "entry 256 is not proven" in said) == (1, True)


def test_an_older_checkpoint_is_compared(tmp_path: Path) -> None:
    checkpoints = opened(tmp_path / "log")
    fill(checkpoints.log, 10)
    (tmp_path / "old").write_bytes(checkpoints.make().document)
    fill(checkpoints.log, 10)
    done = export_log(checkpoints, tmp_path / "package", Form.PACKAGE)
    assert verify(done.path, "--against", tmp_path / "old")[0] == 0
    # The same size, key and name, and another history.
    other = opened(tmp_path / "log")
    for file in other.log.folder.rglob("*"):
        if file.is_file() and file.name != "origin":
            file.unlink()
    from steelyard.audit.log import AuditLog

    AuditLog(other.log.folder).append_all([event(n + 99) for n in range(30)])
    forged = export_log(opened(tmp_path / "log"), tmp_path / "forged", Form.PACKAGE)
    assert verify(forged.path)[0] == 0
    code, said = verify(forged.path, "--against", tmp_path / "old")
    assert (code, "another history" in said) == (1, True)


def replaced(name: str, old: bytes, new: bytes) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        data = (folder / name).read_bytes()
        assert old in data
        (folder / name).write_bytes(data.replace(old, new, 1))

    return change


BREAKS: dict[str, Callable[[Path], object]] = {
    "an entry changed": replaced("entries.jsonl", b'"n":123', b'"n":124'),
    "an entry cut out": lambda f: (f / "entries.jsonl").write_bytes(
        b"".join((f / "entries.jsonl").read_bytes().splitlines(keepends=True)[:-1])
    ),
    "an entry repeated": lambda f: (f / "entries.jsonl").write_bytes(
        (f / "entries.jsonl").read_bytes()
        + (f / "entries.jsonl").read_bytes().splitlines(keepends=True)[-1]
    ),
    "the last line torn": lambda f: (f / "entries.jsonl").write_bytes(
        (f / "entries.jsonl").read_bytes()[:-1]
    ),
    "no entries": lambda f: (f / "entries.jsonl").write_bytes(b""),
    "entries missing": lambda f: (f / "entries.jsonl").unlink(),
    "not JSON": replaced("entries.jsonl", b"{", b"["),
    "another size": replaced("checkpoint", b"\n300\n", b"\n299\n"),
    "no signature": lambda f: (f / "checkpoint").write_bytes(b"a\n1\nb\n"),
    "checkpoint missing": lambda f: (f / "checkpoint").unlink(),
    "another name": replaced("log-key.txt", b"steelyard.local", b"steelyard.other"),
    "key missing": lambda f: (f / "log-key.txt").unlink(),
    "no key": lambda f: (f / "log-key.txt").write_bytes(b"a+b+c"),
}


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS.keys())
def test_a_package_that_was_changed_is_refused(
    package: Exported, tmp_path: Path, change: Callable[[Path], object]
) -> None:
    folder = copied(package, tmp_path)
    change(folder)
    code, said = verify(folder)
    assert code == 1
    assert said.startswith("REFUSED: ")


def test_a_package_of_another_key_than_the_auditor_s_is_refused(
    package: Exported, tmp_path: Path
) -> None:
    other = opened(tmp_path)
    code, said = verify(package.path, "--key", other.note_key().text())
    assert (code, "another key" in said) == (1, True)


def test_nothing_is_replaced_and_nothing_half_is_left(
    checkpoints: Checkpoints, tmp_path: Path
) -> None:
    (tmp_path / "there").write_text("mine")
    for out in (tmp_path / "there", tmp_path / "no" / "such"):
        for form in Form:
            with pytest.raises(ExportRefused):
                export_log(checkpoints, out, form)
    token = CancelToken()
    token.cancel()
    for form in Form:
        with pytest.raises(Cancelled):
            export_log(checkpoints, tmp_path / "x", form, report=Reporter(cancel=token))
    assert [file.name for file in tmp_path.iterdir()] == ["there"]
