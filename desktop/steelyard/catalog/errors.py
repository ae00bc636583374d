"""What can go wrong with sources and with what was learned from them."""

from __future__ import annotations

from steelyard.base.errors import (
    CheckFailed,
    MalformedInput,
    NotFound,
    OutOfResources,
    RefusedByPolicy,
    UsageError,
)


class SourceUnknown(NotFound):
    """No source has this name. Facts: `source`, `near`."""

    code = "source-unknown"


class EntryUnknown(NotFound):
    """Nothing by this reference was learned from any source. Facts: `reference`, `near`."""

    code = "entry-unknown"


class SourceNameTaken(UsageError):
    """A source of this name is in the list already. Facts: `source`."""

    code = "source-name-taken"


class SourceStays(UsageError):
    """The source comes with the program or is the model hub, so it cannot be dropped. Facts: `source`."""

    code = "source-stays"


class UnknownFacet(UsageError):
    """There is no such facet or order to search by. Facts: `name`, `choices`."""

    code = "unknown-facet"


class CatalogFull(OutOfResources):
    """The index holds as many entries as it can. Facts: `entries`."""

    code = "catalog-full"


class SourceAway(NotFound):
    """A folder or mirror is not there now. Facts: `source`, `path`."""

    code = "source-away"


class NotAMirror(NotFound):
    """There is no mirror's index at this place. Facts: `path`."""

    code = "not-a-mirror"


class MirrorUntrusted(RefusedByPolicy):
    """A mirror's index is not signed by a key that is trusted for it. Facts: `key`, `origin`, `why`."""

    code = "mirror-untrusted"


class MirrorWentBack(CheckFailed):
    """A mirror offers an older index than it did before. Facts: `serial`, `seen_serial`."""

    code = "mirror-went-back"


class MirrorDamaged(MalformedInput):
    """A mirror's index, or a file of it, is not what it should be. Facts: `what`."""

    code = "mirror-damaged"
