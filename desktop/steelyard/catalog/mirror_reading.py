"""Reading a site mirror: its signature over the raw bytes first, then its index, and its files as a pull's source.

An index that no trusted key signed is refused unless policy takes unsigned ones; one that names a trusted key and does
not fit its signature is refused always. An older index than was accepted before is refused, and so is another
one with the same number.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from steelyard.base.digests import digest_of
from steelyard.catalog.errors import MirrorDamaged, MirrorWentBack, NotAMirror
from steelyard.catalog.mirror_format import (
    ENVELOPE_BYTES,
    INDEX,
    INDEX_BYTES,
    PAYLOAD_TYPE,
    SIGNATURE,
    MirrorIndex,
    blob_path,
    parse_index,
)
from steelyard.catalog.mirror_place import MirrorPlace
from steelyard.connections.errors import FileNotInRepository, RepositoryNotFound
from steelyard.connections.repository import Body, Listing, RemoteFile
from steelyard.signing import dsse
from steelyard.signing.errors import SignatureRefused, SignatureWrong, Unsigned
from steelyard.signing.key_record import Purpose
from steelyard.signing.trust import TrustList

WHAT = "The mirror's index"
NEWEST = "main"
TRIES = 4


@dataclass(frozen=True)
class MirrorRules:
    """What policy asks of a mirror.

    Attributes:
        at: the time at which a key must be in force.
        allow_unsigned: take an index that nobody who is trusted signed.
        seen_serial, seen_digest: of the index accepted last, or None.
    """

    trust: TrustList
    at: datetime
    allow_unsigned: bool = False
    seen_serial: int | None = None
    seen_digest: str = ""


@dataclass(frozen=True)
class AcceptedIndex:
    """An index that may be used. `signed_by` is the trusted key's name, or None: unsigned, by policy."""

    index: MirrorIndex
    signed_by: str | None
    digest: str


def read_index(place: MirrorPlace, rules: MirrorRules) -> AcceptedIndex:
    """Fetch, check and parse an index.

    Raises:
        NotAMirror: there is none.
        SignatureRefused, TrustNotUsable, MalformedEnvelope: it is not signed as it must be.
        MirrorWentBack: it is older than what was accepted before.
        MirrorDamaged: it does not fit its signature file, or is malformed.
        RemoteFailure, SourceAway: the place.
    """
    data, signed_by = _believed(place, rules)
    digest = digest_of(data)
    index = parse_index(data)
    if rules.seen_serial is not None and index.serial < rules.seen_serial:
        raise MirrorWentBack(
            f"The mirror offers index {index.serial}, and {rules.seen_serial} was accepted before. "
            "An older one may hide what was withdrawn since; nothing was taken from it.",
            next_step="Ask whoever runs the mirror. To begin anew, drop the source with --forget and add it "
            "again.",
            serial=index.serial,
            seen_serial=rules.seen_serial,
        )
    if index.serial == rules.seen_serial and digest != rules.seen_digest:
        raise MirrorDamaged(
            f"The mirror's index {index.serial} is not the one that was accepted under this number before.",
            next_step="Ask whoever runs the mirror.",
            what="serial",
        )
    return AcceptedIndex(index, signed_by, digest)


def _believed(place: MirrorPlace, rules: MirrorRules) -> tuple[bytes, str | None]:
    """The index's bytes, not parsed, and who signed them."""
    for _ in range(TRIES):
        envelope = place.read(SIGNATURE, ENVELOPE_BYTES)
        data = place.read(INDEX, INDEX_BYTES)
        if data is None:
            raise NotAMirror(
                f"There is no mirror at {place.endpoint}: it has no {INDEX}.",
                next_step="Check the place, or make one with steelyard catalog publish.",
                path=place.endpoint,
            )
        if envelope is None:
            return _unsigned(data, rules)
        signed, signed_by = _signed(envelope, rules)
        if signed == data:
            return data, signed_by
        # Else it may be published at this very moment.
    raise MirrorDamaged(
        f"{INDEX} of the mirror is not what {SIGNATURE} signs. Nothing was taken from it.",
        next_step="Tell whoever runs the mirror.",
        what=INDEX,
    )


def _unsigned(data: bytes, rules: MirrorRules) -> tuple[bytes, None]:
    if rules.allow_unsigned:
        return data, None
    raise Unsigned(
        f"{WHAT} is not signed. It was not read.",
        next_step="Ask whoever runs the mirror to sign it, or allow unsigned ones with the setting "
        "sources.allow-unsigned-mirror.",
        signers=[],
    )


def _signed(envelope: bytes, rules: MirrorRules) -> tuple[bytes, str | None]:
    try:
        verified = dsse.verify(
            envelope,
            payload_type=PAYLOAD_TYPE,
            trust=rules.trust,
            purpose=Purpose.CATALOG,
            at=rules.at,
            what=WHAT,
        )
    except SignatureWrong:
        raise
    except SignatureRefused:
        if not rules.allow_unsigned:
            raise
        examined = dsse.examine(
            envelope,
            payload_type=PAYLOAD_TYPE,
            trust=rules.trust,
            purpose=Purpose.CATALOG,
            at=rules.at,
            what=WHAT,
        )
        return examined.unverified_payload, None
    return verified.payload, verified.signers[0].name


class MirrorRepository:
    """An accepted index and its place, as a `connections.repository.RemoteRepository`."""

    def __init__(self, place: MirrorPlace, accepted: AcceptedIndex) -> None:
        self._place = place
        self._index = accepted.index

    @property
    def endpoint(self) -> str:
        """See `RemoteRepository`."""
        return self._place.endpoint

    def listing(self, repository: str, revision: str) -> Listing:
        """See `RemoteRepository`; every file has a digest."""
        wanted = None if revision == NEWEST else revision
        commit, files = self._index.files_of(repository, wanted)
        if not files:
            raise RepositoryNotFound(
                f"The mirror has no {repository} with a revision {revision}.",
                next_step="See steelyard catalog search --source with the mirror's name.",
                repository=repository,
                revision=revision,
            )
        listed = (RemoteFile(f.path, f.size_bytes, f.sha256, None) for f in files.values())
        return Listing(repository, commit, tuple(listed))

    @contextmanager
    def stream(
        self,
        repository: str,
        commit: str,
        path: str,
        *,
        start: int = 0,
        end: int | None = None,
        if_range: str | None = None,
    ) -> Iterator[Body]:
        """See `RemoteRepository`."""
        _, files = self._index.files_of(repository, commit)
        where = blob_path(files[path].sha256) if path in files else ""
        if where:
            opened = self._place.stream(where, start=start, end=end, if_range=if_range)
            with opened as body:
                if body is not None:
                    yield body
                    return
        raise FileNotInRepository(
            f"The mirror does not have {path} of {repository}, although its index lists it.",
            next_step="Tell whoever runs the mirror, or use another source.",
            file=path,
            choices=[],
        )

    def hang_up(self) -> None:
        """See `RemoteRepository`."""
        self._place.hang_up()
