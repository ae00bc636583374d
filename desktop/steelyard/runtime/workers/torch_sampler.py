"""Choosing the next token in torch, step for step as llama.cpp's samplers do (see `llama_sampler`).

The same settings mean the same distribution in both engines; the draws differ, as the generators do.
Only worker processes import this module: it imports torch.
"""

from __future__ import annotations

from typing import Any

import torch

from steelyard.runtime.records import Sampling


class TorchSampler:
    """The sampling of one request.

    Args:
        prompt: counted by the repetition penalty like the answer.
    """

    def __init__(self, sampling: Sampling, prompt: list[int]) -> None:
        self._sampling = sampling
        self._seen = set(prompt)
        self._generator = torch.Generator().manual_seed(sampling.seed)

    def sample(self, logits: Any) -> int:
        """The next token for one row of logits (vocabulary), on any device."""
        scores = logits.float().cpu()
        if self._sampling.repetition_penalty != 1.0:
            scores = _penalized(scores, self._seen, self._sampling.repetition_penalty)
        greedy = self._sampling.temperature == 0
        token = int(torch.argmax(scores)) if greedy else self._draw(scores)
        self._seen.add(token)
        return token

    def _draw(self, scores: Any) -> int:
        scores, ids = torch.sort(scores, descending=True, stable=True)
        kept = len(scores)
        if self._sampling.top_k:
            kept = min(kept, self._sampling.top_k)
        if self._sampling.top_p < 1:
            sums = torch.softmax(scores[:kept], 0).cumsum(0)
            # Up to and including the token that reaches the threshold.
            kept = min(kept, int((sums < self._sampling.top_p).sum()) + 1)
        if self._sampling.min_p > 0:
            shares = torch.softmax(scores[:kept], 0)
            kept = max(1, int((shares >= self._sampling.min_p * shares[0]).sum()))
        shares = torch.softmax(scores[:kept] / self._sampling.temperature, 0)
        return int(ids[torch.multinomial(shares, 1, generator=self._generator)])


def _penalized(scores: Any, seen: set[int], penalty: float) -> Any:
    """Keskar et al. 2019 (CTRL): divide positive scores of seen tokens, multiply negative ones."""
    scores = scores.clone()
    ids = torch.tensor(sorted(seen), dtype=torch.long)
    values = scores[ids]
    scores[ids] = torch.where(values > 0, values / penalty, values * penalty)
    return scores
