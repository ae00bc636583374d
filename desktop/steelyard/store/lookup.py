"""Finding a model by what a person or a record calls it, and saying why one cannot be had."""

from __future__ import annotations

import difflib
import re

from steelyard.store.errors import (
    ModelInUse,
    ModelIsPinned,
    ModelNotFound,
    ModelRetired,
    NotAdmitted,
)
from steelyard.store.index import Entry, Index
from steelyard.store.records import Model, State

_DIGEST_START = re.compile(r"(?:sha256:)?([0-9a-f]{12,64})")


def find(index: Index, name_or_digest: str) -> Entry:
    """The row of this name (case does not matter), this digest, or the only digest that begins so.

    Raises:
        ModelNotFound: there is none, or more than one digest begins so.
    """
    found = index.by_name(name_or_digest)
    if found is None and (match := _DIGEST_START.fullmatch(name_or_digest.lower())):
        several = index.by_digest_start(f"sha256:{match.group(1)}")
        found = several[0] if len(several) == 1 else None
    if found is None:
        names = [entry.model.name for entry in index.all()]
        near = difflib.get_close_matches(name_or_digest, names, n=3)
        raise ModelNotFound(
            f"There is no model {name_or_digest!r} in the store.",
            next_step=f"Did you mean {' or '.join(near)}?" if near else "See steelyard model list.",
            model=name_or_digest,
            near=list(near),
        )
    return found


def retired(model: Model) -> ModelRetired:
    """The error for a model whose files were removed."""
    return ModelRetired(
        f"The files of {model.name} were removed; only its record is kept.",
        next_step="Import or pull it again.",
        model=model.name,
        digest=model.digest,
    )


def not_admitted(model: Model) -> NotAdmitted:
    """The error for a model whose state does not let it be loaded."""
    why = f" {model.reason}" if model.reason else ""
    return NotAdmitted(
        f"{model.name} is {model.state} and cannot be loaded.{why}",
        next_step="Approve it with model approve."
        if model.state is State.VERIFIED
        else "See steelyard model show for the reason.",
        model=model.name,
        digest=model.digest,
        state=model.state.value,
    )


def pinned(entry: Entry) -> ModelIsPinned:
    """The error for a model that somebody keeps."""
    why = f": {entry.pin}" if entry.pin else ""
    return ModelIsPinned(
        f"{entry.model.name} is pinned{why}. It was not removed.",
        next_step="Let it go first: steelyard model pin --off.",
        model=entry.model.name,
        digest=entry.model.digest,
        reason=entry.pin,
    )


def in_use(model: Model) -> ModelInUse:
    """The error for a model whose files somebody reads."""
    return ModelInUse(
        f"{model.name} is in use: an engine has it loaded, or it is being read out. It was not removed.",
        next_step="Unload it, or wait until the other process is done.",
        model=model.name,
        digest=model.digest,
    )
