"""A witness signs what continues what it saw, and nothing else; the log keeps what trusted witnesses signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.logs import START, SetClock, event, fill, opened
from steelyard.audit.checkpoints import Checkpoints
from steelyard.audit.errors import CheckpointRefused
from steelyard.audit.log import AuditLog
from steelyard.audit.witness import (
    Witness,
    Witnessed,
    read_request,
    request_for_witness,
    take_back,
    witnessed_to,
)
from steelyard.signing.errors import MalformedNote, SignatureWrong, SignerUnknown
from steelyard.signing.key_record import Purpose
from steelyard.signing.own_keys import OwnKey, OwnKeys


class Pair:
    """A log and a witness that trust each other's keys."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = opened(root / "log")
        fill(self.log.log, 30)
        self.key = self.make_key("carol")
        self.witness = Witness(root / "witness", SetClock())

    def make_key(self, name: str) -> OwnKey:
        return OwnKeys(self.root / "witness-keys").create(
            name, Purpose.CHECKPOINT, valid_from=START, valid_until=None
        )

    def sign(self, since: int, log: Checkpoints | None = None) -> Witnessed:
        log = log or self.log
        asked = read_request(request_for_witness(log, since))
        return self.witness.cosign(asked, trusted=[log.note_key().key], key=self.key)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_a_witness_follows_a_log(pair: Pair) -> None:
    assert witnessed_to(pair.log, [pair.key.key]) is None
    first = pair.sign(0)
    assert (first.before, first.checkpoint.size) == (0, 30)
    kept, signed = take_back(pair.log, first.checkpoint.document, trusted=[pair.key.key])
    assert [one.by.name for one in signed] == ["carol"]
    assert signed[0].at == START
    assert witnessed_to(pair.log, [pair.key.key]) == 30
    fill(pair.log.log, 50)
    second = pair.sign(30)
    assert (second.before, second.checkpoint.size) == (30, 80)
    take_back(pair.log, second.checkpoint.document, trusted=[pair.key.key])
    assert witnessed_to(pair.log, [pair.key.key]) == 80
    assert pair.log.sizes() == [30, 80]
    assert pair.log.read(30) == kept
    # The same once more is no news, and no harm.
    assert pair.sign(80).before == 80


def test_what_came_back_late_is_kept_too(pair: Pair) -> None:
    first = pair.sign(0)
    fill(pair.log.log, 5)
    pair.log.make()
    assert pair.log.sizes() == [35]
    take_back(pair.log, first.checkpoint.document, trusted=[pair.key.key])
    assert pair.log.sizes() == [30, 35]
    assert witnessed_to(pair.log, [pair.key.key]) == 30


def test_two_witnesses_stand_below_one_checkpoint(pair: Pair) -> None:
    dave = pair.make_key("dave")
    other = Witness(pair.root / "other-witness", SetClock())
    first = pair.sign(0)
    asked = read_request(request_for_witness(pair.log, 0))
    second = other.cosign(asked, trusted=[pair.log.note_key().key], key=dave)
    trusted = [pair.key.key, dave.key]
    take_back(pair.log, first.checkpoint.document, trusted=trusted)
    kept, _ = take_back(pair.log, second.checkpoint.document, trusted=trusted)
    assert len(kept.note.signatures) == 3


def rewritten(pair: Pair, count: int) -> Checkpoints:
    """The same log, key and name, with other entries: what someone who holds the key can do."""
    for file in pair.log.log.folder.rglob("*"):
        if file.is_file() and file.name != "origin":
            file.unlink()
    forged = AuditLog(pair.log.log.folder)
    forged.append_all([event(n + 500) for n in range(count)])
    return opened(pair.root / "log")


@pytest.mark.parametrize("count", [30, 31, 200])
def test_a_log_written_anew_with_its_key_is_refused(pair: Pair, count: int) -> None:
    """Only a witness can tell (THREATS 65, 66)."""
    pair.sign(0)
    forged = rewritten(pair, count)
    with pytest.raises(CheckpointRefused) as caught:
        pair.sign(30, forged)
    assert caught.value.facts["kind"] == "history"
    assert caught.value.facts["seen"] == 30


