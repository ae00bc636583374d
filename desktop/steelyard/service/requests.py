"""Requests and results of every operation: what the three faces say and hear.

Field names of the results are a contract with scripts (DESIGN, "JSON that scripts rely on").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from steelyard.base.errors import Json
from steelyard.evals.records import Row, RunRecord, Sample
from steelyard.licenses.records import (
    Answer,
    Neighbour,
    Obligation,
    Verdict,
    Witness,
)
from steelyard.runtime.records import Message, Sampling

# ------------------------------------------------------------------ models in the store


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
    """`free_bytes` is what the store's disk has left."""

    models: tuple[ModelRow, ...]
    free_bytes: int = 0


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
    """

    reference: str
    file: str | None = None
    revision: str | None = None
    endpoint: str | None = None
    name: str | None = None


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


# ------------------------------------------------------------------ licenses


@dataclass(frozen=True)
class ShowLicense:
    """The license of a model in the store."""

    model: str


@dataclass(frozen=True)
class ExplainLicense:
    """A known license by its identifier (SPDX, hub tag or ours)."""

    id: str


@dataclass(frozen=True)
class IdentifyLicense:
    """Recognise a license text."""

    file: Path


@dataclass(frozen=True)
class LicenseAnswers:
    """The grid.

    Attributes:
        answers: by question, in the grid's order.
        text: the license text that came with the model, or None; text from outside.
    """

    id: str | None
    name: str
    answers: dict[str, Answer]
    findings: tuple[str, ...]
    obligations: tuple[Obligation, ...]
    witnesses: tuple[Witness, ...]
    summary_version: str
    text_digest: str | None = None
    text_path: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class LicenseIdentified:
    """What a text is."""

    id: str | None
    verdict: Verdict
    neighbours: tuple[Neighbour, ...]
    left_over_chars: int
    left_over: tuple[str, ...]
    text_digest: str


# ------------------------------------------------------------------ machine and fit


@dataclass(frozen=True)
class ProbeMachine:
    """`engine` asks a worker what the inference engine sees (about a third of a second more)."""

    engine: bool = True


@dataclass(frozen=True)
class AskFit:
    """What a target needs: a model in the store, or a path to a GGUF file."""

    target: str
    context_tokens: int = 0
    kv_type: str = "f16"
    sequences: int = 1


# ------------------------------------------------------------------ running


@dataclass(frozen=True)
class LoadModel:
    """Load a model and keep it until it is unloaded or this process ends."""

    model: str
    context_tokens: int = 0


@dataclass(frozen=True)
class ModelLoaded:
    """What runs now."""

    name: str
    model_digest: str
    quantization: str
    engine: dict[str, str]
    context_tokens: int
    confinement: str
    load_s: float
    resident_bytes: int


@dataclass(frozen=True)
class UnloadModel:
    """End the worker; its memory comes back."""

    model: str


@dataclass(frozen=True)
class ModelUnloaded:
    """What was unloaded; `was_loaded` False when there was nothing to do."""

    name: str
    was_loaded: bool


@dataclass(frozen=True)
class Complete:
    """Answer a prompt or a conversation. Text arrives as `TextDelta` events while it is written.

    Attributes:
        prompt: one user turn; ignored when `messages` are given.
        raw: give the prompt to the model as it is, without the chat template.
        keep_loaded: leave the model loaded afterwards (the window), or unload it (a single command).
    """

    model: str
    prompt: str = ""
    messages: tuple[Message, ...] = ()
    system: str | None = None
    raw: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    context_tokens: int = 0
    thinking: bool = True
    keep_loaded: bool = False


@dataclass(frozen=True)
class Completion:
    """A finished answer and its figures."""

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    time_to_first_token_s: float
    tokens_per_s: float
    model_digest: str
    seed: int
    context_tokens: int = 0
    template_digest: str | None = None


@dataclass(frozen=True)
class Benchmark:
    """llama-bench's method in small: one prompt pass and one generation, after a warm-up."""

    model: str
    prompt_tokens: int = 512
    generated_tokens: int = 128
    repetitions: int = 5


