"""What can go wrong while bytes come in."""

from __future__ import annotations

from steelyard.base.errors import (
    CheckFailed,
    MalformedInput,
    NotFound,
    OutOfResources,
    RemoteFailure,
    UsageError,
)

# ------------------------------------------------------------------ the answer is no


class DigestMismatch(CheckFailed):
    """The bytes are not those the publisher declared.

    Facts: `path`, `expected`, `actual`, and `model`, `digest` where they were kept in quarantine.
    """

    code = "digest-mismatch"


class RefusedBefore(CheckFailed):
    """The same bytes are in quarantine because they differ from what their publisher declared.

    Facts: `model`, `digest`.
    """

    code = "refused-before"


class ScanFoundProblems(CheckFailed):
    """The structure scan found what policy does not let in. Facts: `findings`, `model`, `digest`."""

    code = "scan-findings"


class ClaimDiffers(CheckFailed):
    """A file is not what its own name in another program's folder says. Facts: `path`, `claimed`, `actual`."""

    code = "claim-differs"


class SourceChanged(CheckFailed):
    """A file was written to while it was copied or judged. Facts: `path`."""

    code = "source-changed"


# ------------------------------------------------------------------ what was asked for


class NotImportable(UsageError):
    """The path is neither a GGUF file nor a folder with a model. Facts: `path`."""

    code = "not-importable"


class ChooseFile(UsageError):
    """There are several models to choose from. Facts: `choices` (`path`, `size_bytes` each)."""

    code = "choose-file"


class MalformedReference(UsageError):
    """A reference or address that names no repository. Facts: `reference`."""

    code = "malformed-reference"


class SourceMissing(NotFound):
    """There is no such file or folder. Facts: `path`."""

    code = "source-missing"


class PartMissing(MalformedInput):
    """A part of a split model is not there. Facts: `path`."""

    code = "part-missing"


class OnlyPickles(MalformedInput):
    """The weights are Python pickles, which run code when opened. Facts: `files`."""

    code = "only-pickles"


class LinkLeavesFolder(MalformedInput):
    """A link in a folder leads outside of it, or a file is not a regular one. Facts: `path`."""

    code = "link-leaves-folder"


class SourceUnreadable(OutOfResources):
    """The source could not be read to its end. Facts: `path`, `reason`."""

    code = "source-unreadable"


class TransferUnderWay(OutOfResources):
    """Some process works on a transfer, so it cannot be removed or begun twice. Facts: `id`."""

    code = "transfer-under-way"


class NotResumable(UsageError):
    """A transfer that cannot go on: its bytes were refused, or its record does not say what was asked.

    Facts: `id`.
    """

    code = "not-resumable"


# ------------------------------------------------------------------ the other side


class WrongLength(RemoteFailure):
    """A body is longer or shorter than the size the hub declared.

    Facts: `path`, `expected_bytes`, `got_bytes`.
    """

    code = "wrong-length"


# ------------------------------------------------------------------ between threads, never shown


class CalledOff(Exception):
    """Another thread of the same pull failed or was cancelled, so this one ends as well."""


class Superseded(Exception):
    """What this thread was fetching is of a version of the file that is not wanted any more."""