def test_a_log_that_was_cut_is_refused(pair: Pair) -> None:
    pair.sign(0)
    forged = rewritten(pair, 20)
    with pytest.raises(CheckpointRefused) as caught:
        pair.sign(0, forged)
    assert caught.value.facts["kind"] == "shorter"


def test_a_request_that_starts_elsewhere_is_refused_and_says_where(pair: Pair) -> None:
    pair.sign(0)
    fill(pair.log.log, 5)
    for since in (0, 12, 35):
        with pytest.raises(CheckpointRefused) as caught:
            pair.sign(since)
        assert caught.value.facts["kind"] == "since"
        assert "--since 30" in caught.value.next_step
    assert pair.sign(30).before == 30
    with pytest.raises(CheckpointRefused):
        request_for_witness(pair.log, 36)


def test_a_wrong_proof_is_refused(pair: Pair) -> None:
    pair.sign(0)
    fill(pair.log.log, 5)
    asked = read_request(request_for_witness(pair.log, 30))
    trusted = [pair.log.note_key().key]
    for proof in ((), asked.proof[:-1], (*asked.proof, bytes(32)), tuple(reversed(asked.proof))):
        with pytest.raises(CheckpointRefused):
            pair.witness.cosign(replace(asked, proof=proof), trusted=trusted, key=pair.key)
    fresh = Witness(pair.root / "fresh", SetClock())
    with pytest.raises(CheckpointRefused):
        fresh.cosign(replace(asked, old=0), trusted=trusted, key=pair.key)


def test_a_log_that_is_not_trusted_is_not_signed(pair: Pair) -> None:
    asked = read_request(request_for_witness(pair.log, 0))
    for trusted in ([], [pair.key.key]):
        with pytest.raises(SignerUnknown):
            pair.witness.cosign(asked, trusted=trusted, key=pair.key)
    assert pair.witness.seen(asked.checkpoint.origin) is None


def test_a_forged_checkpoint_is_not_signed(pair: Pair) -> None:
    data = request_for_witness(pair.log, 0)
    asked = read_request(data.replace(b"\n30\n", b"\n31\n"))
    with pytest.raises(SignatureWrong):
        pair.witness.cosign(asked, trusted=[pair.log.note_key().key], key=pair.key)


def test_the_log_takes_no_stranger_s_word(pair: Pair) -> None:
    signed = pair.sign(0).checkpoint
    with pytest.raises(SignerUnknown):
        take_back(pair.log, signed.document, trusted=[])
    with pytest.raises(SignerUnknown):
        take_back(pair.log, signed.document, trusted=[pair.log.note_key().key])
    assert len(pair.log.read(30).note.signatures) == 1


def test_the_log_takes_back_nothing_of_another_log_or_history(pair: Pair, tmp_path: Path) -> None:
    signed = pair.sign(0).checkpoint
    other = opened(tmp_path / "other")
    fill(other.log, 30)
    with pytest.raises(CheckpointRefused):
        take_back(other, signed.document, trusted=[pair.key.key])
    forged = rewritten(pair, 30)
    with pytest.raises(CheckpointRefused, match="other entries"):
        take_back(forged, signed.document, trusted=[pair.key.key])


BREAKS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda d: b"",
    "no old": lambda d: d.split(b"\n", 1)[1],
    "old a word": lambda d: d.replace(b"old 0", b"old zero"),
    "old negative": lambda d: d.replace(b"old 0", b"old -1"),
    "proof not base64": lambda d: d.replace(b"old 0\n", b"old 0\n%%%\n"),
    "endless proof": lambda d: d.replace(b"old 0\n", b"old 0\n" + b"AAAA\n" * 200),
    "no note": lambda d: d.partition(b"\n\n")[0] + b"\n\n",
    "too large": lambda d: d + b"x" * 2**20,
}


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS.keys())
def test_a_file_that_is_no_request_is_refused(pair: Pair, change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(MalformedNote):
        read_request(change(request_for_witness(pair.log, 0)))


@settings(max_examples=150)
@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_a_typed_error(data: bytes) -> None:
    with pytest.raises(MalformedNote):
        read_request(data)
