"""Choosing the next token with llama.cpp's own samplers, in C: penalty, top-k, top-p, min-p, temperature.

With a grammar, the choice is made without it first and checked; only when the grammar forbids that token is
the grammar applied to the whole vocabulary and the choice made again. That is llama.cpp's own method
(common/sampling.cpp): a grammar over 128k tokens is slow, and mostly the model wants what it may do.
Only worker processes import this module: it imports llama_cpp.
"""

from __future__ import annotations

import ctypes
import math
from typing import Any

import llama_cpp
import numpy as np

from steelyard.runtime.records import Sampling
from steelyard.runtime.workers.llama_context import LlamaContext

_LAST = -1
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""llama.h, llama_token_data."""


class Sampler:
    """The samplers of one request. Frees its C objects with `close`.

    Args:
        context: its last logits are sampled.
        prompt: counted by the repetition penalty like the answer.
        grammar: GBNF whose rule `root` the answer must follow, or None.
    """

    def __init__(
        self, context: LlamaContext, sampling: Sampling, prompt: list[int], grammar: Any | None
    ) -> None:
        self._context = context.pointer
        self._grammar = grammar
        self._vocabulary = context.model.vocabulary
        self._chain = _chain(context, sampling)
        if sampling.repetition_penalty != 1.0:
            for token in prompt:
                llama_cpp.llama_sampler_accept(self._chain, token)

    def sample(self) -> int:
        """The next token; the samplers take note of it."""
        if self._grammar is None:
            return int(llama_cpp.llama_sampler_sample(self._chain, self._context, _LAST))
        candidates = _Candidates(self._logits())
        llama_cpp.llama_sampler_apply(self._chain, candidates.pointer)
        token = candidates.selected
        if not self._allowed(token):
            candidates = _Candidates(self._logits())
            llama_cpp.llama_sampler_apply(self._grammar, candidates.pointer)
            llama_cpp.llama_sampler_apply(self._chain, candidates.pointer)
            token = candidates.selected
        llama_cpp.llama_sampler_accept(self._grammar, token)
        llama_cpp.llama_sampler_accept(self._chain, token)
        return token

    def close(self) -> None:
        """Free the C objects."""
        llama_cpp.llama_sampler_free(self._chain)
        if self._grammar is not None:
            llama_cpp.llama_sampler_free(self._grammar)

    def _allowed(self, token: int) -> bool:
        alone = _Candidates(np.zeros(1, np.float32))
        alone.rows["id"] = token
        llama_cpp.llama_sampler_apply(self._grammar, alone.pointer)
        return not math.isinf(float(alone.rows["logit"][0]))

    def _logits(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        address = llama_cpp.llama_get_logits_ith(self._context, _LAST)
        return np.ctypeslib.as_array(address, shape=(self._vocabulary,))


class _Candidates:
    """A `llama_token_data_array` over memory of numpy's."""

    def __init__(self, logits: np.ndarray[Any, np.dtype[np.float32]]) -> None:
        self.rows = np.zeros(len(logits), _CANDIDATE)
        self.rows["id"] = np.arange(len(logits), dtype=np.int32)
        self.rows["logit"] = logits
        self._array = llama_cpp.llama_token_data_array(
            data=self.rows.ctypes.data_as(llama_cpp.llama_token_data_p),
            size=len(logits),
            selected=-1,
            sorted=False,
        )
        self.pointer = ctypes.pointer(self._array)

    @property
    def selected(self) -> int:
        return int(self._array.data[self._array.selected].id)


def _chain(context: LlamaContext, sampling: Sampling) -> Any:
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    for sampler in _samplers(context, sampling):
        llama_cpp.llama_sampler_chain_add(chain, sampler)
    return chain


def _samplers(context: LlamaContext, sampling: Sampling) -> list[Any]:
    """llama.cpp's usual order, so that a setting means here what it means elsewhere."""
    found: list[Any] = []
    if sampling.repetition_penalty != 1.0:
        found.append(
            llama_cpp.llama_sampler_init_penalties(
                context.model.vocabulary,
                context.limit_tokens,
                sampling.repetition_penalty,
                0.0,
                0.0,
            )
        )
    if sampling.temperature == 0:
        return [*found, llama_cpp.llama_sampler_init_greedy()]
    if sampling.top_k:
        found.append(llama_cpp.llama_sampler_init_top_k(sampling.top_k))
    if sampling.top_p < 1:
        found.append(llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0:
        found.append(llama_cpp.llama_sampler_init_min_p(sampling.min_p, 1))
    found.append(llama_cpp.llama_sampler_init_temp(sampling.temperature))
    return [*found, llama_cpp.llama_sampler_init_dist(sampling.seed)]
