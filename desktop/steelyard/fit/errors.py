"""Why a fit could not be told. What is wrong with a file itself is said by `formats`."""

from __future__ import annotations

from steelyard.base.errors import MalformedInput, UsageError


class NotEstimable(MalformedInput):
    """The header lacks what a size can be computed from. Facts: `missing`."""

    code = "fit-not-estimable"


class KvTypeUnknown(UsageError):
    """A KV cache type this program does not run with. Facts: `kv_type`."""

    code = "kv-type-unknown"


class ContextImpossible(UsageError):
    """A context length or number of sequences that makes no context. Facts: both."""

    code = "context-impossible"
