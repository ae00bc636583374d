"""C2SP signed notes: a short text with the signatures of whoever vouches for it; the form of log checkpoints.

The text ends with a line end, then an empty line, then one line a signature:
`— NAME BASE64(key id ‖ signature)`. A plain Ed25519 signature (type 0x01) is over the text. A cosignature
(type 0x04) is over the text and the time at which a witness saw it.

Source: https://c2sp.org/signed-note and https://c2sp.org/tlog-cosignature (cosignature/v1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from steelyard.signing.errors import MalformedKey, MalformedNote, SignatureWrong, SignerUnknown
from steelyard.signing.own_keys import OwnKey
from steelyard.signing.public_key import Algorithm, PublicKey

MAX_NOTE_BYTES = 1024 * 1024
MAX_SIGNATURES = 100
ED25519 = 0x01
COSIGNATURE = 0x04
_KEY_ID_BYTES = 4
_SIGNATURE_BYTES = 64
_TIME_BYTES = 8


@dataclass(frozen=True)
class NoteKey:
    """A key by the name it signs notes with.

    Attributes:
        name: no blanks, no plus sign; a log's origin or a witness's name.
        kind: `ED25519` or `COSIGNATURE`.
    """

    name: str
    key: PublicKey
    kind: int = ED25519

    def __post_init__(self) -> None:
        if (
            not self.name
            or "+" in self.name
            or any(c.isspace() or not c.isprintable() for c in self.name)
        ):
            raise MalformedKey(f"{self.name!r} cannot sign a note: no blanks, no plus sign.")
        if self.key.algorithm is not Algorithm.ED25519:
            raise MalformedKey("Notes are signed with Ed25519 keys.")
        if self.kind not in (ED25519, COSIGNATURE):
            raise MalformedKey(f"Notes know no signatures of type {self.kind}.")

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key)."""
        content = self.name.encode("utf-8") + b"\n" + bytes([self.kind]) + self.key.raw
        return hashlib.sha256(content).digest()[:_KEY_ID_BYTES]

    def text(self) -> str:
        """The verifier key string, `NAME+ID+BASE64(type ‖ public key)`."""
        key = base64.b64encode(bytes([self.kind]) + self.key.raw).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> NoteKey:
        """The inverse of `text`.

        Raises:
            MalformedKey: another form, another type, or an identifier that is not the key's.
        """
        parts = text.strip().split("+", 2)
        try:
            name, identifier, encoded = parts
            content = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise MalformedKey(f"{text[:80]!r} is not a verifier key.") from error
        if len(content) != 33:
            raise MalformedKey("The verifier key is not an Ed25519 key.")
        found = cls(name, PublicKey.from_ed25519(content[1:]), content[0])
        if found.key_id.hex() != identifier:
            raise MalformedKey("The verifier key's identifier does not fit its name and key.")
        return found


@dataclass(frozen=True)
class NoteSignature:
    """One line under a note. `content` is what follows the four bytes of the key's identifier."""

    name: str
    key_id: bytes
    content: bytes

    def line(self) -> str:
        """The line, with its end."""
        encoded = base64.b64encode(self.key_id + self.content).decode("ascii")
        return f"— {self.name} {encoded}\n"


@dataclass(frozen=True)
class Note:
    """A note taken apart; nothing about it is checked.

    Attributes:
        text: with its last line end.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def document(self) -> bytes:
        """The note as it is written."""
        return (self.text + "\n" + "".join(one.line() for one in self.signatures)).encode("utf-8")

    def with_signature(self, signature: NoteSignature) -> Note:
        """This note with one more line; an earlier one of the same key is replaced."""
        kept = [
            one
            for one in self.signatures
            if (one.name, one.key_id) != (signature.name, signature.key_id)
        ]
        return Note(self.text, (*kept, signature))


@dataclass(frozen=True)
class NoteSigned:
    """A signature that was checked. `at` is a witness's time, None for a plain signature."""

    by: NoteKey
    at: datetime | None


