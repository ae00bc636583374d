"""What can go wrong in the window itself."""

from __future__ import annotations

from steelyard.base.errors import ExitCode, SteelyardError


class InternalError(SteelyardError):
    """A mistake of the program's. Facts: `kind`, the exception's name."""

    code = "internal"
    exit_code = ExitCode.INTERNAL
