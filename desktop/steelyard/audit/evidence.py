"""Entries that leave the log: each with the proof that it stood in it, all under one checkpoint, in one JSON
document that is checked without the log.

    {"form": "steelyard-audit-evidence-1", "checkpoint": NOTE, "log_key": VERIFIER KEY,
     "entries": [{"index": N, "line": LINE, "proof": [BASE64, …]}, …]}

`index` counts from 0 (the entry's number less one), `line` is the entry's canonical JSON, `proof` the sibling hashes
of RFC 6962. What it proves: these entries stood in the log whose key signed the checkpoint. Whose key that is, the
document cannot say; who reads it knows the key, or trusts the signature of what carries it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from steelyard.audit.checkpoints import Checkpoint, Checkpoints, read_checkpoint
from steelyard.audit.entry import MAX_ENTRY_BYTES, Entry, read_line
from steelyard.audit.errors import EvidenceRefused, NoSuchEntry
from steelyard.audit.merkle import MAX_PROOF_HASHES, inclusion_proof, is_included, leaf_hash
from steelyard.base.canonical import strict_loads
from steelyard.base.errors import Json, MalformedInput
from steelyard.signing.notes import NoteKey, NoteSigned, verify_note

FORM = "steelyard-audit-evidence-1"
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 50_000


@dataclass(frozen=True)
class Evidence:
    """A document that holds.

    Attributes:
        log_key: the key that signed the checkpoint, by the log's name.
        signed: the log's signature and those of known witnesses.
    """

    checkpoint: Checkpoint
    log_key: NoteKey
    signed: tuple[NoteSigned, ...]
    entries: tuple[Entry, ...]


def evidence_of(checkpoints: Checkpoints, digests: Iterable[str]) -> bytes:
    """The entries in which any of these digests stands, with proofs under a checkpoint made now.

    Args:
        digests: `sha256:<hex>` of models, files, runs or notes.

    Raises:
        NothingToSign: the log is empty.
        LogDamaged: the log is not what it was.
        KeyNotUsable, MalformedKey: the log's key cannot sign.
    """
    wanted = [digest.encode("ascii") for digest in digests]
    checkpoint = checkpoints.make()
    found: list[tuple[int, bytes]] = []
    for number, line in enumerate(checkpoints.log.lines()):
        if number >= checkpoint.size:
            break
        if any(digest in line for digest in wanted):
            found.append((number, line))
    return _document(checkpoints, checkpoint, found)


def evidence_of_entries(
    checkpoints: Checkpoints, seqs: Iterable[int], *, checkpoint: Checkpoint | None = None
) -> bytes:
    """The entries with these numbers, with proofs under a checkpoint, one made now when None.

    Raises:
        NoSuchEntry: the log does not reach one of them.
        As `evidence_of`.
    """
    checkpoint = checkpoint or checkpoints.make()
    found: list[tuple[int, bytes]] = []
    for seq in seqs:
        line = checkpoints.log.files.line(seq)
        if line is None or not 0 < seq <= checkpoint.size:
            raise NoSuchEntry(f"The log has no entry {seq}.", seq=seq)
        found.append((seq - 1, line))
    return _document(checkpoints, checkpoint, found)


def _document(
    checkpoints: Checkpoints, checkpoint: Checkpoint, found: Sequence[tuple[int, bytes]]
) -> bytes:
    tiles = checkpoints.log.tiles
    entries: list[Json] = []
    for index, line in found:
        proof = inclusion_proof(tiles, index, checkpoint.size)
        if not is_included(leaf_hash(line), index, checkpoint.size, proof, checkpoint.root):
            raise EvidenceRefused(
                f"Entry {index + 1} is not the one the checkpoint was made over. Nothing was written.",
                next_step="Run steelyard audit verify.",
                seq=index + 1,
            )
        hashes: list[Json] = [base64.b64encode(one).decode("ascii") for one in proof]
        entries.append({"index": index, "line": line.decode("utf-8"), "proof": hashes})
    document: dict[str, Json] = {
        "form": FORM,
        "checkpoint": checkpoint.document.decode("utf-8"),
        "log_key": checkpoints.note_key().text(),
        "entries": entries,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8")


def check_evidence(document: bytes, *, known: Sequence[NoteKey] | None = None) -> Evidence:
    """Check a document that came from elsewhere; no log is needed.

    Args:
        known: keys of logs and witnesses that are believed here. None: the key the document names is taken, and
            the caller decides by `log_key` whose word this is.

    Raises:
        EvidenceRefused: an entry is not under the checkpoint, or the document has another form.
        MalformedNote, MalformedKey: the checkpoint or the key is not one.
        SignatureWrong, SignerUnknown: the checkpoint is not signed by that key.
    """
    parsed = _parsed(document)
    checkpoint = read_checkpoint(str(parsed["checkpoint"]).encode("utf-8"))
    named = NoteKey.parse(str(parsed["log_key"]))
    signed = verify_note(checkpoint.note, [named] if known is None else known)
    if named not in [one.by for one in signed] or named.name != checkpoint.origin:
        raise EvidenceRefused(
            "The checkpoint is not signed by the log it is of, or not by a key that is known here.",
            next_step="Get the log's key from whoever keeps it.",
        )
    rows = parsed["entries"]
    assert isinstance(rows, list)
    entries = tuple(_checked(row, checkpoint) for row in rows)
    return Evidence(checkpoint, named, signed, entries)


def _parsed(document: bytes) -> dict[str, Json]:
    if len(document) > MAX_DOCUMENT_BYTES:
        raise EvidenceRefused(f"The document is larger than {MAX_DOCUMENT_BYTES} bytes.")
    try:
        parsed = strict_loads(document, what="The evidence")
    except MalformedInput as error:
        raise EvidenceRefused(error.message) from error
    if not isinstance(parsed, dict) or parsed.get("form") != FORM:
        raise EvidenceRefused("The document is not evidence from an audit log.")
    rows = parsed.get("entries")
    if (
        set(parsed) != {"form", "checkpoint", "log_key", "entries"}
        or not isinstance(parsed["checkpoint"], str)
        or not isinstance(parsed["log_key"], str)
        or not isinstance(rows, list)
        or len(rows) > MAX_ENTRIES
    ):
        raise EvidenceRefused("The evidence has another form than it should.")
    return parsed


def _checked(row: Json, checkpoint: Checkpoint) -> Entry:
    if not isinstance(row, dict) or set(row) != {"index", "line", "proof"}:
        raise EvidenceRefused("The evidence has an entry of another form.")
    index, line, proof = row["index"], row["line"], row["proof"]
    if (
        not isinstance(index, int)
        or isinstance(index, bool)
        or not isinstance(line, str)
        or not isinstance(proof, list)
        or len(proof) > MAX_PROOF_HASHES
        or len(line) > MAX_ENTRY_BYTES
    ):
        raise EvidenceRefused("The evidence has an entry of another form.")
    try:
        data = line.encode("utf-8")
        hashes = [base64.b64decode(str(one), validate=True) for one in proof]
    except (ValueError, binascii.Error) as error:
        raise EvidenceRefused("The evidence has a proof that is not base64.") from error
    if not is_included(leaf_hash(data), index, checkpoint.size, hashes, checkpoint.root):
        raise EvidenceRefused(
            f"Entry {index + 1} is not proven: it is not under the checkpoint's root.",
            seq=index + 1,
        )
    try:
        entry = read_line(data)
    except MalformedInput as error:
        raise EvidenceRefused(f"Entry {index + 1}: {error.message}", seq=index + 1) from error
    if entry.seq != index + 1:
        raise EvidenceRefused(
            f"Entry {entry.seq} stands in the place of {index + 1}.", seq=index + 1
        )
    return entry
