"""Learning from a hub: its list of models, and everything it says of one.

An answer is hostile until it was read here: every count, length and type is checked, and what is not as it should be
is not known. A hub that says what cannot be is told apart from one that does not answer: the first is a problem in
the result, and what was read before it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from steelyard.base.clock import iso_utc
from steelyard.base.errors import RemoteFailure
from steelyard.base.progress import Reporter
from steelyard.catalog import records
from steelyard.catalog.file_variants import ListedFile, variants_of
from steelyard.catalog.records import Record
from steelyard.connections.cancelling import breaking_when_cancelled
from steelyard.connections.errors import MalformedAnswer
from steelyard.connections.hub import HubSession
from steelyard.connections.retries import Patience, Sleep, cancellable_sleep, with_attempts
from steelyard.formats.file_names import quantization_of
from steelyard.licenses.tags import card_tag, known_id

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

MOST_LISTED = 10_000
MOST_FILES = 20_000
MOST_PARAMETERS = 10**15
CARD = "README.md"

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DTYPES = {"F8_E4M3": "FP8", "F8_E5M2": "FP8"}


@dataclass(frozen=True)
class Told:
    """What a source said.

    Attributes:
        cards: model cards by reference.
        problems: what it could not say, a sentence each.
    """

    records: tuple[Record, ...]
    cards: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def list_models(
    session: HubSession,
    text: str,
    limit: int,
    report: Reporter,
    *,
    patience: Patience | None = None,
    sleep: Sleep | None = None,
) -> Told:
    """The models of a hub's list, most downloaded first.

    Raises:
        RemoteFailure: it did not answer at all.
        Cancelled: nothing is kept.
    """
    found: dict[str, Record] = {}
    problems: list[str] = []
    limit = min(max(limit, 1), MOST_LISTED)

    def ask() -> None:
        for number, info in enumerate(session.models(text, limit), start=1):
            report("listing", number, limit, unit="items", detail=session.endpoint)
            if (record := record_of(info)) is not None:
                found[record.key] = record

    with breaking_when_cancelled(session, report.cancel):
        try:
            with_attempts(ask, patience or Patience(), sleep or cancellable_sleep(report.cancel))
        except (RemoteFailure, MalformedAnswer) as error:
            if not found:
                raise
            problems.append(f"The list broke off after {len(found):,} models. {error.message}")
    return Told(tuple(found.values()), {}, tuple(problems))


def ask_model(
    session: HubSession,
    reference: str,
    revision: str,
    report: Reporter,
    *,
    patience: Patience | None = None,
    sleep: Sleep | None = None,
) -> Told:
    """Everything a hub says of one model: files with sizes and digests, and its card.

    Raises:
        RepositoryNotFound, Gated, RemoteFailure: it does not say.
        Cancelled: nothing is kept.
    """
    report("asking", 0, None, unit="items", detail=reference)
    sleep = sleep or cancellable_sleep(report.cancel)
    with breaking_when_cancelled(session, report.cancel):
        ask: Callable[[], ModelInfo] = partial(session.model, reference, revision)
        info = with_attempts(ask, patience or Patience(), sleep)
        record = record_of(info, complete=True)
        if record is None or record.key != reference.casefold():
            raise MalformedAnswer(
                f"{session.endpoint} answered with another model than {reference}.",
                next_step="Check the endpoint's address.",
                what="the model's name",
            )
        card, problems = _card(session, record, info)
    return Told((record,), {record.reference: card} if card else {}, problems)


def _card(session: HubSession, record: Record, info: ModelInfo) -> tuple[str, tuple[str, ...]]:
    """The model card; it is shown to people, so one that is too long is only its beginning."""
    if not record.revision or CARD not in _files(info):
        return "", ()
    data = bytearray(records.CARD_CHARS)
    done = 0
    try:
        with session.stream(record.reference, record.revision, CARD) as body:
            view = memoryview(data)
            while done < len(data) and (count := body.read_into(view[done:])):
                done += count
    except RemoteFailure as error:
        return "", (f"Its model card could not be read. {error.message}",)
    return records.text(bytes(data[:done]).decode("utf-8", "replace"), records.CARD_CHARS), ()


# ------------------------------------------------------------------ reading an answer


def record_of(info: ModelInfo, *, complete: bool = False) -> Record | None:
    """One model of an answer; None where it has no name that could be one."""
    reference = records.text(info.id, records.REFERENCE_CHARS)
    owner, slash, name = reference.partition("/")
    if not (owner and slash and name) or "/" in name:
        return None
    tags = records.texts(info.tags or [], records.TAG_CHARS, records.MOST_TAGS)
    card = info.card_data
    license_tag = records.text(_first(getattr(card, "license", None)), records.NAME_CHARS)
    license_name = records.text(getattr(card, "license_name", None), records.NAME_CHARS)
    declared = card_tag(license_tag or _tagged(tags, "license:"), license_name) or ""
    bases = records.texts(
        getattr(card, "base_model", None) or [], records.REFERENCE_CHARS, records.MOST_BASES
    )
    gguf, config = _mapping(info.gguf), _mapping(info.config)
    commit = info.sha if isinstance(info.sha, str) and _COMMIT.fullmatch(info.sha) else ""
    return Record(
        reference=reference,
        title=name[: records.TITLE_CHARS],
        publisher=owner[: records.NAME_CHARS],
        task=records.text(info.pipeline_tag, records.NAME_CHARS),
        architecture=records.text(
            gguf.get("architecture") or config.get("model_type"), records.NAME_CHARS
        ),
        parameters=_parameters(info, gguf),
        context_length=records.number(gguf.get("context_length"), 2**31),
        declared_license=declared,
        license_id=known_id(declared),
        base_models=bases or _bases_of(tags),
        tags=tags,
        downloads=records.number(info.downloads),
        revision=commit,
        gated=bool(info.gated),
        updated=_moment(info.last_modified or info.created_at),
        variants=variants_of(_files(info), reference, _dtype(info, name)),
        complete=complete,
    )


def _files(info: ModelInfo) -> dict[str, ListedFile]:
    siblings = info.siblings if isinstance(info.siblings, list) else []
    found = {}
    for sibling in siblings[:MOST_FILES]:
        path = records.text(sibling.rfilename, records.REFERENCE_CHARS)
        lfs = sibling.lfs
        sha256 = getattr(lfs, "sha256", None) if lfs else None
        size = records.number(getattr(lfs, "size", None) if lfs else sibling.size)
        known = isinstance(sha256, str) and _SHA256.fullmatch(sha256)
        if path:
            found[path] = ListedFile(size, f"sha256:{sha256}" if known else None)
    return found


def _parameters(info: ModelInfo, gguf: dict[str, object]) -> int | None:
    told = getattr(info.safetensors, "total", None)
    return records.number(told, MOST_PARAMETERS) or records.number(
        gguf.get("total"), MOST_PARAMETERS
    )


def _dtype(info: ModelInfo, name: str) -> str:
    """In what most weights of the safetensors model are stored, as far as the hub or the name says."""
    by_type = records.numbers(getattr(info.safetensors, "parameters", None))
    if by_type:
        most = max(by_type, key=lambda key: by_type[key]).upper()
        return _DTYPES.get(most, most)[:16]
    return quantization_of(name)


def _tagged(tags: tuple[str, ...], prefix: str) -> str:
    return next((tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)), "")


def _bases_of(tags: tuple[str, ...]) -> tuple[str, ...]:
    named = (tag.removeprefix("base_model:") for tag in tags if tag.startswith("base_model:"))
    return records.texts([base for base in named if ":" not in base], records.REFERENCE_CHARS, 8)


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _moment(value: object) -> str:
    if not isinstance(value, datetime):
        return ""
    try:
        return iso_utc(value)
    except (ValueError, OverflowError):
        return ""  # the year 0 or 10000 in another zone
