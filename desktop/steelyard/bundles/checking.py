"""Is this bundle what a trusted sender signed? In this order, and each step only if the one before held:

its form; the signatures over their raw bytes; the list of files that was signed; the digest of `bundle.json` in
that list; only then what `bundle.json` says; that nothing is missing and nothing extra; and, where asked, every
byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from steelyard.base.digests import digest_of
from steelyard.base.progress import Reporter
from steelyard.bundles import layout
from steelyard.bundles.errors import (
    BundleRefusal,
    FileDiffers,
    FileExtraInBundle,
    FileMissingInBundle,
    MalformedBundle,
    SenderNotSigner,
)
from steelyard.bundles.manifest import BundleManifest, read_manifest
from steelyard.bundles.sources import Source, open_source, read_whole
from steelyard.signing import model_signing
from steelyard.signing.dsse import UNKNOWN, Signer, require_signers
from steelyard.signing.errors import SignerUnknown, Unsigned
from steelyard.signing.key_record import Purpose
from steelyard.signing.trust import TrustList

MOST_MARKS = 200
"""Commas, brackets and braces in a signature file. It has about thirty, whoever wrote it; what has thousands is
meant to fill the memory of whoever parses it."""


@dataclass(frozen=True)
class Rules:
    """What policy asks of a bundle.

    Attributes:
        at: the time at which keys must be in force.
        needed: how many different trusted keys must have signed.
        allow_unsigned: take also what nobody, or nobody who is known, has signed.
    """

    trust: TrustList
    at: datetime
    needed: int = 1
    allow_unsigned: bool = False


@dataclass(frozen=True)
class Signatures:
    """The signature files, and what each is worth.

    Attributes:
        files: raw bytes by path.
        signers: one for every signature; `key_id` is what the file claims where the key is not known.
        statement: the bytes that were signed; not believed here.
    """

    files: Mapping[str, bytes]
    signers: tuple[Signer, ...]
    statement: bytes


@dataclass(frozen=True)
class Opened:
    """A bundle whose manifest may be believed as far as its signers are. Close its source.

    Attributes:
        digest: of `bundle.json`, `sha256:<hex>`; it names the bundle.
        signers: every signature; `believed` the trusted ones, one a key, none of an unsigned bundle.
        findings: what is missing, extra or of another size.
    """

    source: Source
    manifest: BundleManifest
    raw_manifest: bytes
    digest: str
    signatures: Signatures
    believed: tuple[Signer, ...]
    findings: tuple[BundleRefusal, ...]

    @property
    def sender(self) -> str:
        """What the sender's key is called here; empty for an unsigned bundle."""
        wanted = self.manifest.sender.fingerprint
        return next((s.name for s in self.believed if s.fingerprint == wanted), "")

    def require_whole(self) -> None:
        """Raise what `findings` has first.

        Raises:
            FileMissingInBundle, FileExtraInBundle, FileDiffers.
        """
        if self.findings:
            raise self.findings[0]


def open_bundle(path: Path, rules: Rules, report: Reporter | None = None) -> Opened:
    """Open a bundle and check everything but the bytes of its files.

    Raises:
        BundleNotFound, NotABundle, BundleUnreadable: there is nothing to look at.
        BundleRefusal: it is not whole, or does not have the form of one.
        SignatureRefused, TrustNotUsable, MalformedEnvelope: it is not signed as policy asks.
        SenderNotSigner: it names a sender who did not sign it.
    """
    (report or Reporter())("checking signature", 0, None, unit="items", detail=path.name)
    source = open_source(path)
    try:
        return believe(source, read_signatures(source, rules), rules)
    except BaseException:
        source.close()
        raise


def read_signatures(source: Source, rules: Rules) -> Signatures:
    """Read the signature files and judge each; nothing else of the bundle is opened.

    Raises:
        MalformedBundle, MalformedEnvelope, WrongDocument: a file is no signature, or they differ in what they sign.
        BundleUnreadable: one cannot be read.
    """
    paths = sorted(path for path in source.sizes if layout.is_signature(path))
    files = {path: read_whole(source, path) for path in paths}
    for path, data in files.items():
        if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MOST_MARKS:
            raise MalformedBundle(
                f"{path} does not have the form of a signature. Nothing was opened.",
                next_step="Ask the sender for a new copy.",
                path=path,
            )
    examined = model_signing.examine(
        tuple(files.values()), trust=rules.trust, purpose=Purpose.BUNDLE, at=rules.at
    )
    signers = examined.signers
    if len(signers) == len(paths):
        signers = tuple(map(_claimed, signers, paths))
    return Signatures(files, signers, examined.unverified_payload)