@dataclass(frozen=True)
class Rate:
    """Median, lowest and highest of the repetitions."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class BenchmarkResult:
    """Tokens per second. `parallel` stays empty until the engine serves several clients."""

    prompt_tokens_per_s: Rate
    generation_tokens_per_s: Rate
    parallel: tuple[dict[str, Json], ...]
    repetitions: int
    model_digest: str


# ------------------------------------------------------------------ evaluations


@dataclass(frozen=True)
class ListSuites:
    """The suites this installation has."""


@dataclass(frozen=True)
class SuiteRow:
    """A suite: `items` counts prompts; `tasks` are its rows."""

    id: str
    title: str
    description: str
    version: str
    items: int
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class SuiteList:
    """All suites, the fast gate first."""

    suites: tuple[SuiteRow, ...]


@dataclass(frozen=True)
class ListRuns:
    """Runs, newest first; of one model when `model` is given."""

    model: str | None = None
    limit: int = 200


@dataclass(frozen=True)
class RunList:
    """Runs without their samples."""

    runs: tuple[RunRecord, ...]


@dataclass(frozen=True)
class RunGate:
    """The fast gate on a model."""

    model: str
    seed: int = 7


@dataclass(frozen=True)
class RunSuite:
    """A task suite on a model."""

    suite: str
    model: str
    seed: int = 7


@dataclass(frozen=True)
class SuiteOutcome:
    """A finished run. The exit code is 1 when `verdict` is FAIL.

    Attributes:
        rows: the gate's rows; `metrics` the same for a task suite. One of the two is empty.
        record: the run's facts.
    """

    run_id: str
    verdict: str
    rows: tuple[Row, ...]
    metrics: tuple[Row, ...]
    record: RunRecord


@dataclass(frozen=True)
class ShowRun:
    """One run with its samples. An empty `run_id` means the newest."""

    run_id: str


@dataclass(frozen=True)
class RunDetail:
    """A run and every sample."""

    run: RunRecord
    samples: tuple[Sample, ...]


# ------------------------------------------------------------------ audit, policy, catalog, version


@dataclass(frozen=True)
class AuditEntry:
    """One entry as faces show it; `leaf` is the hash of its line."""

    seq: int
    time: str
    actor: str
    event: str
    object: str
    outcome: str
    facts: dict[str, Json]
    previous: str
    leaf: str


@dataclass(frozen=True)
class ListAudit:
    """Newest first. `text` filters over all fields; `outcome` is begun, done, refused or failed."""

    limit: int = 500
    text: str = ""
    outcome: str | None = None


@dataclass(frozen=True)
class AuditList:
    """`total` counts the whole log, not only what matches."""

    entries: tuple[AuditEntry, ...]
    total: int


@dataclass(frozen=True)
class VerifyAudit:
    """Read the whole log and check every hash."""


@dataclass(frozen=True)
class AuditProblem:
    """Where the log stops being what it was, and how. `kind` is `edited`, `cut`, `order`, `torn`, ..."""

    seq: int
    kind: str
    detail: str


@dataclass(frozen=True)
class AuditVerified:
    """The exit code is 1 unless `ok`. `witnessed_to` is None: nobody outside has seen this log."""

    ok: bool
    entries: int
    root: str
    witnessed_to: int | None
    problem: AuditProblem | None
    elapsed_s: float = 0.0


@dataclass(frozen=True)
class ShowPolicy:
    """Every setting in force, with its origin."""


@dataclass(frozen=True)
class PolicyValue:
    """One setting. `origin` is `default`, `settings`, `environment`, `flag` or `managed: FILE`."""

    key: str
    value: Json
    locked: bool
    origin: str
    title: str = ""
    help: str = ""
    kind: str = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class PolicyInForce:
    """All settings, in the order of the settings page. `problems` says what is wrong with a file."""

    values: tuple[PolicyValue, ...]
    safe_mode: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChangeSetting:
    """Write one of the user's settings. Locked ones are refused."""

    key: str
    value: Json


@dataclass(frozen=True)
class ListSources:
    """The configured places models can be had from."""


@dataclass(frozen=True)
class SourceRow:
    """One source. `kind` is `embedded`, `hub` or `folder`; `reachable` says whether policy and the
    offline switch let it be used now, and `why` says why not."""

    name: str
    kind: str
    location: str
    reachable: bool
    why: str


@dataclass(frozen=True)
class SourceList:
    """In the order they are asked."""

    sources: tuple[SourceRow, ...]


@dataclass(frozen=True)
class ListConnections:
    """Every connection attempt of this process, allowed and refused."""


@dataclass(frozen=True)
class Connection:
    """One attempt. `asked_by` is the operation."""

    time: str
    host: str
    allowed: bool
    why: str
    asked_by: str


@dataclass(frozen=True)
class ConnectionList:
    """Newest first. `online_host` is the host in use, or None."""

    connections: tuple[Connection, ...]
    offline: bool
    offline_by_policy: bool
    online_host: str | None


@dataclass(frozen=True)
class ShowVersion:
    """What is installed."""


@dataclass(frozen=True)
class VersionInfo:
    """`engines` lists `{name, version, build}`; an engine that is not installed is absent."""

    version: str
    python: str
    engines: tuple[dict[str, str], ...]
