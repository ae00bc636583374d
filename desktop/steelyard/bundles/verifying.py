"""Looking at a bundle without taking anything in: what is wrong with it, in full, as findings.

What an import refuses with its first error, a check lists: signatures that do not count, files that are missing,
extra or changed, and which of their bytes are damaged.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from steelyard.base.errors import CheckFailed, MalformedInput, SteelyardError
from steelyard.base.progress import Reporter
from steelyard.bundles import blocks, layout
from steelyard.bundles.blocks import BlockList
from steelyard.bundles.checking import Opened, Rules, Signatures, believe, read_signatures
from steelyard.bundles.errors import BundleRefusal, MalformedBundle
from steelyard.bundles.manifest import CarriedFile
from steelyard.bundles.parts import unreadable
from steelyard.bundles.pump import pump
from steelyard.bundles.sources import Source, open_source, read_whole
from steelyard.signing.errors import (
    SignatureRefused,
    SignerExpired,
    SignerRevoked,
    TooFewSigners,
    Unsigned,
)


@dataclass(frozen=True)
class Finding:
    """Something wrong. `kind` is that of `BundleRefusal`s, `mismatch` or `unreadable`; `damaged_ranges` are byte
    ranges `(start, end)` of the file."""

    kind: str
    path: str
    detail: str
    damaged_ranges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Look:
    """What can be seen of a bundle.

    Attributes:
        opened: None if it may not be believed, so that nothing of it was opened.
        signatures: None if it does not even have the form of a bundle.
        checked_bytes: what was hashed.
    """

    opened: Opened | None
    signatures: Signatures | None
    parts: tuple[str, ...]
    findings: tuple[Finding, ...]
    checked_bytes: int = 0


def look(path: Path, rules: Rules, report: Reporter | None = None, *, every_byte: bool) -> Look:
    """Look at a bundle; with `every_byte` hash all of it.

    Raises:
        BundleNotFound, NotABundle, BundleUnreadable: there is nothing to look at.
        Cancelled: called off.
    """
    report = report or Reporter()
    report("checking signature", 0, None, unit="items", detail=path.name)
    try:
        source = open_source(path)
    except BundleRefusal as error:
        return Look(None, None, (), (finding_of(error),))
    signatures = None
    try:
        signatures = read_signatures(source, rules)
        opened = believe(source, signatures, rules)
        findings, checked = tuple(finding_of(error) for error in opened.findings), 0
        if every_byte:
            findings, checked = verify(opened, report)
        return Look(opened, signatures, source.parts, findings, checked)
    except (MalformedInput, CheckFailed) as error:
        return Look(None, signatures, source.parts, (finding_of(error),))
    finally:
        source.close()


def verify(opened: Opened, report: Reporter | None = None) -> tuple[tuple[Finding, ...], int]:
    """Hash every file once. One that differs is read a second time, to say where.

    Returns:
        What is wrong (also what was found on opening), and how many bytes were hashed.

    Raises:
        BundleUnreadable: the whole bundle is gone: a stick was removed.
        Cancelled: called off.
    """
    report = report or Reporter()
    findings = [finding_of(error) for error in opened.findings]
    broken = {finding.path for finding in findings}
    files = sorted(opened.manifest.files, key=lambda file: file.kind != "blocks")
    total_bytes = sum(file.size_bytes for file in files)
    done_bytes = 0
    checked_bytes = len(opened.raw_manifest)
    for file in files:

        def on_bytes(count: int, path: str = file.path) -> None:
            nonlocal done_bytes
            done_bytes += count
            report("hashing", done_bytes, max(total_bytes, done_bytes), detail=path)

        on_bytes(0)
        if file.path in broken:
            continue
        finding = _hash(opened, file, broken, on_bytes)
        checked_bytes += file.size_bytes
        if finding is not None:
            findings.append(finding)
            broken.add(file.path)
    return tuple(findings), checked_bytes


def _hash(
    opened: Opened, file: CarriedFile, broken: set[str], on_bytes: blocks.OnBytes
) -> Finding | None:
    source = opened.source

    def read(offset: int, buffer: memoryview) -> int:
        return source.read_into(file.path, offset, buffer)

    hasher = hashlib.sha256()
    kind, detail = "mismatch", "It is not what was signed."
    try:
        pump(read, file.size_bytes, [hasher.update], on_bytes)
    except OSError as error:
        check_there(source, error)
        kind, detail = "unreadable", f"It could not be read ({error.strerror or error})."
    else:
        if f"sha256:{hasher.hexdigest()}" == file.sha256:
            return None
    ranges: tuple[tuple[int, int], ...] = ()
    where = block_list_path(file)
    if where is None or where not in broken:
        found = blocks.damaged(_block_list(source, file, where), read, lambda _: on_bytes(0))
        ranges = blocks.ranges(found)
    return Finding(kind, file.path, detail, ranges)


def block_list_path(file: CarriedFile) -> str | None:
    """Where the block hashes of a file are; None where its own digest is all there is."""
    has = file.kind in ("weights", "model") and blocks.needs_list(file.size_bytes)
    return layout.blocks_path(file.sha256) if has else None


def block_list(file: CarriedFile, data: bytes | None) -> BlockList:
    """A file's block hashes from the content of its list, or for a file without one, one block of all of it.

    Raises:
        MalformedBundle: the list does not fit the file.
    """
    if data is None:
        return BlockList.of_whole(file.size_bytes, file.sha256)
    found = BlockList(file.size_bytes, data)
    if not found.fits:
        raise MalformedBundle(
            f"The block hashes of {file.path} are not as many as it has blocks.",
            next_step="Ask the sender for a new bundle.",
            path=layout.blocks_path(file.sha256),
        )
    return found


def _block_list(source: Source, file: CarriedFile, where: str | None) -> BlockList:
    return block_list(file, None if where is None else read_whole(source, where))


def check_there(source: Source, error: OSError) -> None:
    """Tell a bad place on a disk from a disk that is gone.

    Raises:
        BundleUnreadable: the bundle is not there any more.
    """
    first = source.path.with_name(source.parts[0]) if source.parts else source.path
    try:
        first.stat()
    except OSError:
        raise unreadable(source.path, error) from error


_KINDS: tuple[tuple[type[SteelyardError], str], ...] = (
    (Unsigned, "unsigned"),
    (SignerRevoked, "revoked"),
    (SignerExpired, "expired"),
    (TooFewSigners, "too-few-signers"),
    (SignatureRefused, "untrusted"),
)


def finding_of(error: SteelyardError) -> Finding:
    """A refusal as a line of a report."""
    if isinstance(error, BundleRefusal):
        return Finding(error.kind, error.path, error.message)
    fallback = "untrusted" if isinstance(error, CheckFailed) else "malformed"
    kind = next((kind for cls, kind in _KINDS if isinstance(error, cls)), fallback)
    return Finding(kind, "", error.message)
