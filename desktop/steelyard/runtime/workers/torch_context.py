"""A conversation in torch's memory: a prompt in pieces, then token by token, called off between two layers.

Every prompt is computed from the start, so the same request gives the same answer.
Only worker processes import this module: it imports torch and transformers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch
from transformers import DynamicCache

from steelyard.runtime import failure
from steelyard.runtime.errors import EngineFailed, WorkerOutOfMemory
from steelyard.runtime.job import Job
from steelyard.runtime.workers.context_length import check_room, context_length
from steelyard.runtime.workers.torch_model import TorchModel

_BATCH_TOKENS = 512


class TorchContext:
    """The KV cache of one sequence.

    Attributes:
        limit_tokens: how many tokens it can hold, prompt and answer together.
        logits: scores of the next token (vocabulary), after `prefill` and `advance`.
    """

    def __init__(self, model: TorchModel, asked_tokens: int) -> None:
        """Prepare a context.

        Raises:
            ContextTooLong: more than the model was trained for.
        """
        self.model = model
        self.limit_tokens = context_length(model.trained_context_tokens, asked_tokens)
        self.logits: Any = None
        self._cache: Any = None
        self._count = 0
        self._check: Callable[[], None] = _never
        accepted = inspect.signature(model.model.forward).parameters
        # Without it, a prompt's logits are computed for every position.
        self._last_only = {"logits_to_keep": 1} if "logits_to_keep" in accepted else {}
        for layers in model.model.modules():
            if isinstance(layers, torch.nn.ModuleList):
                for layer in layers:
                    layer.register_forward_pre_hook(lambda _layer, _inputs: self._check())

    @property
    def vocabulary(self) -> int:
        """Number of token ids."""
        return self.model.vocabulary

    def listen_to(self, job: Job) -> None:
        """From now on, `job`'s cancel is looked at before each layer."""
        self._check = job.check

    def warm_up(self) -> None:
        """Compute one token.

        Raises:
            WorkerOutOfMemory, EngineFailed: it could not.
        """
        self.clear()
        self._compute([0])
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._cache = DynamicCache()
        self._count = 0

    def prefill(self, tokens: list[int], job: Job) -> None:
        """Start anew with `tokens`, at least one.

        Raises:
            ContextTooLong: they leave no room for an answer.
            Cancelled: called off.
            WorkerOutOfMemory, EngineFailed: it could not be computed.
        """
        check_room(len(tokens), self.limit_tokens, self.model.trained_context_tokens)
        self.clear()
        for done in range(0, len(tokens), _BATCH_TOKENS):
            job.check()
            job.emit({"stage": "prefill", "done": done, "total": len(tokens)})
            self._compute(tokens[done : done + _BATCH_TOKENS])

    def advance(self, token: int) -> bool:
        """Append one token; False when there is no room for it.

        Raises:
            Cancelled, WorkerOutOfMemory, EngineFailed: as `prefill`.
        """
        if self._count >= self.limit_tokens:
            return False
        self._compute([token])
        return True

    def wait(self) -> None:
        """Until the computing has ended (GPUs work on behind the call)."""
        if self.model.device == "cuda":
            torch.cuda.synchronize()

    def _compute(self, tokens: list[int]) -> None:
        ids = torch.tensor([tokens], dtype=torch.long, device=self.model.device)
        try:
            with torch.inference_mode():
                output = self.model.model(
                    input_ids=ids, past_key_values=self._cache, use_cache=True, **self._last_only
                )
        except (RuntimeError, IndexError, ValueError) as error:
            raise _explained(error) from error
        self.logits = output.logits[0, -1]
        self._count += len(tokens)


def _never() -> None:
    """Nobody can call off what nobody asked for."""


def _explained(error: Exception) -> EngineFailed | WorkerOutOfMemory:
    line = str(error).strip().partition("\n")[0][:300]
    if failure.says_no_memory([line]):
        return WorkerOutOfMemory(
            "There was not enough memory to go on. The model is still loaded.",
            next_step=failure.LESS_MEMORY,
            stage="decode",
            last_lines=[line],
        )
    return EngineFailed(
        f"torch could not go on: {line}",
        next_step="Load the model again and repeat the request.",
        status=type(error).__name__,
        last_lines=[line],
    )