def _claimed(signer: Signer, path: str) -> Signer:
    """An OpenSSF signature names no key that people know; its file's name does, as a claim."""
    if signer.kind != UNKNOWN:
        return signer
    return replace(signer, key_id=path.rsplit("/", 1)[-1].removesuffix(".json"))


def believe(source: Source, signatures: Signatures, rules: Rules) -> Opened:
    """Check a bundle from its signatures to its list of files.

    Raises:
        See `open_bundle`.
    """
    believed = _believed(signatures, rules)
    signed: Mapping[str, str] | None = None
    if believed:
        statement = model_signing.read_statement(signatures.statement)
        if set(statement.ignored) - {layout.SIGNATURES}:
            raise MalformedBundle(
                "The signature leaves out more than the signatures themselves. Nothing was opened.",
                next_step="Ask the sender for a bundle made with Steelyard.",
                path="",
            )
        signed = statement.files
    raw = _raw_manifest(source, signed)
    manifest = read_manifest(raw)
    _check_sender(manifest, believed)
    listed = {file.path: file.sha256 for file in manifest.files}
    listed[layout.MANIFEST] = digest_of(raw)
    if signed is not None and signed != listed:
        raise MalformedBundle(
            "What was signed is not what bundle.json lists. Nothing was taken in.",
            next_step="Ask the sender for a new bundle.",
            path=layout.MANIFEST,
        )
    return Opened(
        source,
        manifest,
        raw,
        digest_of(raw),
        signatures,
        believed,
        tuple(_differences(source, manifest)),
    )


def _believed(signatures: Signatures, rules: Rules) -> tuple[Signer, ...]:
    try:
        return require_signers(
            signatures.signers, trust=rules.trust, needed=rules.needed, what="The bundle"
        )
    except (Unsigned, SignerUnknown):
        # Whoever could change it could also take a signature away, so an unknown one is no worse than none.
        if not rules.allow_unsigned:
            raise
        return ()


def _raw_manifest(source: Source, signed: Mapping[str, str] | None) -> bytes:
    if layout.MANIFEST not in source.sizes:
        raise _missing(layout.MANIFEST)
    raw = read_whole(source, layout.MANIFEST)
    if signed is not None:
        if layout.MANIFEST not in signed:
            raise _extra(layout.MANIFEST)
        if signed[layout.MANIFEST] != digest_of(raw):
            raise _differs(layout.MANIFEST, signed[layout.MANIFEST], digest_of(raw))
    return raw


def _check_sender(manifest: BundleManifest, believed: Iterable[Signer]) -> None:
    signers = {signer.fingerprint for signer in believed}
    if signers and manifest.sender.fingerprint not in signers:
        raise SenderNotSigner(
            f"The bundle says it is from {manifest.sender.name[:80]!r}, whose key is not among the trusted "
            "ones that signed it. Nothing was taken in.",
            next_step="Ask the sender to sign it, and trust their key if you know them.",
            path=layout.MANIFEST,
            sender=manifest.sender.fingerprint,
        )


def _differences(source: Source, manifest: BundleManifest) -> Iterable[BundleRefusal]:
    listed = {file.path: file.size_bytes for file in manifest.files}
    for path, size in listed.items():
        there = source.sizes.get(path)
        if there is None:
            yield _missing(path)
        elif there != size:
            yield _differs(path, f"{size} bytes", f"{there} bytes")
    for path in source.sizes:
        if path not in listed and path != layout.MANIFEST and not layout.is_signature(path):
            yield _extra(path)


def _missing(path: str) -> FileMissingInBundle:
    return FileMissingInBundle(
        f"{path} is missing from the bundle. Nothing was taken in.",
        next_step="Copy the bundle again, or ask the sender for a new one.",
        path=path,
    )


def _extra(path: str) -> FileExtraInBundle:
    return FileExtraInBundle(
        f"{path} is in the bundle, and nobody signed it. Nothing was taken in.",
        next_step="Copy the bundle again from where it was made, or ask the sender for a new one.",
        path=path,
    )


def _differs(path: str, expected: str, actual: str) -> FileDiffers:
    return FileDiffers(
        f"{path} is not what was signed. Nothing was taken in.",
        next_step="Copy the bundle again, or ask the sender for a new one.",
        path=path,
        expected=expected,
        actual=actual,
    )
