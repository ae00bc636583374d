"""C2SP signed notes: the public vector verifies, what we sign reads back, and nothing changed gets through."""

from __future__ import annotations

import base64
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signing.key_makers import NOW, make
from steelyard.base.errors import SteelyardError
from steelyard.signing.errors import (
    MalformedKey,
    MalformedNote,
    SignatureWrong,
    SignerUnknown,
)
from steelyard.signing.key_record import Purpose
from steelyard.signing.notes import (
    COSIGNATURE,
    Note,
    NoteKey,
    NoteSignature,
    cosign_note,
    read_note,
    sign_note,
    verify_note,
)
from steelyard.signing.own_keys import OwnKey

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
VECTOR = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ON"
    "ncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
TEXT = "log.example/site\n12\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n"


@pytest.fixture(scope="module")
def log_key(tmp_path_factory: pytest.TempPathFactory) -> OwnKey:
    return make(tmp_path_factory.mktemp("log"), "log", Purpose.CHECKPOINT)


@pytest.fixture(scope="module")
def witness_key(tmp_path_factory: pytest.TempPathFactory) -> OwnKey:
    return make(tmp_path_factory.mktemp("witness"), "witness", Purpose.CHECKPOINT)


def test_the_public_vector_verifies() -> None:
    key = NoteKey.parse(VKEY)
    assert key.text() == VKEY
    (found,) = verify_note(read_note(VECTOR.encode()), [key])
    assert (found.by, found.at) == (key, None)
    assert read_note(VECTOR.encode()).document() == VECTOR.encode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(position=st.integers(0, 200), bit=st.integers(0, 7))
def test_no_changed_byte_gets_through(position: int, bit: int) -> None:
    data = bytearray(VECTOR.encode())
    data[position % len(data)] ^= 1 << bit
    with pytest.raises(SteelyardError):
        verify_note(read_note(bytes(data)), [NoteKey.parse(VKEY)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.lists(
        st.text(st.characters(min_codepoint=32, exclude_categories=("Cs",)), max_size=30),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_signed_reads_back(log_key: OwnKey, lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    note = Note(text, (sign_note(text, "log.example", log_key),))
    assert read_note(note.document()) == note
    assert verify_note(note, [NoteKey("log.example", log_key.key)])


def test_a_witness_vouches_for_text_and_time(log_key: OwnKey, witness_key: OwnKey) -> None:
    note = Note(TEXT, (sign_note(TEXT, "log.example", log_key),))
    note = note.with_signature(cosign_note(TEXT, "witness.example", witness_key, NOW))
    log = NoteKey("log.example", log_key.key)
    witness = NoteKey("witness.example", witness_key.key, COSIGNATURE)
    found = verify_note(read_note(note.document()), [log, witness])
    assert [(one.by, one.at) for one in found] == [(log, None), (witness, NOW)]
    # The bytes that are signed, as the specification gives them.
    content = note.signatures[1].content
    seconds = struct.unpack(">Q", content[:8])[0]
    signed = f"cosignature/v1\ntime {seconds}\n{TEXT}".encode()
    assert datetime.fromtimestamp(seconds, UTC) == NOW
    assert witness_key.key.verifies(content[8:], signed)


def test_a_cosignature_with_another_time_is_wrong(witness_key: OwnKey) -> None:
    line = cosign_note(TEXT, "witness.example", witness_key, NOW)
    witness = NoteKey("witness.example", witness_key.key, COSIGNATURE)
    for seconds in (0, 2**63, 2**64 - 1):
        forged = NoteSignature(
            line.name, line.key_id, struct.pack(">Q", seconds) + line.content[8:]
        )
        with pytest.raises(SignatureWrong):
            verify_note(Note(TEXT, (forged,)), [witness])
    with pytest.raises(SignatureWrong):
        verify_note(Note(TEXT, (NoteSignature(line.name, line.key_id, b"short"),)), [witness])


def test_a_cosignature_is_no_plain_signature_and_the_other_way_round(witness_key: OwnKey) -> None:
    plain = sign_note(TEXT, "w.example", witness_key)
    as_plain = NoteKey("w.example", witness_key.key)
    as_witness = NoteKey("w.example", witness_key.key, COSIGNATURE)
    assert as_plain.key_id != as_witness.key_id
    with pytest.raises(SignerUnknown):
        verify_note(Note(TEXT, (plain,)), [as_witness])


def test_a_note_of_strangers_is_told_from_a_forged_one(
    log_key: OwnKey, witness_key: OwnKey
) -> None:
    log = NoteKey("log.example", log_key.key)
    stranger = sign_note(TEXT, "log.example", witness_key)
    with pytest.raises(SignerUnknown):
        verify_note(Note(TEXT, (stranger,)), [log])
    forged = NoteSignature("log.example", log.key_id, stranger.content)
    with pytest.raises(SignatureWrong):
        verify_note(Note(TEXT, (forged,)), [log])
    # A forged line spoils the note even beside a good one.
    with pytest.raises(SignatureWrong):
        verify_note(Note(TEXT, (sign_note(TEXT, "log.example", log_key), forged)), [log])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "x\n",
        "x\n\n",
        "x\n\ny\n",
        "x\n\n— a\n",
        "x\n\n— a b c\n",
        "x\n\n- a QUFBQUFB\n",
        "x\n\n— a+b QUFBQUFB\n",
        "x\n\n— a QUFB\n",
        "x\n\n— a QUFBQUF\n",
        "x\n\n— a QUFBQUFC===\n",
        "x\n\n— a QUFBQUFB",
        "x\r\n\n— a QUFBQUFB\n",
        "x\x00\n\n— a QUFBQUFB\n",
        "x\n\n" + "— a QUFBQUFB\n" * 101,
    ],
)
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedNote):
        read_note(text.encode())


def test_bytes_that_are_no_text_or_too_many_are_refused() -> None:
    for data in (b"\xff\n\n\xe2\x80\x94 a QUFBQUFB\n", b"x" * (1024 * 1024 + 1)):
        with pytest.raises(MalformedNote):
            read_note(data)


@settings(max_examples=200)
@given(st.text(max_size=120))
def test_any_text_is_a_key_or_a_typed_error(text: str) -> None:
    with pytest.raises(MalformedKey):
        NoteKey.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2028b", "\x1b[31m"])
def test_a_name_that_would_break_the_line_is_refused(log_key: OwnKey, name: str) -> None:
    with pytest.raises(MalformedKey):
        sign_note(TEXT, name, log_key)


def test_a_key_of_another_type_or_kind_is_refused(tmp_path: Path, log_key: OwnKey) -> None:
    with pytest.raises(MalformedKey):
        NoteKey("a", make(tmp_path).key)
    with pytest.raises(MalformedKey):
        NoteKey("a", log_key.key, 2)
    wrong = VKEY.replace("530d903a", "530d903b")
    with pytest.raises(MalformedKey, match="identifier"):
        NoteKey.parse(wrong)
    small = base64.b64encode(b"\x01" + bytes([1]) + bytes(31)).decode()
    with pytest.raises(MalformedKey):
        NoteKey.parse(f"a+00000000+{small}")


@pytest.mark.parametrize("text", ["", "no end", "tab\there\n", "\x7f ok\nbut\rnot\n"])
def test_a_text_that_is_no_note_is_not_signed(log_key: OwnKey, text: str) -> None:
    with pytest.raises(MalformedNote):
        sign_note(text, "log.example", log_key)
