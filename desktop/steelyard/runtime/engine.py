"""A loaded model, from the parent's side: ask it, call it off, close it.

The model lives in a worker process of its own. If that dies, the request under way raises a typed error,
`alive` turns false, and a new `Engine.load` starts afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TypeVar, cast

from steelyard.base.errors import Json, UsageError
from steelyard.base.progress import CancelToken, Reporter
from steelyard.runtime import wire
from steelyard.runtime.errors import FrameError, WorkerGarbled
from steelyard.runtime.records import (
    BenchmarkFigures,
    Generation,
    GenerationRequest,
    Loaded,
    LoadRequest,
    Message,
)
from steelyard.runtime.supervisor import Worker

KINDS = {"llama.cpp": "llama", "transformers": "transformers"}
"""Engine to worker kind."""

SILENCE_S = 600.0
"""Longest silence before a worker counts as hung. One batch of a 70B model's prompt on a small
processor takes minutes without a word; whoever does not want to wait cancels."""


_Record = TypeVar("_Record")


class Engine:
    """One model in one worker. Usable from any thread; requests are answered one after another."""

    def __init__(self, worker: Worker, loaded: Loaded, silence_s: float) -> None:
        self._worker = worker
        self._silence_s = silence_s
        self.loaded = loaded

    @classmethod
    def load(
        cls,
        request: LoadRequest,
        report: Reporter,
        *,
        silence_s: float = SILENCE_S,
        address_space_bytes: int | None = None,
    ) -> Engine:
        """Start a worker and load a model in it, warmed up.

        Args:
            report: hears of `loading`, in bytes; its token cancels.
            silence_s: longest silence of the worker, now and later, before it counts as hung.
            address_space_bytes: limit of the worker's virtual memory (Linux).

        Raises:
            EngineMissing: the engine's libraries are not installed.
            EngineRefusedModel: the engine would not load the file.
            ContextTooLong: a longer context than the model was trained for.
            NotFound: there is no such file.
            WorkerOutOfMemory, WorkerDied, WorkerTimedOut, WorkerGarbled: the worker did not survive it.
            Cancelled: called off; nothing is left running.
        """
        kind = KINDS.get(request.engine)
        if kind is None:
            raise UsageError(
                f"There is no engine called {request.engine!r}.",
                next_step=f"Choose one of {', '.join(KINDS)}.",
                engine=request.engine,
            )
        name = request.path.name
        report("loading", 0, None, detail=name)
        worker = Worker.start(kind, address_space_bytes=address_space_bytes, cancel=report.cancel)
        try:
            value = worker.call(
                "load",
                wire.load_request_to_json(request),
                timeout_s=silence_s,
                on_event=lambda event: _report_progress(event, report, "loading", "bytes", name),
                cancel=report.cancel,
            )
            if not isinstance(value, dict):
                raise _no_answer("load")
            loaded = _parsed(wire.loaded_from_json, {**value, "confinement": worker.confinement})
        except BaseException:
            worker.kill()
            raise
        return cls(worker, loaded, silence_s)

    @property
    def alive(self) -> bool:
        """Whether the worker still runs."""
        return self._worker.alive

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._worker.pid

    def generate(
        self,
        request: GenerationRequest,
        *,
        on_text: Callable[[str], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Generation:
        """Answer a request.

        Args:
            on_text: called on this thread with each new piece of the answer; the pieces make up `text`.
            cancel: stops within a token; what was said until then is returned, `finish_reason`
                `cancelled`.

        Raises:
            ContextTooLong: the prompt leaves no room for an answer.
            NoChatTemplate, SchemaRefused, NotSupportedByEngine, UsageError: it makes no sense as put.
            WorkerDied, WorkerTimedOut, WorkerOutOfMemory, WorkerGarbled: the worker is gone.
            EngineFailed: the engine gave up; it is still loaded.
            Cancelled: called off before it began; or the worker did not stop and was ended.
        """
        if cancel is not None:
            cancel.check()

        def pass_on(event: dict[str, Json]) -> None:
            text = event.get("text")
            if on_text is not None and isinstance(text, str) and text:
                on_text(text)

        value = self._worker.call(
            "generate",
            wire.generation_request_to_json(request),
            timeout_s=self._silence_s,
            on_event=pass_on,
            cancel=cancel,
        )
        return _parsed(wire.generation_from_json, value)

    def tokenize(self, text: str, *, special: bool = False) -> tuple[int, ...]:
        """Token ids of a text, without a beginning-of-text token.

        Args:
            special: read control tokens that are written out as what they name.
        """
        params: dict[str, Json] = {"text": text, "special": special}
        tokens = self._worker.call("tokenize", params, timeout_s=self._silence_s)
        return _parsed(lambda value: wire.Fields(value, "It").integers("it"), {"it": tokens})

    def render(self, messages: Sequence[Message], *, thinking: bool = True) -> str:
        """What the chat template makes of messages, open for the model's turn.

        Raises:
            NoChatTemplate: the model defines none.
            SteelyardError: the template fails, or goes past its limits.
        """
        params: dict[str, Json] = {
            "messages": [cast("Json", asdict(message)) for message in messages],
            "thinking": thinking,
        }
        text = self._worker.call("render", params, timeout_s=self._silence_s)
        return _parsed(lambda value: wire.Fields(value, "It").text("it"), {"it": text})

    def benchmark(
        self,
        *,
        prompt_tokens: int = 512,
        generated_tokens: int = 128,
        repetitions: int = 5,
        report: Reporter | None = None,
    ) -> BenchmarkFigures:
        """Measure by llama-bench's method: random tokens, a warm-up, sampling excluded.

        Raises:
            Cancelled: the reporter's token was cancelled.
        """
        report = report or Reporter()
        value = self._worker.call(
            "benchmark",
            {
                "prompt_tokens": prompt_tokens,
                "generated_tokens": generated_tokens,
                "repetitions": repetitions,
            },
            timeout_s=self._silence_s,
            on_event=lambda event: _report_progress(event, report, "benchmark", "items", ""),
            cancel=report.cancel,
        )
        return _parsed(wire.benchmark_from_json, value)

    def close(self) -> None:
        """End the worker. All its memory is back on return."""
        self._worker.close()

    def kill(self) -> None:
        """End the worker at once, also in the middle of an answer."""
        self._worker.kill()


def _report_progress(
    event: dict[str, Json], report: Reporter, stage: str, unit: str, detail: str
) -> None:
    done, total = event.get("done"), event.get("total")
    if isinstance(done, int) and isinstance(total, int) and event.get("stage") != "prefill":
        report(stage, done, total, unit, detail)


def _parsed(parse: Callable[[Json], _Record], value: Json) -> _Record:
    try:
        return parse(value)
    except FrameError as error:
        raise _no_answer("this request") from error


def _no_answer(to: str) -> WorkerGarbled:
    return WorkerGarbled(
        f"The worker's answer to {to} has another form than agreed.",
        next_step="Install Steelyard again, so that all its parts are of one version.",
    )
