"""Entries carried elsewhere prove themselves; nothing added, changed or left out of a proof gets through."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.logs import event, fill, opened
from steelyard.audit.checkpoints import Checkpoints
from steelyard.audit.errors import EvidenceRefused, NoSuchEntry, NothingToSign
from steelyard.audit.evidence import check_evidence, evidence_of, evidence_of_entries
from steelyard.base.errors import SteelyardError
from steelyard.signing.errors import SignatureWrong, SignerUnknown


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Checkpoints:
    made = opened(tmp_path_factory.mktemp("log"))
    fill(made.log, 300)
    return made


@pytest.fixture(scope="module")
def document(checkpoints: Checkpoints) -> bytes:
    return evidence_of(checkpoints, [digest(7), digest(290)])


def digest(number: int) -> str:
    return str(event(number).subject["digest"])


def test_the_entries_about_a_model_come_with_proofs(
    checkpoints: Checkpoints, document: bytes
) -> None:
    found = check_evidence(document)
    assert [entry.seq for entry in found.entries] == [8, 291]
    assert found.entries[0].event.subject["name"] == "model-7"
    assert found.checkpoint.size == 300
    assert found.log_key == checkpoints.note_key()
    assert check_evidence(document, known=[checkpoints.note_key()]) == found


def test_entries_are_had_by_number_too(checkpoints: Checkpoints) -> None:
    found = check_evidence(evidence_of_entries(checkpoints, [1, 256, 257, 300]))
    assert [entry.seq for entry in found.entries] == [1, 256, 257, 300]
    for seq in (0, 301, -1):
        with pytest.raises(NoSuchEntry):
            evidence_of_entries(checkpoints, [seq])


def test_of_a_model_never_seen_there_is_nothing_to_prove(checkpoints: Checkpoints) -> None:
    assert check_evidence(evidence_of(checkpoints, ["sha256:" + "f" * 64])).entries == ()


def test_an_empty_log_has_no_evidence(tmp_path: Path) -> None:
    with pytest.raises(NothingToSign):
        evidence_of(opened(tmp_path), [digest(1)])


def test_a_log_not_known_here_is_not_believed(document: bytes, tmp_path: Path) -> None:
    other = opened(tmp_path)
    fill(other.log, 1)
    other.make()
    with pytest.raises(SignerUnknown):
        check_evidence(document, known=[other.note_key()])
    with pytest.raises(SignerUnknown):
        check_evidence(document, known=[])


BREAKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "another form": lambda d: d.update(form="steelyard-audit-evidence-2"),
    "one field more": lambda d: d.update(note="trust me"),
    "no checkpoint": lambda d: d.pop("checkpoint"),
    "entries missing": lambda d: d.pop("entries"),
    "entries an object": lambda d: d.update(entries={}),
    "entry a number": lambda d: d.update(entries=[1]),
    "index a text": lambda d: d["entries"][0].update(index="7"),
    "index a truth value": lambda d: d["entries"][0].update(index=True),
    "index negative": lambda d: d["entries"][0].update(index=-1),
    "index of another": lambda d: d["entries"][0].update(index=8),
    "index beyond": lambda d: d["entries"][0].update(index=300),
    "line changed": lambda d: d["entries"][0].update(
        line=d["entries"][0]["line"].replace('"n":7', '"n":8')
    ),
    "line of another": lambda d: d["entries"][0].update(line=d["entries"][1]["line"]),
    "proof of another": lambda d: d["entries"][0].update(proof=d["entries"][1]["proof"]),
    "proof short": lambda d: d["entries"][0]["proof"].pop(),
    "proof long": lambda d: d["entries"][0]["proof"].append(base64.b64encode(bytes(32)).decode()),
    "proof endless": lambda d: d["entries"][0].update(proof=["AA=="] * 200),
    "proof not base64": lambda d: d["entries"][0]["proof"].insert(0, "%"),
    "proof swapped": lambda d: d["entries"][0]["proof"].reverse(),
}


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS.keys())
def test_a_document_that_does_not_prove_what_it_holds_is_refused(
    document: bytes, change: Callable[[dict[str, Any]], object]
) -> None:
    parsed = json.loads(document)
    change(parsed)
    with pytest.raises(EvidenceRefused):
        check_evidence(json.dumps(parsed).encode())


def test_a_checkpoint_over_another_root_or_size_is_refused(document: bytes) -> None:
    for change in (("\n300\n", "\n301\n"), ("steelyard.local/", "steelyard.other/")):
        parsed = json.loads(document)
        parsed["checkpoint"] = parsed["checkpoint"].replace(*change, 1)
        with pytest.raises((SignatureWrong, EvidenceRefused, SignerUnknown)):
            check_evidence(json.dumps(parsed).encode())


def test_another_key_in_the_document_is_another_log(document: bytes, tmp_path: Path) -> None:
    """A forger can sign a log of their own, never one with this log's key."""
    other = opened(tmp_path)
    fill(other.log, 300)
    other.make()
    parsed = json.loads(document)
    parsed["log_key"] = other.note_key().text()
    with pytest.raises(SignerUnknown):
        check_evidence(json.dumps(parsed).encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_no_changed_byte_gets_through(document: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(document) - 1))
    changed = bytearray(document)
    changed[position] ^= 1 << data.draw(st.integers(0, 7))
    whole = check_evidence(document)
    try:
        found = check_evidence(bytes(changed))
    except SteelyardError:
        return
    assert found == whole  # white space between the fields


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_a_typed_error(data: bytes) -> None:
    with pytest.raises(EvidenceRefused):
        check_evidence(data)
