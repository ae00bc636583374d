"""A witness: someone on another machine or account who remembers what a log said before, and signs only what
continues it.

That is the one thing that shows when whoever holds a log's key rewrites it, cuts its end, or tells two people two
stories. The log sends a request (its newest checkpoint, and the proof that it continues the one the witness saw last);
the witness checks, remembers, then signs; the signed checkpoint goes back to the log.

Source: https://c2sp.org/tlog-witness (the body of add-checkpoint is the file that is carried) and
https://c2sp.org/tlog-cosignature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from steelyard.audit.checkpoints import Checkpoint, Checkpoints, read_checkpoint
from steelyard.audit.errors import CheckpointRefused
from steelyard.audit.merkle import MAX_PROOF_HASHES, consistency_proof, is_consistent, tree_root
from steelyard.base import durable
from steelyard.base.clock import Clock, utc_now
from steelyard.base.lock import data_lock
from steelyard.signing.errors import MalformedNote, SignatureRefused
from steelyard.signing.notes import (
    COSIGNATURE,
    ED25519,
    NoteKey,
    NoteSigned,
    cosign_note,
    verify_note,
)
from steelyard.signing.own_keys import OwnKey
from steelyard.signing.public_key import Algorithm, PublicKey

MAX_REQUEST_BYTES = 1024 * 1024
_OLD = re.compile(r"old (0|[1-9][0-9]{0,15})")


@dataclass(frozen=True)
class WitnessRequest:
    """What a log asks a witness to sign.

    Attributes:
        old: number of entries the witness saw last, as the log believes; 0: none.
        proof: that `checkpoint` continues the log of `old` entries.
    """

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint a witness signed. `before` is what it had seen of this log until then; 0: nothing."""

    checkpoint: Checkpoint
    before: int


def request_for_witness(checkpoints: Checkpoints, since: int) -> bytes:
    """The file to carry to a witness that saw the first `since` entries last.

    Raises:
        CheckpointRefused: the log is shorter than that.
        NothingToSign, LogDamaged, KeyNotUsable: as `Checkpoints.make`.
    """
    newest = checkpoints.make()
    if not 0 <= since <= newest.size:
        raise CheckpointRefused(
            f"The log has {newest.size} entries, so nobody can have seen {since}.",
            next_step="If a witness says so, the log was cut: run steelyard audit verify.",
            size=newest.size,
            since=since,
        )
    proof = consistency_proof(checkpoints.log.tiles, since, newest.size)
    lines = [f"old {since}", *(base64.b64encode(one).decode("ascii") for one in proof), "", ""]
    return "\n".join(lines).encode("ascii") + newest.document


def read_request(data: bytes) -> WitnessRequest:
    """Take a request apart; nothing about it is checked.

    Raises:
        MalformedNote: it has another form.
    """
    head, blank, note = data[:MAX_REQUEST_BYTES].partition(b"\n\n")
    if not blank or len(data) > MAX_REQUEST_BYTES:
        raise MalformedNote("The file is not a request to a witness.")
    try:
        first, *lines = head.decode("ascii").split("\n")
        proof = tuple(base64.b64decode(line, validate=True) for line in lines)
    except (UnicodeDecodeError, binascii.Error, ValueError) as error:
        raise MalformedNote("The file is not a request to a witness.") from error
    old = _OLD.fullmatch(first)
    if old is None or len(proof) > MAX_PROOF_HASHES:
        raise MalformedNote("The file is not a request to a witness.")
    return WitnessRequest(int(old[1]), proof, read_checkpoint(note))


class Witness:
    """What this account has seen of other logs; one file a log, named for the hash of its origin."""

    def __init__(self, folder: Path, clock: Clock = utc_now) -> None:
        self._folder = folder
        self._clock = clock

    def seen(self, origin: str) -> Checkpoint | None:
        """The last checkpoint of a log that was signed here.

        Raises:
            MalformedNote: the memory is damaged.
        """
        try:
            return read_checkpoint(self._file(origin).read_bytes())
        except FileNotFoundError:
            return None

    def cosign(
        self, request: WitnessRequest, *, trusted: Sequence[PublicKey], key: OwnKey
    ) -> Witnessed:
        """Check a request against what was seen before, remember it, and sign it.

        Args:
            trusted: keys that are believed for checkpoints here.
            key: this witness's own; its record's name is the witness's name.

        Raises:
            SignerUnknown, SignatureWrong: the checkpoint is not signed by a log that is known here.
            CheckpointRefused: it does not continue what was seen. Facts: `origin`, `seen`, `size`, `kind`, which is
                `history` (other entries than before), `shorter`, or `since` (the request starts elsewhere).
            OSError: it cannot be remembered; nothing was signed.
        """
        checkpoint = request.checkpoint
        verify_note(checkpoint.note, log_keys(checkpoint, trusted))
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with data_lock(self._folder):
            last = self.seen(checkpoint.origin)
            _require_continuation(request, last)
            # Remembered before it is signed: a witness that forgets can be told two stories.
            durable.write_bytes(self._file(checkpoint.origin), checkpoint.document)
        line = cosign_note(checkpoint.note.text, key.record.name, key, self._clock())
        signed = Checkpoint(
            checkpoint.origin,
            checkpoint.size,
            checkpoint.root,
            checkpoint.note.with_signature(line),
        )
        return Witnessed(signed, last.size if last else 0)

    def _file(self, origin: str) -> Path:
        return (
            self._folder / f"{hashlib.sha256(origin.encode('utf-8')).hexdigest()[:32]}.checkpoint"
        )


