"""An engine in memory that answers from a script: for the runner's logic, never for claims about models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from steelyard.base.errors import Cancelled, Json
from steelyard.base.progress import CancelToken, Reporter
from steelyard.evals.engine import Subject
from steelyard.runtime.errors import WorkerDied
from steelyard.runtime.records import Generation, GenerationRequest, Loaded, Message
from steelyard.store.records import Verification

DIGEST = "sha256:" + "ab" * 32
IN_MEMORY = Path(":memory:")
"""SQLite's own: for tests of logic, where what survives a crash is not the question."""
MACHINE: dict[str, Json] = {"cpu": "one of a kind", "cores": 2}
Script = Callable[[GenerationRequest], "Generation | str"]


def generation(
    text: str, *, finish_reason: str = "stop", token_ids: Sequence[int] | None = None
) -> Generation:
    """An answer; one token per character unless told otherwise."""
    ids = tuple(ord(each) % 256 for each in text) if token_ids is None else tuple(token_ids)
    return Generation(text, ids, finish_reason, 5, len(ids), 0.01, 100.0, 0.02, 7, "")


@dataclass(frozen=True)
class Figures:
    """Speeds of two repetitions."""

    prompt_tokens_per_s: tuple[float, ...] = (200.0, 220.0)
    generation_tokens_per_s: tuple[float, ...] = (20.0, 22.0)


@dataclass
class ScriptedEngine:
    """Answers with what `script` returns; text becomes an answer that stops by itself.

    `dies_at` counts requests from 1: that one raises `WorkerDied` and the engine is not alive afterwards.
    """

    script: Script = lambda request: "Yes."
    template: str | None = "sha256:" + "cd" * 32
    context_tokens: int = 4096
    dies_at: int | None = None
    figures: Figures = Figures()
    renders: Callable[[Sequence[Message]], str] | None = None
    requests: list[GenerationRequest] = field(default_factory=list)
    alive: bool = True

    @property
    def loaded(self) -> Loaded:
        return Loaded(
            engine={"name": "scripted", "version": "1.0", "build": "b1"},
            context_tokens=self.context_tokens,
            vocabulary=256,
            parameters=1000,
            template_digest=self.template,
            confinement="none",
            load_s=0.25,
            resident_bytes=1024,
        )

    def generate(
        self,
        request: GenerationRequest,
        *,
        on_text: Callable[[str], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Generation:
        self.requests.append(request)
        if self.dies_at is not None and len(self.requests) >= self.dies_at:
            self.alive = False
            raise WorkerDied("The engine's process ended by itself.", signal=9)
        answer = self.script(request)
        if cancel is not None and cancel.cancelled:
            raise Cancelled("Cancelled.")
        return generation(answer) if isinstance(answer, str) else answer

    def tokenize(self, text: str, *, special: bool = False) -> tuple[int, ...]:
        return tuple(text.encode()[::4]) if len(text) > 8 else tuple(text.encode())

    def render(self, messages: Sequence[Message], *, thinking: bool = True) -> str:
        if self.renders is not None:
            return self.renders(messages)
        return "".join(f"<{each.role}>{each.content}</>" for each in messages) + "<assistant>"

    def benchmark(
        self, *, prompt_tokens: int, generated_tokens: int, repetitions: int, report: Reporter
    ) -> Figures:
        return self.figures


def subject(quantization: str = "Q8_0", *, verification: Verification | None = None) -> Subject:
    """A model whose files match, unless told otherwise."""
    found = verification or Verification(True, (), (), (), 4096)
    return Subject("pretend", DIGEST, quantization, lambda: found)


def suite_bytes(*items: str, rows: str = "") -> bytes:
    """A suite file around items written as JSON."""
    extra = f'"rows": [{rows}], ' if rows else ""
    text = (
        f'{{"id": "small", "version": 2, "title": "Small", "description": "For tests.", '
        f'"language": "en", "system": null, {extra}"items": [{", ".join(items)}]}}'
    )
    return text.encode()


def item(
    item_id: str,
    *,
    task: str = "greet",
    grader: str = '{"kind": "exact", "expected": "Yes."}',
    extra: str = "",
) -> str:
    """One item of a suite as JSON."""
    return (
        f'{{"id": "{item_id}", "task": "{task}", "max_tokens": 16, "grader": {grader}, '
        f'"messages": [{{"role": "user", "content": "Question {item_id}"}}]{extra}}}'
    )


def database(folder: Path) -> Path:
    """Where a test's runs lie."""
    return folder / "runs.sqlite"
