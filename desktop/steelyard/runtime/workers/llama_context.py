"""A conversation in llama.cpp's memory: prompts go in, tokens are appended, a shared beginning is kept.

A prompt that begins like the last one is not computed again. How tokens are cut into batches changes the
last bits of a result, so where the answer must repeat exactly (greedy, or a seed was given) only whole
batches that a fresh start would have computed in the same way are kept; otherwise all that is alike is.
Only worker processes import this module: it imports llama_cpp.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import llama_cpp

from steelyard.base.errors import Cancelled, Json
from steelyard.runtime import failure
from steelyard.runtime.errors import EngineFailed, WorkerOutOfMemory
from steelyard.runtime.job import Job
from steelyard.runtime.records import LoadRequest
from steelyard.runtime.workers.abort_flag import AbortFlag
from steelyard.runtime.workers.context_length import check_room, context_length
from steelyard.runtime.workers.host import threads_for
from steelyard.runtime.workers.llama_library import EngineLog
from steelyard.runtime.workers.llama_model import LlamaModel, refusal
from steelyard.runtime.workers.llama_parameters import context_params

_ABORTED, _NO_ROOM, _NO_MEMORY = 2, 1, -2  # llama.h, llama_decode
_SEQUENCE = 0


class LlamaContext:
    """The KV cache of one sequence, and the tokens in it.

    Attributes:
        limit_tokens: how many tokens it can hold, prompt and answer together.
    """

    def __init__(self, model: LlamaModel, request: LoadRequest, log: EngineLog) -> None:
        """Make a context.

        Raises:
            ContextTooLong: more than the model was trained for.
            WorkerOutOfMemory: there is not enough memory.
            EngineRefusedModel: llama.cpp would not make one.
        """
        self.model = model
        self._log = log
        params = context_params(
            context_tokens=context_length(model.trained_context_tokens, request.context_tokens),
            kv_type=request.kv_type,
            threads=request.threads or threads_for(int(llama_cpp.llama_model_size(model.pointer))),
        )
        self.abort = AbortFlag()
        params.abort_callback = self.abort.callback(llama_cpp.ggml_abort_callback)
        params.abort_callback_data = self.abort.data
        self.pointer: Any = llama_cpp.llama_init_from_model(model.pointer, params)
        if not self.pointer:
            raise refusal("llama.cpp would not make a context", request.path.name, "load", log)
        self._memory = llama_cpp.llama_get_memory(self.pointer)
        cells = int(llama_cpp.llama_n_ctx_seq(self.pointer))
        self.limit_tokens = min(cells, model.trained_context_tokens or cells)
        self._batch_tokens = int(llama_cpp.llama_n_batch(self.pointer))
        self._window = int(llama_cpp.llama_model_n_swa(model.pointer))
        self._recurrent = bool(
            llama_cpp.llama_model_is_recurrent(model.pointer)
            or llama_cpp.llama_model_is_hybrid(model.pointer)
        )
        self._tokens: list[int] = []
        self._repeatable = 0
        self._one = (llama_cpp.llama_token * 1)()
        self._one_batch = llama_cpp.llama_batch_get_one(self._one, 1)

    def warm_up(self) -> None:
        """Compute two tokens with all weights, so that what is missing is missed now and not in an answer.

        Raises:
            WorkerOutOfMemory, EngineFailed: it could not.
        """
        first = max(self.model.bos, 0)
        llama_cpp.llama_set_warmup(self.pointer, True)
        self._decode([first, max(self.model.eos, 0)])
        llama_cpp.llama_set_warmup(self.pointer, False)
        self.clear()

    @property
    def vocabulary(self) -> int:
        """Number of token ids."""
        return self.model.vocabulary

    def clear(self) -> None:
        """Forget everything."""
        llama_cpp.llama_memory_clear(self._memory, False)
        self._tokens.clear()
        self._repeatable = 0

    def prefill(self, tokens: list[int], job: Job, *, repeatable: bool = True) -> None:
        """Make the context hold exactly `tokens`, with the logits of the last one ready.

        Args:
            tokens: at least one.
            repeatable: the result must be the same, to the bit, as after `clear`.

        Raises:
            ContextTooLong: they leave no room for an answer.
            Cancelled: called off; what was computed is kept for the next prompt.
            WorkerOutOfMemory, EngineFailed: it could not be computed.
        """
        check_room(len(tokens), self.limit_tokens, self.model.trained_context_tokens)
        done = self._keep(tokens, repeatable=repeatable)
        whole = self._repeatable == done
        while done < len(tokens):
            job.check()
            job.emit({"stage": "prefill", "done": done, "total": len(tokens)})
            chunk = tokens[done : done + self._batch_tokens]
            self._decode(chunk)
            done += len(chunk)
            if whole and len(chunk) == self._batch_tokens:
                self._repeatable = done

    def advance(self, token: int) -> bool:
        """Append one token; False when there is no room for it.

        Raises:
            Cancelled, WorkerOutOfMemory, EngineFailed: as `prefill`.
        """
        if len(self._tokens) >= self.limit_tokens:
            return False
        self._one[0] = token
        status = llama_cpp.llama_decode(self.pointer, self._one_batch)
        if status == _NO_ROOM:
            return False
        if status:
            raise self._after_failure(status)
        self._tokens.append(token)
        return True

    def wait(self) -> None:
        """Until the computing has ended (GPUs work on behind the call)."""
        llama_cpp.llama_synchronize(self.pointer)

    def _keep(self, tokens: list[int], *, repeatable: bool) -> int:
        """Cut the memory back to what it shares with `tokens`; return how many tokens that is."""
        pairs = zip(self._tokens, tokens[:-1], strict=False)  # the last one's logits are needed
        alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if repeatable:
            alike = self._whole_batches(min(alike, self._repeatable))
        if alike == 0 or not self._can_cut_to(alike):
            self.clear()
            return 0
        if alike < len(self._tokens) and not llama_cpp.llama_memory_seq_rm(
            self._memory, _SEQUENCE, alike, -1
        ):
            self.clear()
            return 0
        del self._tokens[alike:]
        self._repeatable = self._whole_batches(min(self._repeatable, alike))
        return alike

    def _whole_batches(self, count: int) -> int:
        return count // self._batch_tokens * self._batch_tokens

    def _can_cut_to(self, length: int) -> bool:
        if self._recurrent:
            # A recurrent state is a running sum: it can only be continued.
            return length == len(self._tokens)
        if self._window:
            # Sliding-window layers have dropped what lies further back than the window.
            oldest = int(llama_cpp.llama_memory_seq_pos_min(self._memory, _SEQUENCE))
            return oldest <= max(0, length - self._window)
        return True

    def _decode(self, tokens: list[int]) -> None:
        buffer = (llama_cpp.llama_token * len(tokens))(*tokens)
        batch = llama_cpp.llama_batch_get_one(buffer, len(tokens))
        status = llama_cpp.llama_decode(self.pointer, batch)
        if status:
            raise self._after_failure(status)
        self._tokens += tokens

    def _after_failure(self, status: int) -> Exception:
        """Bring the memory back to the tokens it certainly holds; the error to raise."""
        if self._recurrent or not llama_cpp.llama_memory_seq_rm(
            self._memory, _SEQUENCE, len(self._tokens), -1
        ):
            self.clear()
        if status == _ABORTED:
            return Cancelled("Stopped.")
        lines = list(self._log.problems)[-5:]
        if status == _NO_MEMORY or failure.says_no_memory(lines):
            return WorkerOutOfMemory(
                "There was not enough memory to go on. The model is still loaded.",
                next_step=failure.LESS_MEMORY,
                stage="decode",
                last_lines=list[Json](lines),
            )
        return EngineFailed(
            f"llama.cpp could not go on (status {status}).",
            next_step="Load the model again and repeat the request.",
            status=status,
            last_lines=list[Json](lines),
        )