def _require_continuation(request: WitnessRequest, last: Checkpoint | None) -> None:
    new = request.checkpoint
    seen = last.size if last else 0

    def refused(kind: str, message: str, next_step: str) -> CheckpointRefused:
        return CheckpointRefused(
            f"{message} Not signed.",
            next_step=next_step,
            kind=kind,
            origin=new.origin,
            seen=seen,
            size=new.size,
        )

    if new.size < seen:
        raise refused(
            "shorter",
            f"This log had {seen} entries when it was signed here, and now says {new.size}.",
            "Someone cut the log, or an old copy was put in its place. Keep both checkpoints.",
        )
    if request.old != seen:
        raise refused(
            "since",
            f"The request starts at {request.old} entries, and {seen} were seen here.",
            f"Make it again with steelyard audit checkpoint --since {seen}.",
        )
    if last is None:
        if request.proof:
            raise refused("since", "The request holds a proof from nothing.", "Make it again.")
        return
    if not is_consistent(seen, new.size, request.proof, last.root, new.root):
        raise refused(
            "history",
            f"The first {seen} entries of this log are not those that were signed here.",
            "Someone wrote the log anew. Keep both checkpoints and ask whoever keeps it.",
        )


def log_keys(checkpoint: Checkpoint, trusted: Sequence[PublicKey]) -> list[NoteKey]:
    """Trusted keys under the log's own name."""
    return [
        NoteKey(checkpoint.origin, key, ED25519)
        for key in trusted
        if key.algorithm is Algorithm.ED25519
    ]


def witness_keys(checkpoint: Checkpoint, trusted: Sequence[PublicKey]) -> list[NoteKey]:
    """Trusted keys under every name that stands below a checkpoint, as witnesses."""
    return [
        NoteKey(line.name, key, COSIGNATURE)
        for line in checkpoint.note.signatures
        for key in trusted
        if key.algorithm is Algorithm.ED25519
    ]


def witnessed_to(checkpoints: Checkpoints, trusted: Sequence[PublicKey]) -> int | None:
    """Up to which entry a trusted witness vouches for the log; None: no witness has seen it.

    A line that does not fit, or a damaged checkpoint, counts as none; `Checkpoints.roots` tells of those.
    """
    for size in reversed(checkpoints.sizes()):
        try:
            found = checkpoints.read(size)
            if verify_note(found.note, witness_keys(found, trusted)):
                return size
        except (MalformedNote, CheckpointRefused, SignatureRefused):
            continue
    return None


def take_back(
    checkpoints: Checkpoints, data: bytes, *, trusted: Sequence[PublicKey]
) -> tuple[Checkpoint, tuple[NoteSigned, ...]]:
    """Keep the signatures of trusted witnesses under a checkpoint of this log that came back.

    Raises:
        MalformedNote: it is no checkpoint.
        CheckpointRefused: it is of another log, or of another history of this one.
        SignerUnknown, SignatureWrong: no trusted witness signed it, or not this.
    """
    returned = read_checkpoint(data)
    log = checkpoints.log
    if returned.origin != checkpoints.origin() or returned.size > log.count():
        raise CheckpointRefused(
            f"The checkpoint is over {returned.size} entries of {returned.origin}, not of this log.",
            origin=returned.origin,
            size=returned.size,
        )
    if tree_root(log.tiles, returned.size) != returned.root:
        raise CheckpointRefused(
            f"The witness signed other entries than the first {returned.size} of this log.",
            next_step="Run steelyard audit verify, and keep the checkpoint as evidence.",
            origin=returned.origin,
            size=returned.size,
        )
    verify_note(returned.note, [checkpoints.note_key()])
    signed = verify_note(returned.note, witness_keys(returned, trusted))
    known = {(one.by.name, one.by.key_id) for one in signed}
    kept = checkpoints.keep_signed(
        returned, [line for line in returned.note.signatures if (line.name, line.key_id) in known]
    )
    return kept, signed
