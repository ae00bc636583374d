"""Which paths a bundle may have, and how large it may be. A name that is not listed here does not exist.

    bundle.json                     what is carried: models, files, serial, sender
    models/<name>/<path>            a model's own files
    licenses/<name>.json            what the sender knows of its license
    bom/<name>.cdx.json             its ML-BOM
    runs/<name>/<run id>.json       an evaluation run of it
    notes/<name>/<note>             a decision note about it
    approvals/<name>.json           who approved it there
    proofs/<name>.json              the sender's log entries about it, with proofs
    blocks/<hex>.bin                SHA-256 of every 1 MiB block of the file with this digest
    signatures/<key id>.json        one a signer, over every other file

Only names inside `models/` are chosen by people; every other name is plain ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from steelyard.bundles.errors import BundleTooLarge, UnsafeBundlePath
from steelyard.store.errors import InvalidName, UnsafePath
from steelyard.store.names import check_distinct, check_name, check_path, fold

MANIFEST = "bundle.json"
MODELS = "models"
BLOCKS = "blocks"
SIGNATURES = "signatures"

MOST_FILES = 2_048
MOST_MODELS = 256
MOST_SIGNATURES = 16
MANIFEST_BYTES = 8 * 1024 * 1024
SIGNATURE_BYTES = 4 * 1024 * 1024
EVIDENCE_BYTES = 32 * 1024 * 1024
"""Largest single file that is neither a model's nor a list of blocks."""
EVIDENCE_TOTAL_BYTES = 256 * 1024 * 1024
"""All of these together."""
FILE_BYTES = 2**48
PATH_CHARS = 400

_PLAIN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_RULES: dict[str, tuple[str, re.Pattern[str]]] = {
    "licenses": ("license", re.compile(rf"{_PLAIN}\.json")),
    "bom": ("bom", re.compile(rf"{_PLAIN}\.cdx\.json")),
    "runs": ("run", re.compile(rf"{_PLAIN}/{_PLAIN}\.json")),
    "notes": ("note", re.compile(rf"{_PLAIN}/{_PLAIN}")),
    "approvals": ("approval", re.compile(rf"{_PLAIN}\.json")),
    "proofs": ("proof", re.compile(rf"{_PLAIN}\.json")),
    BLOCKS: ("blocks", re.compile(r"[0-9a-f]{64}\.bin")),
    SIGNATURES: ("signature", re.compile(r"[0-9A-Za-z]{1,64}\.json")),
}
_WEIGHTS = (".gguf", ".safetensors")


def kind_of(path: str) -> str:
    """What a path holds: `manifest`, `weights`, `model`, `license`, `bom`, `run`, `note`, `approval`, `proof`,
    `blocks` or `signature`.

    Raises:
        UnsafeBundlePath: no bundle has such a path.
    """
    folder, _, rest = path.partition("/")
    if path == MANIFEST:
        return "manifest"
    if folder == MODELS and rest:
        _check_model_path(path, rest)
        return "weights" if rest.lower().endswith(_WEIGHTS) else "model"
    rule = _RULES.get(folder)
    if rule is None or not rule[1].fullmatch(rest) or ".." in rest:
        raise _unsafe(path, "is not a path that a bundle has")
    return rule[0]


def model_path(name: str, path: str) -> str:
    """Where a model's file lies in a bundle."""
    return f"{MODELS}/{name}/{path}"


def blocks_path(sha256: str) -> str:
    """Where the block hashes of the file with this digest lie."""
    return f"{BLOCKS}/{sha256.removeprefix('sha256:')}.bin"


def is_evidence(kind: str) -> bool:
    """True for files that say something about a model and are not part of it."""
    return kind not in ("weights", "model", "blocks", "manifest", "signature")


def belongs_to(path: str, name: str) -> bool:
    """True for evidence about the model of this name."""
    folder, _, rest = path.partition("/")
    if folder in ("runs", "notes"):
        return rest.startswith(f"{name}/")
    return path in (
        f"licenses/{name}.json",
        f"bom/{name}.cdx.json",
        f"approvals/{name}.json",
        f"proofs/{name}.json",
    )


def is_signature(path: str) -> bool:
    """True for what no signature covers: the signatures themselves."""
    return path.startswith(f"{SIGNATURES}/")


def limit_of(kind: str) -> int:
    """The largest size in bytes of a file of this kind."""
    if kind in ("weights", "model", "blocks"):
        return FILE_BYTES
    if kind == "signature":
        return SIGNATURE_BYTES
    return MANIFEST_BYTES if kind == "manifest" else EVIDENCE_BYTES


def check_member(path: str, size_bytes: int) -> str:
    """Check one path and its size; return its kind.

    Raises:
        UnsafeBundlePath, BundleTooLarge.
    """
    kind = kind_of(path)
    limit = limit_of(kind)
    if not 0 <= size_bytes <= limit:
        raise BundleTooLarge(
            f"{path} in the bundle is larger than {limit:,} bytes. Nothing of it was believed.",
            next_step="Ask the sender for a new copy.",
            path=path,
            limit=limit,
        )
    return kind


def check_together(paths: Iterable[str]) -> None:
    """Check that no two paths are the same, or one the folder of another, on any platform.

    Each must have passed `kind_of`.

    Raises:
        UnsafeBundlePath: naming one of the two.
        BundleTooLarge: more files or models than a bundle may have.
    """
    within: dict[str, list[str]] = {}
    seen: set[str] = set()
    for number, path in enumerate(paths):
        if path in seen:
            raise _unsafe(path, "is there twice")
        seen.add(path)
        if number >= MOST_FILES + MOST_SIGNATURES:
            raise too_many("files", MOST_FILES)
        if path.startswith(f"{MODELS}/"):
            _, name, rest = path.split("/", 2)
            within.setdefault(name, []).append(rest)
    if len(within) > MOST_MODELS:
        raise too_many("models", MOST_MODELS)
    folded: set[str] = set()
    for name, inner in within.items():
        if fold(name) in folded:
            raise _unsafe(f"{MODELS}/{name}", "is the same as another on some platforms")
        folded.add(fold(name))
        try:
            check_distinct(inner)
        except UnsafePath as error:
            raise _unsafe(
                f"{MODELS}/{name}", f"holds what is not safe: {error.message.rstrip('.')}"
            ) from error


def too_many(what: str, limit: int) -> BundleTooLarge:
    """The error for a bundle with more of something than it may have."""
    return BundleTooLarge(
        f"The bundle has more than {limit:,} {what}. Nothing of it was believed.",
        next_step="Ask the sender to make several bundles.",
        path="",
        limit=limit,
    )


def _check_model_path(path: str, rest: str) -> None:
    name, slash, inner = rest.partition("/")
    if not slash or len(path) > PATH_CHARS:
        raise _unsafe(path, "is not a path that a bundle has")
    try:
        check_name(name)
        check_path(inner)
    except (InvalidName, UnsafePath) as error:
        raise _unsafe(path, f"is not safe: {error.message.rstrip('.')}") from error


def _unsafe(path: str, why: str) -> UnsafeBundlePath:
    shown = path.encode("utf-8", "backslashreplace").decode()[:300]
    return UnsafeBundlePath(
        f"The name {ascii(path)[:200]} in the bundle {why}. Nothing of it was believed.",
        next_step="Ask the sender for a new copy.",
        path=shown,
    )
