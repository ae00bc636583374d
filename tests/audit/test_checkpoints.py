"""Checkpoints are made when they are due, continue one another, and are never signed over a log that does not."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from audit.logs import SetClock, event, fill, opened
from steelyard.audit.checkpoints import (
    EVERY_ENTRIES,
    LOG_KEY,
    Checkpoints,
    checkpoint_text,
    read_checkpoint,
)
from steelyard.audit.errors import CheckpointRefused, LogDamaged, NothingToSign
from steelyard.audit.log import AuditLog
from steelyard.audit.merkle import leaf_hash, root_hash
from steelyard.base.errors import SteelyardError
from steelyard.signing.errors import MalformedNote, SignatureRefused
from steelyard.signing.key_record import Purpose
from steelyard.signing.notes import verify_note
from steelyard.signing.own_keys import OwnKeys


def test_a_checkpoint_says_how_many_entries_and_under_which_root(tmp_path: Path) -> None:
    checkpoints = opened(tmp_path)
    fill(checkpoints.log, 7)
    made = checkpoints.make()
    assert made.size == 7
    assert made.root == root_hash([leaf_hash(line) for line in checkpoints.log.lines()])
    assert made.note.text == checkpoint_text(made.origin, 7, made.root)
    verify_note(made.note, [checkpoints.note_key()])
    assert read_checkpoint(made.document) == made
    assert checkpoints.make() == made
    assert checkpoints.sizes() == [7]


def test_the_log_keeps_its_name_and_key(tmp_path: Path) -> None:
    first = opened(tmp_path)
    fill(first.log, 1)
    made = first.make()
    assert made.origin.startswith("steelyard.local/")
    again = opened(tmp_path)
    assert again.origin() == made.origin
    assert again.note_key() == first.note_key()
    record = OwnKeys(tmp_path / "keys").record(LOG_KEY)
    assert record.purposes == (Purpose.CHECKPOINT,)


def test_nothing_is_signed_for_an_empty_log(tmp_path: Path) -> None:
    checkpoints = opened(tmp_path)
    with pytest.raises(NothingToSign):
        checkpoints.make()
    checkpoints.close()
    assert not (tmp_path / "keys").exists()


def test_one_is_made_every_256_entries_and_the_span_s_last_is_kept(tmp_path: Path) -> None:
    checkpoints = opened(tmp_path)
    for number in range(EVERY_ENTRIES - 1):
        checkpoints.log.append(event(number))
    assert checkpoints.sizes() == []
    checkpoints.log.append(event(0))
    assert checkpoints.sizes() == [256]
    fill(checkpoints.log, 10)
    checkpoints.close()
    fill(checkpoints.log, 10)
    checkpoints.close()
    assert checkpoints.sizes() == [276]
    fill(checkpoints.log, 600)
    checkpoints.close()
    assert checkpoints.sizes() == [276, 676, 876]


def test_another_process_counts_from_the_last_one(tmp_path: Path) -> None:
    first = opened(tmp_path)
    fill(first.log, 250)
    first.close()
    again = opened(tmp_path)
    for number in range(6):
        again.log.append(event(number))
    assert again.sizes() == [250, 256]


def test_one_is_made_an_hour_after_the_last(tmp_path: Path) -> None:
    clock = SetClock()
    checkpoints = opened(tmp_path, clock=clock)
    fill(checkpoints.log, 3)
    clock.move(timedelta(minutes=59))
    fill(checkpoints.log, 1)
    assert checkpoints.sizes() == []
    clock.move(timedelta(minutes=1))
    fill(checkpoints.log, 1)
    assert checkpoints.sizes() == [5]
    checkpoints.close()


def test_an_idle_hour_makes_one_too(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    log = AuditLog(tmp_path / "audit")
    made = threading.Event()

    class Told(Checkpoints):
        def make_quietly(self) -> None:
            super().make_quietly()
            made.set()

    checkpoints = Told(
        log, OwnKeys(tmp_path / "keys"), SetClock(), every=timedelta(milliseconds=20)
    )
    log.after_append = checkpoints.after_append
    fill(log, 2)
    assert made.wait(timeout=30)
    assert checkpoints.sizes() == [2]
    checkpoints.close()


def test_closing_makes_one_only_after_something_was_added(tmp_path: Path) -> None:
    first = opened(tmp_path)
    fill(first.log, 2)
    first.close()
    first.close()
    assert first.sizes() == [2]
    reader = opened(tmp_path)
    list(reader.log.entries())
    reader.close()
    assert reader.sizes() == [2]


@pytest.mark.parametrize("extra", [0, 1, 300])
def test_a_log_written_anew_is_not_signed_and_stops(tmp_path: Path, extra: int) -> None:
    """Someone who holds the folder, not only an entry, but an older checkpoint is left."""
    checkpoints = opened(tmp_path)
    fill(checkpoints.log, 40)
    made = checkpoints.make()
    for file in checkpoints.log.folder.iterdir():
        if file.is_file() and file.name != "origin":
            file.unlink()
    forger = AuditLog(checkpoints.log.folder)
    forger.append_all([event(n + 1000) for n in range(40 + extra)])
    victim = opened(tmp_path)
    victim.log.append(event(1))
    with pytest.raises(LogDamaged) as caught:
        victim.make()
    assert caught.value.facts["kind"] == "checkpoint"
    assert victim.latest() == made
    with pytest.raises(LogDamaged):
        victim.log.append(event(1))
    report = victim.log.verify(checkpoints=victim.roots())
    assert report.problem is not None
    assert (report.problem.seq, report.problem.kind) == (1, "checkpoint")


def test_last_week_s_copy_is_found_by_the_checkpoints_of_a_second_folder(tmp_path: Path) -> None:
    copies = tmp_path / "elsewhere"
    copies.mkdir()
    checkpoints = opened(tmp_path / "a", copies=copies)
    fill(checkpoints.log, 20)
    checkpoints.close()
    import shutil

    shutil.copytree(tmp_path / "a", tmp_path / "last-week")
    fill(checkpoints.log, 20)
    checkpoints.close()
    shutil.rmtree(tmp_path / "a")
    (tmp_path / "last-week").rename(tmp_path / "a")
    back = opened(tmp_path / "a", copies=copies)
    assert back.log.verify().ok
    report = back.log.verify(checkpoints=back.roots())
    assert report.problem is not None
    assert (report.problem.seq, report.problem.kind) == (21, "cut")


def test_a_second_folder_that_is_away_is_said_and_stops_nothing(tmp_path: Path) -> None:
    checkpoints = opened(tmp_path, copies=tmp_path / "stick")
    fill(checkpoints.log, 2)
    checkpoints.close()
    assert checkpoints.sizes() == [2]
    assert "stick" in checkpoints.problem
    (tmp_path / "stick").mkdir()
    fill(checkpoints.log, 1)
    checkpoints.close()
    assert checkpoints.problem == ""
    assert len(list((tmp_path / "stick").iterdir())) == 1


def test_a_key_that_cannot_sign_does_not_stop_the_log(tmp_path: Path) -> None:
    checkpoints = opened(tmp_path)
    fill(checkpoints.log, 1)
    checkpoints.make()
    keys = OwnKeys(tmp_path / "keys")
    keys.keep(keys.record(LOG_KEY).revoke(SetClock().now, "copied by someone"))
    fill(checkpoints.log, 300)
    assert checkpoints.log.count() == 301
    assert "copied by someone" in checkpoints.problem
    assert checkpoints.sizes() == [1]


def test_a_spoilt_tile_is_made_anew_before_anything_is_signed(tmp_path: Path) -> None:
    checkpoints = opened(tmp_path)
    fill(checkpoints.log, 600)
    checkpoints.make()
    tile = checkpoints.log.tiles.file(1)
    data = bytearray(tile.read_bytes())
    data[5] ^= 1
    tile.write_bytes(data)
    fill(checkpoints.log, 1)
    made = checkpoints.make()
    assert made.root == root_hash([leaf_hash(line) for line in checkpoints.log.lines()])
    tile.write_bytes(data)
    assert checkpoints.log.verify(checkpoints=checkpoints.roots()).ok
    assert tile.read_bytes() != data


@pytest.mark.parametrize("position", range(0, 150, 7))
def test_a_checkpoint_that_was_changed_is_found(tmp_path: Path, position: int) -> None:
    checkpoints = opened(tmp_path)
    fill(checkpoints.log, 3)
    checkpoints.make()
    (file,) = checkpoints.folder.iterdir()
    data = bytearray(file.read_bytes())
    data[position % len(data)] ^= 1
    file.write_bytes(data)
    with pytest.raises((SignatureRefused, MalformedNote, CheckpointRefused)):
        checkpoints.roots()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n3\n",
        "origin\n-3\nAAAA\n",
        "origin\n03\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "origin\n99999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "origin\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hS\n",
    ],
)
def test_a_note_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(SteelyardError):
        read_checkpoint(f"{text}\n— origin QUFBQUFBQUE=\n".encode())
