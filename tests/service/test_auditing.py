"""The log's operations: what they write, compare, refuse and record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from steelyard.audit.errors import EvidenceRefused, ExportRefused, NoSuchEntry
from steelyard.base.errors import NotFound, SteelyardError, UsageError
from steelyard.base.paths import Home
from steelyard.service import Steelyard
from steelyard.service import requests as ask
from steelyard.signing.errors import MalformedNote, SignatureRefused, SignerUnknown


def open_desk(home: Home, tmp_path: Path) -> Steelyard:
    return Steelyard.open(home, environment={}, managed=tmp_path / "none.json")


@pytest.fixture
def desk(home: Home, tmp_path: Path) -> Iterator[Steelyard]:
    with open_desk(home, tmp_path) as opened:
        yield opened


def test_the_log_is_signed_when_the_program_ends(home: Home, tmp_path: Path) -> None:
    with open_desk(home, tmp_path) as desk:
        desk.run(ask.ChangeSetting("window.theme", "dark"))
    with open_desk(home, tmp_path) as desk:
        assert desk.installation.checkpoints.sizes() == [2]
        verified: ask.AuditVerified = desk.run(ask.VerifyAudit())
    assert verified.ok
    assert (verified.checkpoints, verified.witnessed_to) == (1, None)


def test_reading_alone_signs_nothing(home: Home, tmp_path: Path) -> None:
    with open_desk(home, tmp_path) as desk:
        desk.run(ask.ListAudit())
    assert not home.keys.exists()
    assert list(home.audit.iterdir()) == []


def test_checkpoints_go_to_the_second_folder(home: Home, tmp_path: Path) -> None:
    second = tmp_path / "elsewhere"
    second.mkdir()
    with open_desk(home, tmp_path) as desk:
        desk.run(ask.ChangeSetting("audit.checkpoint-folder", str(second)))
    with open_desk(home, tmp_path) as desk:
        made: ask.CheckpointMade = desk.run(ask.MakeCheckpoint())
    assert made.checkpoint.encode() in [file.read_bytes() for file in second.iterdir()]


def test_the_log_is_compared_with_a_checkpoint_kept_elsewhere(
    desk: Steelyard, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    made: ask.CheckpointMade = desk.run(ask.MakeCheckpoint(out=kept))
    verified: ask.AuditVerified = desk.run(ask.VerifyAudit(against=kept))
    assert verified.ok
    assert verified.compared_with == made.size
    with pytest.raises(ExportRefused):
        desk.run(ask.MakeCheckpoint(out=kept))


def test_a_checkpoint_of_another_log_is_no_comparison(
    desk: Steelyard, tmp_path: Path, home: Home
) -> None:
    other = Home(tmp_path / "other" / "data", tmp_path / "other" / "config")
    with open_desk(other, tmp_path) as theirs:
        theirs.run(ask.MakeCheckpoint(out=tmp_path / "theirs"))
    with pytest.raises(SignerUnknown):
        desk.run(ask.VerifyAudit(against=tmp_path / "theirs"))
    with pytest.raises(NotFound):
        desk.run(ask.VerifyAudit(against=tmp_path / "nothing"))
    (tmp_path / "none").write_bytes(b"no note")
    with pytest.raises(MalformedNote):
        desk.run(ask.VerifyAudit(against=tmp_path / "none"))


def test_a_changed_checkpoint_is_damage_that_is_named(home: Home, tmp_path: Path) -> None:
    with open_desk(home, tmp_path) as desk:
        desk.run(ask.MakeCheckpoint())
        (file,) = desk.installation.checkpoints.folder.iterdir()
        file.write_bytes(file.read_bytes().replace(b"\n1\n", b"\n2\n"))
        verified: ask.AuditVerified = desk.run(ask.VerifyAudit())
    assert not verified.ok
    assert verified.problem is not None
    assert verified.problem.kind == "checkpoint"


def test_an_entry_is_proven_and_checked_elsewhere(desk: Steelyard, tmp_path: Path) -> None:
    desk.run(ask.ChangeSetting("window.theme", "dark"))
    proven: ask.EntryProven = desk.run(ask.ProveEntry(1, tmp_path / "entry.json"))
    other = Home(tmp_path / "other" / "data", tmp_path / "other" / "config")
    with open_desk(other, tmp_path) as theirs:
        checked: ask.EvidenceChecked = theirs.run(ask.CheckEvidence(tmp_path / "entry.json"))
        assert (checked.signed_by, checked.witnesses) == ("", ())
        assert checked.log_key == proven.log_key
        assert [entry.event for entry in checked.entries] == ["policy.set"]
        document = json.loads((tmp_path / "entry.json").read_text())
        document["entries"][0]["index"] = 1
        (tmp_path / "entry.json").write_text(json.dumps(document))
        with pytest.raises(EvidenceRefused):
            theirs.run(ask.CheckEvidence(tmp_path / "entry.json"))


def test_what_is_not_there_is_not_proven(desk: Steelyard, tmp_path: Path) -> None:
    with pytest.raises(NoSuchEntry):
        desk.run(ask.ProveEntry(99, tmp_path / "entry.json"))
    assert not (tmp_path / "entry.json").exists()


def test_an_export_holds_what_was_asked_for(desk: Steelyard, tmp_path: Path) -> None:
    desk.run(ask.ChangeSetting("window.theme", "dark"))
    desk.run(ask.ChangeSetting("engine.threads", 2))
    done: ask.AuditExported = desk.run(
        ask.ExportAudit(tmp_path / "log.jsonl", "jsonl", text="Threads", outcome="done")
    )
    assert done.entries == 1
    (line,) = (tmp_path / "log.jsonl").read_text().splitlines()
    assert json.loads(line)["facts"]["key"] == "engine.threads"
    done = desk.run(ask.ExportAudit(tmp_path / "some.jsonl", "jsonl", first=2, last=3))
    assert done.entries == 2
    with pytest.raises(UsageError):
        desk.run(ask.ExportAudit(tmp_path / "x", "xlsx"))


def test_a_key_that_stopped_being_trusted_is_no_witness_any_more(
    desk: Steelyard, tmp_path: Path, home: Home
) -> None:
    other = Home(tmp_path / "other" / "data", tmp_path / "other" / "config")
    request, signed = tmp_path / "request", tmp_path / "signed"
    desk.run(ask.MakeCheckpoint(for_witness=request))
    with open_desk(other, tmp_path) as theirs:
        made: ask.KeyMade = theirs.run(ask.CreateKey("carol", "checkpoint"))
        with pytest.raises(SignatureRefused):
            theirs.run(ask.WitnessLog(request, "carol", signed))
        log_key: ask.KeyExported = desk.run(ask.ExportKey("audit-log", tmp_path))
        theirs.run(ask.TrustKey(Path(log_key.path), "log", ("checkpoint",), log_key.fingerprint))
        theirs.run(ask.WitnessLog(request, "carol", signed))
    with pytest.raises(SignatureRefused):
        desk.run(ask.TakeWitnessed(signed))
    desk.run(ask.TrustKey(Path(made.public_path), "carol", ("checkpoint",), made.key.fingerprint))
    taken: ask.WitnessedTaken = desk.run(ask.TakeWitnessed(signed))
    assert taken.witnessed_to == taken.size
    desk.run(ask.RevokeKey("carol", "left"))
    assert desk.run(ask.VerifyAudit()).witnessed_to is None


def test_a_damaged_log_says_so_and_takes_nothing(desk: Steelyard) -> None:
    desk.run(ask.ChangeSetting("window.theme", "dark"))
    log = desk.installation.log
    log.entries_file.write_bytes(log.entries_file.read_bytes().replace(b"begun", b"noted"))
    with pytest.raises(SteelyardError):
        desk.run(ask.ChangeSetting("window.theme", "light"))
    assert desk.installation.settings.text("window.theme") == "dark"
    verified: ask.AuditVerified = desk.run(ask.VerifyAudit())
    assert verified.problem is not None
    assert (verified.problem.seq, verified.problem.kind) == (1, "edited")
