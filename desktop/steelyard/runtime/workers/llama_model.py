"""A model file opened by llama.cpp: its vocabulary, its template, text to tokens and back.

Only worker processes import this module: it imports llama_cpp.
"""

from __future__ import annotations

import ctypes
import os
import re
import time
from pathlib import Path
from typing import Any, cast

import llama_cpp

from steelyard.base.errors import Json, NotFound, SteelyardError
from steelyard.base.progress import REPORTS_PER_S
from steelyard.runtime import failure
from steelyard.runtime.errors import EngineRefusedModel, WorkerOutOfMemory
from steelyard.runtime.job import Job
from steelyard.runtime.workers.llama_library import EngineLog
from steelyard.runtime.workers.llama_parameters import model_params

_SHARD = re.compile(r"(.*)-\d{5}-of-(\d{5})\.gguf")
_PIECE_BYTES = 256


class LlamaModel:
    """Weights and vocabulary. Freed when the process ends.

    Attributes:
        pointer, vocab: llama.cpp's handles.
        vocabulary: number of tokens.
        trained_context_tokens: what the header says; 0 when it does not.
        parameters: number of weights.
        template: the chat template's source, or None.
    """

    def __init__(self, pointer: Any) -> None:
        self.pointer = pointer
        self.vocab = llama_cpp.llama_model_get_vocab(pointer)
        self.vocabulary = int(llama_cpp.llama_vocab_n_tokens(self.vocab))
        self.trained_context_tokens = int(llama_cpp.llama_model_n_ctx_train(pointer))
        self.parameters = int(llama_cpp.llama_model_n_params(pointer))
        source = llama_cpp.llama_model_chat_template(pointer, None)
        self.template = source.decode("utf-8", "replace") if source else None
        self.bos = int(llama_cpp.llama_vocab_bos(self.vocab))
        self.eos = int(llama_cpp.llama_vocab_eos(self.vocab))
        self._adds_bos = bool(llama_cpp.llama_vocab_get_add_bos(self.vocab)) and self.bos >= 0
        self._pieces: dict[int, bytes] = {}
        self._ends: dict[int, bool] = {}

    @classmethod
    def load(cls, path: Path, *, gpu_layers: int, job: Job, log: EngineLog) -> LlamaModel:
        """Open a GGUF file; its other parts, when it is split, are found by llama.cpp beside it.

        Raises:
            NotFound: there is no such file.
            EngineRefusedModel: llama.cpp would not have it; its own words are in the facts.
            WorkerOutOfMemory: there is not enough memory.
            Cancelled: the request was called off.
        """
        if not path.is_file():
            raise NotFound(
                "The model file is not where it should be.",
                next_step="Verify the model in the library.",
                path=str(path),
            )
        total_bytes = _size_of_all_parts(path)
        last_s = float("-inf")

        def progress(fraction: float, _data: object) -> bool:
            nonlocal last_s
            if time.monotonic() - last_s >= 1 / REPORTS_PER_S or fraction >= 1:
                last_s = time.monotonic()
                done_bytes = int(fraction * total_bytes)
                job.emit({"stage": "load", "done": done_bytes, "total": total_bytes})
            return not job.cancelled

        params = model_params(gpu_layers=gpu_layers)
        params.progress_callback = llama_cpp.llama_progress_callback(progress)
        pointer = llama_cpp.llama_model_load_from_file(os.fsencode(path), params)
        job.check()
        if not pointer:
            raise refusal("llama.cpp would not load this file", path.name, "load", log)
        return cls(pointer)

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Token ids, without a beginning-of-text token.

        Args:
            special: read `<|…|>` and the like as the control tokens they name, not as text.
        """
        data = text.encode("utf-8", "replace")
        room = len(data) + 16
        while True:
            buffer = (llama_cpp.llama_token * room)()
            count = llama_cpp.llama_tokenize(
                self.vocab, data, len(data), buffer, room, False, special
            )
            if count >= 0:
                return list(buffer[:count])
            room = -count

    def with_bos(self, tokens: list[int]) -> list[int]:
        """The tokens after one beginning-of-text token, if this vocabulary wants one: never two."""
        if not self._adds_bos or (tokens and tokens[0] == self.bos):
            return tokens
        return [self.bos, *tokens]

    def token_text(self, token: int) -> str:
        """How a control token is written; empty for "none"."""
        if not 0 <= token < self.vocabulary:
            return ""
        return cast(
            "str", llama_cpp.llama_vocab_get_text(self.vocab, token).decode("utf-8", "replace")
        )

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; none for a control token."""
        known = self._pieces.get(token)
        if known is None:
            known = self._pieces[token] = self._read_piece(token)
        return known

    def _read_piece(self, token: int) -> bytes:
        room = _PIECE_BYTES
        while True:
            buffer = ctypes.create_string_buffer(room)
            count = llama_cpp.llama_token_to_piece(self.vocab, token, buffer, room, 0, False)
            if count >= 0:
                return buffer.raw[:count]
            room = -count

    def ends(self, token: int) -> bool:
        """Whether a token ends the turn."""
        known = self._ends.get(token)
        if known is None:
            known = self._ends[token] = bool(llama_cpp.llama_vocab_is_eog(self.vocab, token))
        return known


def refusal(what: str, name: str, stage: str, log: EngineLog) -> SteelyardError:
    """The error for a model or context that llama.cpp did not make, told from what it logged."""
    words = list(log.problems)[-3:]
    if failure.says_no_memory(log.lines):
        return WorkerOutOfMemory(
            "There is not enough memory for this model and context. Nothing else was touched.",
            next_step=failure.LESS_MEMORY,
            stage=stage,
            last_lines=list[Json](words),
        )
    return EngineRefusedModel(
        f"{what}: {words[-1] if words else 'it gave no reason'}.",
        next_step="Check that this version of llama.cpp knows the model's architecture.",
        path=name,
        engine_words=list[Json](words),
    )


def _size_of_all_parts(path: Path) -> int:
    found = _SHARD.fullmatch(path.name)
    if found is None:
        return path.stat().st_size
    parts = path.parent.glob(f"*-of-{found[2]}.gguf")
    return sum(p.stat().st_size for p in parts if p.name.startswith(f"{found[1]}-"))
