"""What can go wrong with licenses: an unheard-of name, a text that cannot be read, damaged data."""

from __future__ import annotations

from steelyard.base.errors import MalformedInput, NotFound


class UnknownLicense(NotFound):
    """No license goes by that name here. Fact: `name`."""

    code = "unknown-license"


class LicenseTextTooLarge(MalformedInput):
    """A license text beyond the size any license has. Facts: `size_bytes`, `limit_bytes`."""

    code = "license-text-too-large"


class LicenseTextNotText(MalformedInput):
    """The bytes given as a license text are not text. Fact: `where`, a short reason."""

    code = "license-text-not-text"


class LicenseDataDamaged(MalformedInput):
    """A shipped license file does not have the form it must have. Fact: `file`."""

    code = "license-data-damaged"


class TemplateMalformed(MalformedInput):
    """The markup of a license template, from which a fingerprint is made, is not understood."""

    code = "license-template-malformed"
