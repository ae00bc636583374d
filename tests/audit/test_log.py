"""The log finds every edit, cut, swap and repetition, survives a torn write, and takes two writers."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.logs import edits_of_entry
from steelyard.audit.entry import MAX_ENTRY_BYTES, Event, Outcome, clean, read_line
from steelyard.audit.errors import LogDamaged, LogNotWritable, NoSuchEntry
from steelyard.audit.log import AuditLog
from steelyard.audit.merkle import leaf_hash, root_hash
from steelyard.audit.verification import LogReport
from steelyard.base.canonical import canonical_bytes
from steelyard.base.errors import OutOfResources
from steelyard.base.lock import data_lock


def fill(folder: Path, count: int) -> AuditLog:
    log = AuditLog(folder)
    for number in range(count):
        log.append(
            Event(
                "model.verify",
                Outcome.DONE,
                {"name": f"model-{number}"},
                {"n": number},
                "c",
                "p",
                "a@b",
            )
        )
    return log


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return fill(tmp_path, 12)


def verify(log: AuditLog) -> LogReport:
    return log.verify()


def lines_of(log: AuditLog) -> list[bytes]:
    return log.entries_file.read_bytes().split(b"\n")[:-1]


def write_lines(log: AuditLog, lines: list[bytes]) -> None:
    log.entries_file.write_bytes(b"".join(line + b"\n" for line in lines))


def test_an_untouched_log_is_whole(log: AuditLog) -> None:
    report = verify(log)
    assert (report.ok, report.entries, report.problem) == (True, 12, None)
    assert report.root == f"sha256:{root_hash([leaf_hash(line) for line in lines_of(log)]).hex()}"


@pytest.mark.parametrize("there", range(33))
def test_a_process_killed_while_it_recorded_a_hash_did_not_edit_the_entry(
    tmp_path: Path, there: int
) -> None:
    log = fill(tmp_path, 3)
    head = log.head_file.read_bytes()
    fill(tmp_path, 1)
    log.head_file.write_bytes(head)
    whole = log.leaves_file.read_bytes()
    torn = whole[:96] + (whole[96 : 96 + there] if there < 32 else bytes(32))
    log.leaves_file.write_bytes(torn)
    assert verify(log).ok
    fill(tmp_path, 1)
    assert verify(log).ok
    assert log.leaves_file.read_bytes()[:128] == whole


def test_an_edit_before_an_entry_that_the_head_does_not_know_yet_is_found(tmp_path: Path) -> None:
    log = fill(tmp_path, 3)
    head = log.head_file.read_bytes()
    fill(tmp_path, 1)
    start = head.index(b"sha256:") + 10
    log.head_file.write_bytes(head.replace(head[start : start + 10], b"0" * 10))
    report = verify(log)
    assert report.problem is not None
    assert (report.problem.seq, report.problem.kind) == (3, "edited")


@pytest.mark.parametrize("count", [1, 5, 12, 50])
def test_the_newest_entries_come_without_reading_the_rest(
    log: AuditLog, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("steelyard.audit.files._TAIL_BYTES", 100)
    expected = list(reversed(list(log.entries())))[:count]
    assert log.newest(count) == expected
    with log.entries_file.open("ab") as stream:
        stream.write(b'{"torn')
    assert log.newest(count) == expected
    assert AuditLog(log.folder / "nowhere").newest(count) == []


def test_an_empty_log_is_whole(tmp_path: Path) -> None:
    report = verify(AuditLog(tmp_path))
    assert report.ok
    assert report.entries == 0


def test_every_changed_byte_is_found_and_its_entry_named(log: AuditLog) -> None:
    original = log.entries_file.read_bytes()
    choose = random.Random(1)  # which bytes to try, not a secret
    for position in choose.sample(range(len(original)), 400):
        changed = bytearray(original)
        changed[position] ^= 1 << choose.randrange(8)
        log.entries_file.write_bytes(changed)
        report = verify(AuditLog(log.folder))
        assert not report.ok
        assert report.problem is not None
        expected = original.count(b"\n", 0, position) + 1
        at_line_end = original[position : position + 1] == b"\n"
        assert report.problem.seq == expected, (position, report.problem, at_line_end)


def test_every_byte_of_an_entry_counts(log: AuditLog) -> None:
    edits_of_entry(log, 6, [1])


@pytest.mark.parametrize("gone", [0, 5, 11])
def test_a_cut_entry_is_found(log: AuditLog, gone: int) -> None:
    lines = lines_of(log)
    write_lines(log, lines[:gone] + lines[gone + 1 :])
    report = verify(log)
    assert report.problem is not None
    assert (report.problem.seq, report.problem.kind) == (gone + 1, "cut")


def test_a_cut_tail_is_found(log: AuditLog) -> None:
    write_lines(log, lines_of(log)[:7])
    report = verify(log)
    assert report.problem is not None
    assert (report.problem.seq, report.problem.kind) == (8, "cut")


def test_all_entries_gone_is_found(log: AuditLog) -> None:
    log.entries_file.unlink()
    assert not verify(log).ok
    with pytest.raises(LogDamaged):
        AuditLog(log.folder).append(Event("x.y", Outcome.DONE))


@pytest.mark.parametrize(
    ("rearrange", "seq"),
    [
        (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], 4),
        (lambda lines: [*lines[:6], lines[5], *lines[6:]], 7),
    ],
    ids=["swap", "repeat"],
)
def test_a_swap_or_repetition_is_found(
    log: AuditLog, rearrange: Callable[[list[bytes]], list[bytes]], seq: int
) -> None:
    write_lines(log, rearrange(lines_of(log)))
    report = verify(log)
    assert report.problem is not None
    assert report.problem.seq == seq


def test_a_rewritten_entry_with_a_right_looking_chain_is_found(log: AuditLog) -> None:
    """Whoever rewrites one entry and every link after it still differs from the recorded hashes."""
    lines = lines_of(log)
    previous = read_line(lines[4]).previous
    forged = []
    for line in lines[4:]:
        entry = read_line(line)
        text = line.decode().replace(entry.previous, previous) if entry.previous else line.decode()
        text = text.replace('"n":4', '"n":99')
        forged.append(text.encode())
        previous = f"sha256:{leaf_hash(text.encode()).hex()}"
    write_lines(log, lines[:4] + forged)
    report = verify(log)
    assert report.problem is not None
    assert report.problem.seq == 5


def test_a_changed_record_of_hashes_is_told_from_a_changed_entry(log: AuditLog) -> None:
    leaves = bytearray(log.leaves_file.read_bytes())
    leaves[32 * 4] ^= 1
    log.leaves_file.write_bytes(leaves)
    report = verify(log)
    assert report.problem is not None
    assert (report.problem.seq, report.problem.kind) == (5, "leaves")


def test_a_torn_last_line_is_kept_aside_and_recorded(log: AuditLog) -> None:
    with log.entries_file.open("ab") as stream:
        stream.write(b'{"actor":"a@b","ca')
    again = AuditLog(log.folder)
    entry = again.append(Event("model.list", Outcome.DONE))
    assert entry.seq == 14
    recovered = list(again.entries())[12]
    assert recovered.event.event == "audit.recovered"
    assert recovered.event.facts == {"torn_bytes": 18}
    assert [f.read_bytes() for f in log.folder.glob("torn-*.bin")] == [b'{"actor":"a@b","ca']
    assert verify(again).ok


@pytest.mark.parametrize("lost", ["head.json", "leaf"])
def test_a_crash_between_entry_and_its_records_is_mended(log: AuditLog, lost: str) -> None:
    head, leaves = log.head_file.read_bytes(), log.leaves_file.read_bytes()
    log.append(Event("model.list", Outcome.DONE))
    log.head_file.write_bytes(head)
    if lost == "leaf":
        log.leaves_file.write_bytes(leaves)
    assert verify(AuditLog(log.folder)).ok
    again = AuditLog(log.folder)
    assert again.append(Event("model.list", Outcome.DONE)).seq == 14
    assert verify(again).ok


def test_nothing_is_appended_to_a_log_whose_end_was_changed(log: AuditLog) -> None:
    data = log.entries_file.read_bytes()
    log.entries_file.write_bytes(data.replace(b"model-11", b"model-12"))
    with pytest.raises(LogDamaged) as caught:
        AuditLog(log.folder).append(Event("x.y", Outcome.DONE))
    assert caught.value.facts["seq"] == 12
    assert len(lines_of(log)) == 12


def test_nothing_is_appended_to_a_log_with_an_old_entry_changed(log: AuditLog) -> None:
    """By a process that had it open, by one that opens it anew, and until it is put right."""
    data = log.entries_file.read_bytes()
    log.entries_file.write_bytes(data.replace(b"model-3", b"model-9"))
    for writer in (log, AuditLog(log.folder), log):
        with pytest.raises(LogDamaged) as caught:
            writer.append(Event("x.y", Outcome.DONE))
        assert (caught.value.facts["seq"], caught.value.facts["kind"]) == (4, "edited")
    assert len(lines_of(log)) == 12
    log.entries_file.write_bytes(data)
    with pytest.raises(LogDamaged):
        AuditLog(log.folder).append(Event("x.y", Outcome.DONE))
    assert verify(AuditLog(log.folder)).ok
    assert AuditLog(log.folder).append(Event("x.y", Outcome.DONE)).seq == 13
    assert log.append(Event("x.y", Outcome.DONE)).seq == 14


@pytest.mark.parametrize("file", ["leaves.bin", "head.json"])
def test_nothing_is_appended_to_a_log_whose_records_were_changed(log: AuditLog, file: str) -> None:
    path = log.folder / file
    data = bytearray(path.read_bytes())
    place = 70 if file == "leaves.bin" else data.index(b"sha256:") + 9
    data[place] ^= 1
    path.write_bytes(data)
    report = verify(AuditLog(log.folder))
    assert not report.ok
    with pytest.raises(LogDamaged):
        AuditLog(log.folder).append(Event("x.y", Outcome.DONE))


def test_a_mark_of_damage_that_cannot_be_read_still_stops(log: AuditLog) -> None:
    (log.folder / "damaged.json").write_bytes(b"{half")
    with pytest.raises(LogDamaged):
        log.append(Event("x.y", Outcome.DONE))
    assert verify(log).ok
    assert log.append(Event("x.y", Outcome.DONE)).seq == 13


def test_a_log_of_before_goes_on(log: AuditLog) -> None:
    """Its head has no stamp, its tree no tiles."""
    head = log.head()
    log.head_file.write_bytes(canonical_bytes({"entries": head[0], "leaf": head[1]}))
    log.append_all([Event("x.y", Outcome.DONE)] * 300)
    for level in (1, 2):
        log.tiles.file(level).unlink(missing_ok=True)
    log.head_file.write_bytes(canonical_bytes({"entries": 312, "leaf": log.head()[1]}))
    again = AuditLog(log.folder)
    assert again.append(Event("x.y", Outcome.DONE)).seq == 313
    assert again.tiles.count(1) == 1
    assert verify(again).ok


def test_a_copy_brought_back_is_checked_and_goes_on(log: AuditLog, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(log.folder, copy)
    again = AuditLog(copy)
    assert again.append(Event("x.y", Outcome.DONE)).seq == 13
    assert verify(again).ok


def test_after_a_power_cut_the_records_of_hashes_catch_up(log: AuditLog) -> None:
    """The entries are flushed one by one; what follows from them is not."""
    leaves = log.leaves_file.read_bytes()
    log.leaves_file.write_bytes(leaves[: 32 * 4] + bytes(32 * 6))
    log.head_file.write_bytes(b"")
    assert verify(AuditLog(log.folder)).ok
    again = AuditLog(log.folder)
    again.append(Event("x.y", Outcome.DONE))
    assert log.leaves_file.read_bytes()[: 32 * 12] == leaves
    assert verify(again).ok


def test_a_group_is_written_in_order_with_nothing_between(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    groups = [
        [Event("x.y", Outcome.DONE, facts={"g": g, "n": n}) for n in range(9)] for g in range(8)
    ]
    writers = [threading.Thread(target=log.append_all, args=(group,)) for group in groups]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    seen = [(e.event.facts["g"], e.event.facts["n"]) for e in log.entries()]
    assert len(seen) == 72
    for start in range(0, 72, 9):
        assert [n for _, n in seen[start : start + 9]] == list(range(9))
        assert len({g for g, _ in seen[start : start + 9]}) == 1
    assert verify(log).ok


def test_a_disk_that_refuses_leaves_nothing_of_the_group(tmp_path: Path) -> None:
    log = fill(tmp_path, 3)
    before = log.entries_file.read_bytes()
    resource = pytest.importorskip("resource", reason="a file size limit, as POSIX has one")
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 300, resource.RLIM_INFINITY))
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with pytest.raises(LogNotWritable):
            log.append_all([Event("x.y", Outcome.DONE, facts={"n": n}) for n in range(3)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        signal.signal(signal.SIGXFSZ, ignored)
    assert log.entries_file.read_bytes() == before
    assert log.append(Event("x.y", Outcome.DONE)).seq == 4
    assert verify(log).ok


@pytest.mark.parametrize("count", [1, 7, 300])
def test_an_entry_is_found_by_number_without_reading_the_log(tmp_path: Path, count: int) -> None:
    log = AuditLog(tmp_path)
    log.append_all(
        [Event("x.y", Outcome.DONE, facts={"text": "x" * (n * 37 % 2000)}) for n in range(count)]
    )
    for entry in log.entries():
        assert log.entry(entry.seq) == entry
    for seq in (0, -1, count + 1):
        with pytest.raises(NoSuchEntry):
            log.entry(seq)


def test_a_folder_that_goes_away_while_open_is_not_replaced_by_an_empty_log(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    folder.mkdir()
    log = fill(folder, 3)
    folder.rename(tmp_path / "moved")
    with pytest.raises(OutOfResources):
        log.append(Event("x.y", Outcome.DONE))
    assert not folder.exists()
    folder.mkdir()
    with pytest.raises(LogDamaged):
        log.append(Event("x.y", Outcome.DONE))


WRITER = """
import sys
from pathlib import Path
from steelyard.audit.entry import Event, Outcome
from steelyard.audit.log import AuditLog
log = AuditLog(Path(sys.argv[1]))
for n in range(40):
    log.append(Event("model.verify", Outcome.DONE, facts={"writer": sys.argv[2], "n": n}))
