"""The OpenSSF Model Signing form: an in-toto statement with a SHA-256 per file, in a DSSE envelope, in a
Sigstore bundle. What is signed here verifies with the public `model_signing` tool, and the other way round.

The form holds one signature a file, so several signers write several files over the same statement.

The tool leaves `.git*` paths out unless told otherwise; nothing is left out here except the paths the statement
names, and a reader sees which those are.

Source: model_signing 1.1.1 (predicate v1.0); Sigstore bundle v0.3; in-toto Statement v1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath

from steelyard.base.canonical import strict_loads
from steelyard.base.errors import Json, MalformedInput
from steelyard.signing.dsse import (
    MAX_ENVELOPE_BYTES,
    MAX_SIGNATURES,
    MAX_TEXT_CHARS,
    Envelope,
    EnvelopeSignature,
    Examined,
    Signer,
    Verified,
    envelope_json,
    envelope_of,
    judge_signers,
    pae,
    require_signers,
)
from steelyard.signing.errors import MalformedEnvelope, WrongDocument
from steelyard.signing.key_record import Purpose
from steelyard.signing.own_keys import OwnKey
from steelyard.signing.public_key import Algorithm
from steelyard.signing.trust import TrustList

BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"
MAX_FILES = 1_000_000


@dataclass(frozen=True)
class Statement:
    """What a verified payload says.

    Attributes:
        name: the folder's own name for itself.
        digest: `sha256:<hex>` over the files' digests, in their order.
        files: `sha256:<hex>` by path, with `/`, relative to the folder.
        ignored: paths the signer left out; whatever lies there is not signed.
    """

    name: str
    digest: str
    files: Mapping[str, str]
    ignored: tuple[str, ...]


def statement_for(files: Mapping[str, str], name: str, *, ignored: Sequence[str] = ()) -> bytes:
    """The payload that says these are the files.

    Args:
        files: `sha256:<hex>` (or bare hex) by path with `/`, relative to the folder.
        name: the folder's name; informative.
        ignored: paths below which nothing is signed, such as the folder the signatures lie in.
    """
    hasher = hashlib.sha256()
    resources: list[Json] = []
    # The tool sorts by path parts, not by text: `a/b` before `a.b`.
    for path in sorted(files, key=PurePosixPath):
        digest = files[path].removeprefix("sha256:")
        hasher.update(bytes.fromhex(digest))
        resources.append({"name": path, "algorithm": "sha256", "digest": digest})
    serialization: dict[str, Json] = {
        "method": "files",
        "hash_type": "sha256",
        "allow_symlinks": False,
    }
    if ignored:
        serialization["ignore_paths"] = list[Json](sorted(ignored))
    statement: dict[str, Json] = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": hasher.hexdigest()}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {"serialization": serialization, "resources": resources},
    }
    return json.dumps(statement, indent=1).encode("utf-8")


def read_statement(payload: bytes) -> Statement:
    """Read a payload whose signature was checked.

    Raises:
        MalformedEnvelope: it is not such a statement, names a path twice or outside the folder, or its digest
            is not that of its files.
    """
    try:
        document = strict_loads(payload, what="The signed statement")
    except MalformedInput as error:
        raise MalformedEnvelope(error.message) from error
    root = _object(document)
    if root.get("_type") != STATEMENT_TYPE or root.get("predicateType") != PREDICATE_TYPE:
        raise MalformedEnvelope("The signed statement is not about a model's files.")
    subjects = root.get("subject")
    if not isinstance(subjects, list) or len(subjects) != 1:
        raise MalformedEnvelope("The signed statement is not about one folder.")
    subject, predicate = _object(subjects[0]), _object(root.get("predicate"))
    how = _object(predicate.get("serialization"))
    if how.get("method") != "files" or how.get("hash_type") != "sha256":
        raise MalformedEnvelope("The signed statement does not list whole files by SHA-256.")
    files, root_digest = _files(predicate.get("resources"))
    if _object(subject.get("digest")).get("sha256") != root_digest:
        raise MalformedEnvelope("The signed statement's digest is not that of its files.")
    ignored = how.get("ignore_paths", [])
    if not isinstance(ignored, list) or not all(isinstance(path, str) for path in ignored):
        raise MalformedEnvelope("The signed statement's list of ignored paths is not one.")
    return Statement(
        str(subject.get("name", "")),
        f"sha256:{root_digest}",
        files,
        tuple(str(path) for path in ignored),
    )


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise MalformedEnvelope("The signed statement has another form.")
    return value


def _files(resources: Json) -> tuple[dict[str, str], str]:
    if not isinstance(resources, list) or len(resources) > MAX_FILES:
        raise MalformedEnvelope("The signed statement does not list files.")
    files: dict[str, str] = {}
    hasher = hashlib.sha256()
    for resource in resources:
        entry = _object(resource)
        name, digest = entry.get("name"), entry.get("digest")
        if (
            not isinstance(name, str)
            or not isinstance(digest, str)
            or entry.get("algorithm") != "sha256"
            or len(digest) != 64
            or any(c not in "0123456789abcdef" for c in digest)
        ):
            raise MalformedEnvelope("The signed statement lists a file in another form.")
        parts = name.split("/")
        if (
            name in files
            or "\\" in name
            or "\0" in name
            or any(p in ("", ".", "..") for p in parts)
        ):
            raise MalformedEnvelope(
                f"The signed statement names the path {name[:200]!r}, twice or not as one inside the folder."
            )
        files[name] = f"sha256:{digest}"
        hasher.update(bytes.fromhex(digest))
    return files, hasher.hexdigest()


def sign(statement: bytes, key: OwnKey) -> bytes:
    """A signature file over a statement, by one P-256 key.

    Raises:
        ValueError: the key is of another kind; a programming error.
    """
    if key.key.algorithm is not Algorithm.P256:
        raise ValueError("the OpenSSF form takes elliptic curve keys")
    signature = EnvelopeSignature("", key.sign(pae(PAYLOAD_TYPE, statement)))
    document: dict[str, Json] = {
        "mediaType": BUNDLE_TYPE,
        "verificationMaterial": {
            "publicKey": {"hint": key.key.pem_hint},
            "tlogEntries": [],
        },
        "dsseEnvelope": envelope_json(Envelope(PAYLOAD_TYPE, statement, (signature,))),
    }
    return json.dumps(document).encode("utf-8")


def read_signature_file(data: bytes, *, what: str = "The signature") -> Envelope:
    """The envelope in a signature file. Of the rest only the hint is kept, which says whose key to try.

    Raises:
        MalformedEnvelope: it is no such file, or not over files.
        WrongDocument: it signs another kind of document.
    """
    if len(data) > MAX_ENVELOPE_BYTES:
        raise MalformedEnvelope(f"{what} is larger than {MAX_ENVELOPE_BYTES} bytes.")
    try:
        document = strict_loads(data, what=what)
    except MalformedInput as error:
        raise MalformedEnvelope(error.message) from error
    if not isinstance(document, dict) or document.get("mediaType") != BUNDLE_TYPE:
        raise MalformedEnvelope(f"{what} is not in the OpenSSF Model Signing form.")
    envelope = envelope_of(document.get("dsseEnvelope"), what=what)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise WrongDocument(
            f"{what} is for another kind of document.",
            expected=PAYLOAD_TYPE,
            found=envelope.payload_type,
        )
    hint = _hint(document)
    return replace(
        envelope,
        signatures=tuple(replace(one, keyid=one.keyid or hint) for one in envelope.signatures),
    )


def _hint(document: dict[str, Json]) -> str:
    material = document.get("verificationMaterial")
    public = material.get("publicKey") if isinstance(material, dict) else None
    hint = public.get("hint") if isinstance(public, dict) else None
    return hint[:MAX_TEXT_CHARS] if isinstance(hint, str) else ""


def verify(
    signature_files: Sequence[bytes],
    *,
    trust: TrustList,
    purpose: Purpose,
    at: datetime,
    needed: int = 1,
    what: str = "The bundle",
) -> Verified:
    """The one statement that all signature files are over, once at least `needed` trusted keys signed it.

    Raises:
        MalformedEnvelope: a file is none, or two files are over different statements.
        WrongDocument: a file signs another kind of document.
        SignatureRefused: as `dsse.verify`; `Unsigned` when there is no file.
    """
    examined = examine(signature_files, trust=trust, purpose=purpose, at=at, what=what)
    believed = require_signers(examined.signers, trust=trust, needed=needed, what=what)
    return Verified(examined.unverified_payload, believed)


def examine(
    signature_files: Sequence[bytes],
    *,
    trust: TrustList,
    purpose: Purpose,
    at: datetime,
    what: str = "The bundle",
) -> Examined:
    """The statement, not believed (empty when there is no file), and every signature's worth.

    Raises:
        MalformedEnvelope, WrongDocument: as `verify`.
    """
    if len(signature_files) > MAX_SIGNATURES:
        raise MalformedEnvelope(f"{what} carries more than {MAX_SIGNATURES} signatures.")
    signers: list[Signer] = []
    payload = b""
    for number, data in enumerate(signature_files):
        envelope = read_signature_file(data, what=f"A signature of {what[0].lower()}{what[1:]}")
        if number and envelope.payload != payload:
            raise MalformedEnvelope(f"{what} carries signatures over different lists of files.")
        payload = envelope.payload
        signers += judge_signers(envelope, trust=trust, purpose=purpose, at=at)
    return Examined(payload, tuple(signers))