def read_note(data: bytes) -> Note:
    """Take a note apart.

    Raises:
        MalformedNote: too large, not UTF-8, control characters, or not the form of a note.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise MalformedNote(f"The note is larger than {MAX_NOTE_BYTES} bytes.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedNote("The note is not UTF-8 text.") from error
    if any(c < " " and c != "\n" for c in text):
        raise MalformedNote("The note holds control characters.")
    split = text.rfind("\n\n")
    if split < 0 or not text.endswith("\n"):
        raise MalformedNote("The note has no signatures.")
    lines = text[split + 2 :].split("\n")[:-1]
    if not lines or len(lines) > MAX_SIGNATURES:
        raise MalformedNote("The note has no signatures, or too many.")
    return Note(text[: split + 1], tuple(_read_signature(line) for line in lines))


def _read_signature(line: str) -> NoteSignature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—" or not parts[1] or "+" in parts[1]:
        raise MalformedNote(f"The note has a line that is no signature: {line[:80]!r}.")
    try:
        content = base64.b64decode(parts[2], validate=True)
    except (ValueError, binascii.Error) as error:
        raise MalformedNote("The note has a signature that is not base64.") from error
    if len(content) <= _KEY_ID_BYTES or base64.b64encode(content).decode("ascii") != parts[2]:
        raise MalformedNote("The note has a signature of another form.")
    return NoteSignature(parts[1], content[:_KEY_ID_BYTES], content[_KEY_ID_BYTES:])


def sign_note(text: str, name: str, key: OwnKey) -> NoteSignature:
    """A plain signature over a note's text.

    Raises:
        MalformedKey: the key is not Ed25519, or the name cannot stand in a note.
        MalformedNote: the text does not end with a line end, or holds control characters.
    """
    signer = NoteKey(name, key.key)
    return NoteSignature(name, signer.key_id, key.sign(_checked(text)))


def cosign_note(text: str, name: str, key: OwnKey, at: datetime) -> NoteSignature:
    """A witness's cosignature over a note's text and the time, in whole seconds.

    Raises:
        As `sign_note`.
    """
    witness = NoteKey(name, key.key, COSIGNATURE)
    seconds = int(at.timestamp())
    signature = key.sign(_cosigned(_checked(text), seconds))
    return NoteSignature(name, witness.key_id, struct.pack(">Q", seconds) + signature)


def _checked(text: str) -> bytes:
    if not text.endswith("\n") or any(c < " " and c != "\n" for c in text):
        raise MalformedNote("A note's text ends with a line end and holds no control characters.")
    return text.encode("utf-8")


def _cosigned(text: bytes, seconds: int) -> bytes:
    return b"cosignature/v1\ntime %d\n%b" % (seconds, text)


def verify_note(note: Note, known: Sequence[NoteKey]) -> tuple[NoteSigned, ...]:
    """The signatures of known keys, each checked, one a key; lines of others are passed over.

    Raises:
        SignatureWrong: a known key's line does not fit the text; nothing of the note is to be believed.
        SignerUnknown: no line is of a known key.
    """
    found: dict[NoteKey, NoteSigned] = {}
    for line in note.signatures:
        for key in known:
            if (key.name, key.key_id) != (line.name, line.key_id):
                continue
            found[key] = NoteSigned(key, _check(note.text, line, key))
    if not found:
        names: list[str] = [line.name for line in note.signatures]
        raise SignerUnknown(
            f"The note is signed by {', '.join(names)[:200]}, and none of these is known here.",
            next_step="Get the signer's key over another way.",
            signers=[{"name": name, "key_id": "", "why": "not known"} for name in names],
        )
    return tuple(found.values())


def _check(text: str, line: NoteSignature, key: NoteKey) -> datetime | None:
    message, signature, at = text.encode("utf-8"), line.content, None
    if key.kind == COSIGNATURE:
        if len(line.content) != _TIME_BYTES + _SIGNATURE_BYTES:
            raise _wrong(key)
        seconds = int(struct.unpack(">Q", line.content[:_TIME_BYTES])[0])
        message, signature = _cosigned(message, seconds), line.content[_TIME_BYTES:]
        try:
            at = datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError) as error:
            raise _wrong(key) from error
    if not key.key.verifies(signature, message):
        raise _wrong(key)
    return at


def _wrong(key: NoteKey) -> SignatureWrong:
    return SignatureWrong(
        f"The signature of {key.name} does not fit the note; it was changed, or made up.",
        next_step="Ask for a new copy.",
        signers=[{"name": key.name, "key_id": key.key_id.hex(), "why": "does not fit"}],
    )