"""


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name], env=_environment())
        for name in ("one", "two")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    log = AuditLog(tmp_path)
    assert verify(log).ok
    seen = [(e.event.facts["writer"], e.event.facts["n"]) for e in log.entries()]
    assert sorted(seen) == sorted((w, n) for w in ("one", "two") for n in range(40))


def _environment() -> dict[str, str]:
    import steelyard

    return {"PYTHONPATH": str(Path(steelyard.__file__).parents[1]), "PATH": ""}


@pytest.mark.parametrize(
    "text",
    ["line\r\nbreak", "\u2028\u2029", "\x1b[31mred", "\u202egnp.exe", "\ud800 lone", "nul\x00"],
)
def test_odd_text_stays_one_line_and_reads_back(tmp_path: Path, text: str) -> None:
    log = AuditLog(tmp_path)
    log.append(Event("model.import", Outcome.FAILED, {"name": text}))
    log.append(Event("model.list", Outcome.DONE))
    assert verify(log).ok
    assert next(iter(log.entries())).event.subject == clean({"name": text})


def test_secrets_never_reach_the_log() -> None:
    text = "GET https://user:hunter2@hub.example/x failed; Authorization: Bearer abcdef123456, hf_abcdefgh12"
    cleaned = clean(text)
    assert isinstance(cleaned, str)
    for secret in ("hunter2", "abcdef123456", "hf_abcdefgh12"):
        assert secret not in cleaned
    assert "hub.example" in cleaned


def test_an_entry_of_many_facts_is_capped_and_says_so(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    entry = log.append(Event("x.y", Outcome.DONE, facts={f"k{n}": "x" * 2000 for n in range(100)}))
    assert len(entry.line) < MAX_ENTRY_BYTES
    assert "left_out" in entry.event.facts


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer that interrupts a wait")
def test_whoever_is_interrupted_while_waiting_leaves_the_line(tmp_path: Path) -> None:
    """Ctrl+C in the main thread while another thread writes: nothing of it is recorded, nobody is stuck."""
    log = AuditLog(tmp_path)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with data_lock(tmp_path):
            held.set()
            let_go.wait()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    writer = threading.Thread(target=log.append, args=(Event("x.y", Outcome.DONE),))
    writer.start()
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            log.append(Event("not.this", Outcome.DONE))
    finally:
        signal.signal(signal.SIGALRM, before)
        let_go.set()
    for thread in (holder, writer):
        thread.join(timeout=30)
        assert not thread.is_alive()
    assert log.append(Event("x.y", Outcome.DONE)).seq == 2
    assert [entry.event.event for entry in log.entries()] == ["x.y", "x.y"]
