"""What can be wrong with a bundle, or with making and taking in one.

Every refusal has a `kind` that scripts and the window know a problem by, and the path in the bundle it is
about, so that a check can list what an import would refuse.
"""

from __future__ import annotations

from typing import ClassVar

from steelyard.base.errors import (
    CheckFailed,
    Json,
    MalformedInput,
    NotFound,
    OutOfResources,
    SteelyardError,
    UsageError,
)


class BundleRefusal(SteelyardError):
    """Something about the bundle itself. Facts: `path` in the bundle, or empty."""

    kind: ClassVar[str] = "malformed"

    @property
    def path(self) -> str:
        """Which file of the bundle, or empty."""
        found: Json = self.facts.get("path", "")
        return str(found)


# ------------------------------------------------------------------ its form


class MalformedBundle(BundleRefusal, MalformedInput):
    """It does not have the one form that bundles have; nothing of it was believed."""

    code = "malformed-bundle"


class UnsafeBundlePath(MalformedBundle):
    """A name in it could leave its folder, or is not one that bundles have. Facts: `path`."""

    code = "unsafe-bundle-path"


class NotRegular(BundleRefusal, MalformedInput):
    """A link, device or other special file lies in it. Facts: `path`."""

    code = "bundle-not-regular"
    kind = "not-regular"


class BundleTooLarge(MalformedBundle):
    """It has more files, or larger ones, than a bundle may. Facts: `path`, `limit`."""

    code = "bundle-too-large"


class BundlePartMissing(BundleRefusal, MalformedInput):
    """A part of a split bundle is not there. Facts: `path` (the part's name), `missing`, `present`."""

    code = "bundle-part-missing"
    kind = "part-missing"


class BundleCutOff(BundleRefusal, MalformedInput):
    """It ends in the middle: a copy that was broken off. Facts: `path`."""

    code = "bundle-cut-off"
    kind = "part-missing"


# ------------------------------------------------------------------ whose it is, and what it says


class FileMissingInBundle(BundleRefusal, CheckFailed):
    """A file that was signed is not there. Facts: `path`."""

    code = "bundle-file-missing"
    kind = "missing"


class FileExtraInBundle(BundleRefusal, CheckFailed):
    """A file lies in it that nobody signed. Facts: `path`."""

    code = "bundle-file-extra"
    kind = "extra"


class FileDiffers(BundleRefusal, CheckFailed):
    """A file is not what was signed. Facts: `path`, `expected`, `actual`."""

    code = "bundle-file-differs"
    kind = "mismatch"


class SenderNotSigner(BundleRefusal, CheckFailed):
    """It names a sender whose key did not sign it. Facts: `sender`."""

    code = "sender-not-signer"
    kind = "untrusted"


class OldSerial(BundleRefusal, CheckFailed):
    """This bundle, or a later one of the same sender, was taken in before.

    Facts: `serial`, `seen` (the highest serial taken in), `sender`, `same` (this very bundle).
    """

    code = "old-serial"
    kind = "old-serial"


# ------------------------------------------------------------------ reading and writing it


class BundleNotFound(NotFound):
    """There is no bundle at this path. Facts: `path`."""

    code = "bundle-not-found"


class NotABundle(UsageError):
    """The path leads to something else. Facts: `path`."""

    code = "not-a-bundle"


class BundleUnreadable(OutOfResources):
    """It could not be read: a stick was removed, a disk fails. What was copied is kept.

    Facts: `path`, `reason`.
    """

    code = "bundle-unreadable"


class BundleExists(UsageError):
    """Something is at the place where the bundle should be made. Facts: `path`."""

    code = "bundle-exists"


class NotBundled(UsageError):
    """What was asked cannot be put into a bundle. Facts vary."""

    code = "not-bundled"


class FileTooLargeForDisk(OutOfResources):
    """The file system of the target cannot hold a file so large. Facts: `path`."""

    code = "file-too-large-for-disk"


class BundlesBusy(OutOfResources):
    """Another process of this installation makes a bundle now."""

    code = "bundles-busy"


class SecondDiffers(UsageError):
    """The second copy is of another bundle. Facts: `path`."""

    code = "second-differs"


# ------------------------------------------------------------------ receipts


class MalformedReceipt(MalformedInput):
    """The file is no receipt. Facts: `field` where one is wrong."""

    code = "malformed-receipt"
