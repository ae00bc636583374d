"""Models in the store: what is asked of them and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steelyard.base.errors import Json


@dataclass(frozen=True)
class TrustFacts:
    """The four trust facts as faces show them."""

    publisher_hash: str
    signed_by: str | None
    scan: str
    approved_by: str | None
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelRow:
    """One model as `model list` shows it.

    Attributes:
        gate: verdict of the newest finished fast gate, or None: not run. `gate_passed`/`gate_total`
            count its rows.
        license_state: state of the `commercial_use` answer, so that lists can show the right mark.
        loaded: an engine of this process holds it now.
        pinned: kept from being removed or collected; `pin_reason` says why.
    """

    name: str
    title: str
    publisher: str
    digest: str
    state: str
    format: str
    quantization: str
    architecture: str
    size_bytes: int
    parameters: int | None
    context_length: int | None
    license_id: str | None
    license_state: str
    trust: TrustFacts
    added_at: str
    last_verified_at: str | None
    gate: str | None = None
    gate_passed: int = 0
    gate_total: int = 0
    loaded: bool = False
    reason: str = ""
    pinned: bool = False
    pin_reason: str = ""


@dataclass(frozen=True)
class ModelFile:
    """One file of a model."""

    path: str
    size_bytes: int
    sha256: str
    publisher_hash: str


@dataclass(frozen=True)
class ListModels:
    """All models, quarantined and retired ones included."""


@dataclass(frozen=True)
class ModelList:
    """`free_bytes` is what the store's disk has left. `away`: it is not there; this is what was known last."""

    models: tuple[ModelRow, ...]
    free_bytes: int = 0
    away: bool = False


@dataclass(frozen=True)
class ShowModel:
    """One model: a name in the store, or its digest."""

    model: str


@dataclass(frozen=True)
class ModelDetail:
    """Everything the store and the file's own header say.

    Attributes:
        card: the model card's Markdown, or None; text from outside.
        chat_template: the template's text, or None; text from outside.
        source: where it came from, as sentences' facts.
        metadata: header facts by key (strings, numbers; long arrays are summarised).
        license: what each witness says.
        path: the view folder in the store.
    """

    model: ModelRow
    files: tuple[ModelFile, ...]
    source: dict[str, Json]
    card: str | None
    chat_template: str | None
    template_digest: str | None
    tokenizer_digest: str | None
    metadata: dict[str, Json]
    base_models: tuple[str, ...]
    path: str


@dataclass(frozen=True)
class ImportModel:
    """Take in a GGUF file or a safetensors folder.

    Attributes:
        path: what to import; it is copied, never moved.
        sha256: what its publisher declares (GGUF file only), with or without `sha256:`.
        name: under which name; made from the file's when empty.
    """

    path: Path
    sha256: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class PullModel:
    """Fetch from a hub-compatible endpoint.

    Attributes:
        reference: `owner/name[:file][@revision]`, or a pasted URL of such a repository.
        file: which file; a GGUF repository with several needs one.
        endpoint: base URL; the configured source when empty.
        source: name of a configured source to fetch from; instead of `endpoint`.
        connections: at once, over all files; the setting `downloads.connections` when None.
        limit_bytes_per_s: over all connections, 0: none; the setting `downloads.limit-bytes-per-s` when None.
    """

    reference: str
    file: str | None = None
    revision: str | None = None
    endpoint: str | None = None
    name: str | None = None
    source: str | None = None
    connections: int | None = None
    limit_bytes_per_s: int | None = None


@dataclass(frozen=True)
class ModelTaken:
    """Result of an import or a pull."""

    model: ModelRow
    files: tuple[ModelFile, ...]
    bytes_fetched: int
    bytes_reused: int


@dataclass(frozen=True)
class VerifyModels:
    """Hash again what is in the store. An empty `model` means all of them."""

    model: str | None = None


@dataclass(frozen=True)
class ModelsVerified:
    """Paths are `model/path`. The exit code is 1 unless `ok`."""

    ok: bool
    mismatched: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    checked_bytes: int
    models: int = 0
    elapsed_s: float = 0.0


@dataclass(frozen=True)
class ApproveModel:
    """A named person approves a verified model, with a reason."""

    model: str
    reason: str = ""


@dataclass(frozen=True)
class ModelApproved:
    """The model after it."""

    model: ModelRow


@dataclass(frozen=True)
class RemoveModel:
    """Take a model out of the store; `dry_run` only says what would go."""

    model: str
    dry_run: bool = False


@dataclass(frozen=True)
class ModelRemoved:
    """What went, or would go. Blobs that other models share stay."""

    name: str
    digest: str
    dry_run: bool
    freed_bytes: int
    blobs_removed: int
    blobs_shared: int
