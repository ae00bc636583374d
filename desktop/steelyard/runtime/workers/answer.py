"""The loop that makes an answer, the same for every engine: sample, show, stop, measure.

An engine brings a `Decoder`; this module brings stop strings, cancelling within one token, streaming that
does not drown a pipe, and the figures of a `Generation`.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from steelyard.base.errors import Cancelled, Json, UsageError
from steelyard.runtime.job import Job
from steelyard.runtime.records import Sampling
from steelyard.runtime.workers.stopping import StopFilter

SEND_EVERY_S = 0.012
"""Text is sent at most this often: faster than a screen shows it, slow enough not to flood the pipe."""

LIFE_SIGN_S = 1.0
"""A silent engine (held-back text, tokens without text) says at least this often that it works."""

LARGEST_SEED = 2**32 - 2
"""llama.cpp takes 32 bits, and reads the largest value as "draw one"."""


class Decoder(Protocol):
    """One answer under way in an engine."""

    def prefill(self, tokens: list[int], job: Job) -> None:
        """Put the prompt into the context, reporting `{"stage", "done", "total"}` as it goes.

        Raises:
            Cancelled: the request was called off meanwhile.
        """
        ...

    def sample(self) -> int:
        """The next token id, by the request's sampling."""
        ...

    def ends(self, token: int) -> bool:
        """Whether the token ends the turn."""
        ...

    def text_of(self, token: int) -> str:
        """The text that became certain with this token; may be empty (half a character, a control token)."""
        ...

    def rest_of_text(self) -> str:
        """Text still held when no further token comes."""
        ...

    def advance(self, token: int) -> bool:
        """Put the token into the context; False when the context is full.

        Raises:
            Cancelled: the request was called off in the middle of it.
        """
        ...


@dataclass(frozen=True)
class Prompt:
    """What goes into the context, and the text it came from."""

    tokens: list[int]
    text: str


class TextSender:
    """Sends an answer's text as events, joined so that there are at most some eighty a second.

    The first piece goes at once.
    """

    def __init__(self, job: Job, clock: Callable[[], float] = time.perf_counter) -> None:
        self._job = job
        self._clock = clock
        self._waiting = ""
        self._sent_s = float("-inf")
        self.text = ""

    def push(self, text: str) -> None:
        """Take text that may be shown; send it if it is time."""
        self.text += text
        self._waiting += text
        silent_s = self._clock() - self._sent_s
        if (self._waiting and silent_s >= SEND_EVERY_S) or silent_s >= LIFE_SIGN_S:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        self._job.emit({"text": self._waiting})
        self._waiting = ""
        self._sent_s = self._clock()


def checked(sampling: Sampling) -> Sampling:
    """The sampling, with a seed drawn where none was given.

    Raises:
        UsageError: a value out of range; fact `field`.
    """
    within = {
        "temperature": (sampling.temperature, 0.0, 100.0),
        "top_p": (sampling.top_p, 0.0, 1.0),
        "top_k": (sampling.top_k, 0, 2**31 - 1),
        "min_p": (sampling.min_p, 0.0, 1.0),
        "repetition_penalty": (sampling.repetition_penalty, 0.01, 100.0),
        "max_tokens": (sampling.max_tokens, 1, 2**31 - 1),
        "seed": (sampling.seed, -1, LARGEST_SEED),
    }
    for name, (value, low, high) in within.items():
        if not (math.isfinite(value) and low <= value <= high):
            raise UsageError(
                f"{name} is {value}; it must lie between {low} and {high}.", field=name
            )
    if sampling.seed != -1:
        return sampling
    return replace(sampling, seed=secrets.randbelow(2**31))


class Answer:
    """One answer being made.

    Args:
        sampling: as `checked` returned it.
    """

    def __init__(self, decoder: Decoder, sampling: Sampling, job: Job) -> None:
        self._decoder = decoder
        self._sampling = sampling
        self._job = job
        self._stops = StopFilter(sampling.stop)
        self._sender = TextSender(job)
        self._tokens: list[int] = []
        self._times_s: list[float] = []

    def make(self, prompt: Prompt, started_s: float) -> Json:
        """Read the prompt and continue it until it ends, is full, is long enough, or is called off.

        Args:
            started_s: `time.perf_counter()` when the request was taken up.

        Returns:
            The fields of `Generation`. `time_to_first_token_s` counts from `started_s`; `tokens_per_s` is
            the rate after the first token (over everything, when there is only one).
        """
        reason = self._finish_reason(prompt)
        if not self._stops.stopped:
            self._show(self._decoder.rest_of_text())
            self._sender.push(self._stops.finish())
        self._sender.flush()
        return {
            "text": self._sender.text,
            "token_ids": list[Json](self._tokens),
            "finish_reason": "stop" if self._stops.stopped else reason,
            "prompt_tokens": len(prompt.tokens),
            "completion_tokens": len(self._tokens),
            "seed": self._sampling.seed,
            "rendered_prompt": prompt.text,
            **_figures(started_s, self._times_s),
        }

    def _finish_reason(self, prompt: Prompt) -> str:
        try:
            self._job.emit({"stage": "prefill"})
            self._decoder.prefill(prompt.tokens, self._job)
            self._job.emit({"stage": "decode"})
            return self._continue()
        except Cancelled:
            return "cancelled"

    def _continue(self) -> str:
        while True:
            self._job.check()
            token = self._decoder.sample()
            if self._decoder.ends(token):
                return "stop"
            self._tokens.append(token)
            self._times_s.append(time.perf_counter())
            self._show(self._decoder.text_of(token))
            if self._stops.stopped:
                return "stop"
            if len(self._tokens) >= self._sampling.max_tokens:
                return "length"
            if not self._decoder.advance(token):
                return "context"

    def _show(self, text: str) -> None:
        self._sender.push(self._stops.push(text))


def _figures(started_s: float, times_s: list[float]) -> dict[str, Json]:
    elapsed_s = time.perf_counter() - started_s
    first_s = times_s[0] - started_s if times_s else 0.0
    if len(times_s) > 1:
        rate = (len(times_s) - 1) / max(times_s[-1] - times_s[0], 1e-9)
    else:
        rate = len(times_s) / max(elapsed_s, 1e-9)
    return {"time_to_first_token_s": first_s, "tokens_per_s": rate, "elapsed_s": elapsed_s}
