"""What can go wrong with suites and stored runs."""

from __future__ import annotations

from steelyard.base.errors import MalformedInput, NotFound


class SuiteMalformed(MalformedInput):
    """A suite file does not have the form `suites` reads. Facts: `suite`, `where`."""

    code = "suite-malformed"


class SuiteNotFound(NotFound):
    """This installation has no suite of that name. Facts: `suite`, `available`."""

    code = "suite-not-found"


class RunNotFound(NotFound):
    """No run with that identifier is stored. Facts: `run_id`."""

    code = "run-not-found"


class MalformedRun(MalformedInput):
    """A run that a bundle brought does not have the form of one. Facts: `field`."""

    code = "malformed-run"
