"""Training of the starter: each stage is one pass over its data, loss on answers only.

Conversations of like length share a batch, padded on the right; attention is causal, so padding
after the end changes nothing before it and needs no mask.

The first stage learns all tasks; the second, in `citing.py`, learns which source to cite.
"""

from __future__ import annotations

import ctypes
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Protocol

import torch
from data import Conversation
from muon import Muon
from tokenizer import ASSISTANT, CONTEXT_LENGTH, END, VOCABULARY, render
from tokenizers import Tokenizer
from transformers import LlamaConfig, LlamaForCausalLM

SEED = 7
THREADS = 2
BATCH_TOKENS = 2048
WARM_UP_STEPS = 50
POOL_BATCHES = 64


@dataclass(frozen=True)
class Sample:
    """Token ids of one conversation, and which of them are answers (the closing control token included)."""

    ids: list[int]
    is_answer: list[bool]


def config() -> LlamaConfig:
    """The architecture. All row lengths are multiples of 256, so that K-quants apply to every matrix."""
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=768,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=CONTEXT_LENGTH,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        # About the inverse root of the width: attention starts to tell tokens apart sooner than
        # with the usual 0.02, which is meant for wider models.
        initializer_range=0.05,
        bos_token_id=None,
        eos_token_id=4,
        pad_token_id=0,
    )


def keep_freed_memory() -> None:
    """Ask the GNU allocator to keep what is freed: half the time went into giving pages back."""
    if sys.platform == "linux":
        allocator = ctypes.CDLL(None)
        if hasattr(allocator, "mallopt"):
            allocator.mallopt(-4, 0)  # M_MMAP_MAX: no allocation of its own for large tensors
            allocator.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD: keep the top of the heap


def to_samples(tokenizer: Tokenizer, conversations: list[Conversation]) -> list[Sample]:
    """Token ids with the answers marked; what is not an answer gives no loss."""
    texts = [render(c.messages(with_answer=True)) for c in conversations]
    assistant, end = tokenizer.token_to_id(ASSISTANT), tokenizer.token_to_id(END)
    samples = []
    for encoded in tokenizer.encode_batch(texts, add_special_tokens=False):
        marks: list[bool] = []
        since_header = None
        for token in encoded.ids:
            # Header, line feed, answer, end: the answer starts two tokens after the header.
            marks.append(since_header is not None and since_header >= 1)
            if token == assistant:
                since_header = 0
            elif token == end:
                since_header = None
            elif since_header is not None:
                since_header += 1
        samples.append(Sample(encoded.ids, marks))
    return samples


def batches(samples: list[Sample], rng: Random) -> list[list[Sample]]:
    """Batches of at most `BATCH_TOKENS` tokens, padding included.

    Lengths are sorted only within a pool, so the data's order is kept roughly.
    """
    pool_size = POOL_BATCHES * BATCH_TOKENS // 80
    made: list[list[Sample]] = []
    for start in range(0, len(samples), pool_size):
        pool = sorted(samples[start : start + pool_size], key=lambda s: len(s.ids))
        cut: list[list[Sample]] = [[]]
        for sample in pool:
            if (len(cut[-1]) + 1) * len(sample.ids) > BATCH_TOKENS:
                cut.append([])
            cut[-1].append(sample)
        rng.shuffle(cut)
        made.extend(cut)
    return made


def tensors(batch: list[Sample]) -> tuple[torch.Tensor, torch.Tensor]:
    """Padded ids and answer marks, both (sequences, tokens)."""
    width = max(len(sample.ids) for sample in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    marks = torch.zeros(len(batch), width, dtype=torch.bool)
    for row, sample in enumerate(batch):
        ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
        marks[row, : len(sample.ids)] = torch.tensor(sample.is_answer)
    return ids, marks


def loss_on_answers(
    model: LlamaForCausalLM, hidden: torch.Tensor, ids: torch.Tensor, marks: torch.Tensor
) -> torch.Tensor:
    """Mean cross entropy over answer tokens, in nats; logits are made only where they are needed.

    `hidden` are the model's last states (sequences, tokens - 1, width): none for the last token.
    """
    logits = model.lm_head(hidden[marks[:, 1:]])
    return torch.nn.functional.cross_entropy(logits, ids[:, 1:][marks[:, 1:]])


class Objective(Protocol):
    """What a stage minimizes, with parameters of its own that are thrown away after it."""

    def parameters(self) -> list[torch.nn.Parameter]: ...

    def loss(self, model: LlamaForCausalLM, batch: list[Sample]) -> torch.Tensor: ...


class Answers:
    """The first stage's objective: the answers, and nothing else."""

    def parameters(self) -> list[torch.nn.Parameter]:
        return []

    def loss(self, model: LlamaForCausalLM, batch: list[Sample]) -> torch.Tensor:
        ids, marks = tensors(batch)
        hidden = model.model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state
        return loss_on_answers(model, hidden, ids, marks)


@dataclass(frozen=True)
class Rates:
    """Peak learning rates: Muon's for the matrices, AdamW's for embedding, norms and the rest."""

    muon: float
    adam: float


FIRST_RATES = Rates(muon=0.02, adam=3e-3)


def share_of_peak(step: int, steps: int) -> float:
    """Learning rate as a share of its peak: linear warm-up, then a cosine down to a hundredth."""
    if step < WARM_UP_STEPS:
        return (step + 1) / WARM_UP_STEPS
    done = (step - WARM_UP_STEPS) / max(1, steps - WARM_UP_STEPS)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))


def new_model() -> LlamaForCausalLM:
    """An untrained model, the same every time."""
    keep_freed_memory()
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(mode=True)
    torch.manual_seed(SEED)
    return LlamaForCausalLM(config())


def train(
    model: LlamaForCausalLM,
    samples: list[Sample],
    objective: Objective,
    rates: Rates,
    stop_after: int | None = None,
) -> Iterator[tuple[int, int, float]]:
    """Train in one pass over the samples.

    Yields (step, steps, mean loss since the last yield) every 50 steps and at the end.
    `stop_after` ends early with the schedule of the full run, to compare two runs.
    """
    model.train()
    named = list(model.named_parameters())
    muon = Muon([p for name, p in named if p.ndim > 1 and "embed" not in name])
    others = [p for name, p in named if p.ndim == 1 or "embed" in name] + objective.parameters()
    adam = torch.optim.AdamW(others, lr=rates.adam, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    order = batches(samples, Random(SEED))
    steps = len(order)
    losses: list[float] = []
    for step, batch in enumerate(order, start=1):
        share = share_of_peak(step - 1, steps)
        adam.param_groups[0]["lr"] = rates.adam * share
        loss = objective.loss(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        muon.step(rates.muon * share)
        adam.step()
        adam.zero_grad()
        model.zero_grad()
        losses.append(loss.item())
        last = step in (steps, stop_after)
        if last or step % 50 == 0:
            yield step, steps, sum(losses) / len(losses)
            losses = []
        if last:
            return


def run(
    name: str,
    model: LlamaForCausalLM,
    samples: list[Sample],
    objective: Objective,
    rates: Rates,
) -> float:
    """Train one stage to its end with a line of progress every 50 steps; the elapsed seconds."""
    started = time.monotonic()
    for step, steps, loss in train(model, samples, objective, rates):
        elapsed_s = time.monotonic() - started
        left_s = elapsed_s / step * (steps - step)
        print(
            f"{name}: step {step}/{steps}  loss {loss:.4f}  {elapsed_s:.0f} s, "
            f"about {left_s:.0f} s left",
            flush=True,
        )
    return time.monotonic() - started
