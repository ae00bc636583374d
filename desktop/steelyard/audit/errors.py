"""What can go wrong with the log."""

from __future__ import annotations

from steelyard.base.errors import CheckFailed, NotFound, OutOfResources, UsageError


class LogDamaged(CheckFailed):
    """The log is not what it was; it is read-only from now on. Facts: `seq`, `kind`."""

    code = "log-damaged"


class LogNotWritable(OutOfResources):
    """An entry could not be put on disk, so what it would have recorded must not happen."""

    code = "log-not-writable"


class NoSuchEntry(NotFound):
    """The log has no entry with this number."""

    code = "no-such-entry"


class NothingToSign(CheckFailed):
    """The log is empty."""

    code = "nothing-to-sign"


class CheckpointRefused(CheckFailed):
    """A checkpoint is not one of this log, or does not fit what was seen of the log before."""

    code = "checkpoint-refused"


class EvidenceRefused(CheckFailed):
    """A document with entries and proofs does not prove what it holds."""

    code = "evidence-refused"


class ExportRefused(UsageError):
    """An export would replace a file, or has no folder to go to."""

    code = "export-refused"
