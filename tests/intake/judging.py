"""What tests of intake share: a judge that runs in this process, and a gate that remembers."""

from __future__ import annotations

from pathlib import Path

from steelyard.base.errors import RefusedByPolicy
from steelyard.base.progress import Reporter
from steelyard.formats.model_facts import ModelFacts, scan


def judge_here(path: Path, report: Reporter) -> ModelFacts:
    """The real readers, without the second a worker process takes to start."""
    report.cancel.check()
    return scan(path)


class OpenGate:
    """Lets everything pass except the hosts it was told, and keeps what it was asked."""

    def __init__(self, *refused: str) -> None:
        self.asked: list[str] = []
        self._refused = refused

    def check(self, url: str, asked_by: str) -> None:
        assert asked_by == "model.pull"
        self.asked.append(url)
        if any(url.startswith(prefix) for prefix in self._refused):
            raise RefusedByPolicy(f"{url} is not allowed.", key="network.allowed-hosts")


class Unthinned(Reporter):
    """Passes every report on, however fast they come."""

    def __call__(
        self,
        stage: str,
        done: int,
        total: int | None = None,
        unit: str = "bytes",
        detail: str = "",
    ) -> None:
        self._last_s = float("-inf")
        super().__call__(stage, done, total, unit, detail)
