"""The second stage: which numbered line a sentence stands in.

From answers alone the model copies the right sentence but does not find the number before it: the
one digit in an answer teaches too little. So two linear probes, thrown away afterwards, are trained
along with the model. One reads from the second layer the number of the line each context token lies
in; the other reads from the third layer, while an answer is written, the number it is going to cite.
Once these are in the states, the last layer learns to say them.
"""

from __future__ import annotations

import torch
from tokenizers import Tokenizer
from train import Rates, Sample, loss_on_answers, tensors
from transformers import LlamaForCausalLM

RATES = Rates(muon=0.01, adam=2e-3)
PROBE_WEIGHT = 0.3
LINE_LAYER = 2
CITE_LAYER = 3
MOST_LINES = 9


class CitingAnswers:
    """The second stage's objective: the answers, and the two probes."""

    def __init__(self, tokenizer: Tokenizer, width: int) -> None:
        self._open, self._close = tokenizer.token_to_id("["), tokenizer.token_to_id("]")
        self._numbers = {tokenizer.token_to_id(str(n)): n for n in range(1, MOST_LINES + 1)}
        self._breaks = {id_ for token, id_ in tokenizer.get_vocab().items() if "Ċ" in token}
        self._line = torch.nn.Linear(width, MOST_LINES + 1)
        self._cited = torch.nn.Linear(width, MOST_LINES + 1)

    def parameters(self) -> list[torch.nn.Parameter]:
        return [*self._line.parameters(), *self._cited.parameters()]

    def loss(self, model: LlamaForCausalLM, batch: list[Sample]) -> torch.Tensor:
        ids, marks = tensors(batch)
        out = model.model(input_ids=ids[:, :-1], use_cache=False, output_hidden_states=True)
        loss = loss_on_answers(model, out.last_hidden_state, ids, marks)
        lines, cited = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, sample in enumerate(batch):
            lines[row, : len(sample.ids)] = torch.tensor(self.lines_of(sample))
            cited[row, : len(sample.ids)] = torch.tensor(self.cited_by(sample))
        for probe, layer, numbers in (
            (self._line, LINE_LAYER, lines),
            (self._cited, CITE_LAYER, cited),
        ):
            loss = loss + PROBE_WEIGHT * probe_loss(
                probe, out.hidden_states[layer], numbers[:, :-1]
            )
        return loss

    def lines_of(self, sample: Sample) -> list[int]:
        """For each token the number of the line `[n] ...` of the question it lies in, else 0."""
        numbers: list[int] = []
        current = 0
        for place, token in enumerate(sample.ids):
            before = sample.ids[max(0, place - 4) : place]
            if token in self._breaks or sample.is_answer[place]:
                current = 0
            elif len(before) == 4 and before[0] in self._breaks and self._is_number(before[1:]):
                current = self._numbers[before[2]]
            numbers.append(current)
        return numbers

    def cited_by(self, sample: Sample) -> list[int]:
        """For each token of an answer that ends in `[n]`, and the one before it, n; else 0."""
        numbers = [0] * len(sample.ids)
        start = None
        for place, is_answer in enumerate([*sample.is_answer, False]):
            if is_answer and start is None:
                start = place
            elif not is_answer and start is not None:
                # The answer's last four tokens are then ` [`, `n`, `]` and the end token.
                digit, closing = sample.ids[place - 3], sample.ids[place - 2]
                if place - start >= 5 and closing == self._close and digit in self._numbers:
                    for each in range(start - 1, place - 3):
                        numbers[each] = self._numbers[digit]
                start = None
        return numbers

    def _is_number(self, tokens: list[int]) -> bool:
        opening, digit, closing = tokens
        return opening == self._open and digit in self._numbers and closing == self._close


def probe_loss(probe: torch.nn.Linear, states: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """Cross entropy of a probe on states scaled to unit mean square, where there is a number."""
    wanted = numbers > 0
    if not wanted.any():
        return torch.zeros(())
    chosen = states[wanted]
    scaled = chosen * torch.rsqrt(chosen.pow(2).mean(-1, keepdim=True) + 1e-5)
    return torch.nn.functional.cross_entropy(probe(scaled), numbers[wanted])
