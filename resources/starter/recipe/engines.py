"""Greedy decoding with the two engines the starter ships for, and the margin by which each token won."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import llama_cpp
import numpy as np
import numpy.typing as npt
import torch
from tokenizer import CONTEXT_LENGTH
from transformers import AutoModelForCausalLM

END_ID = 4
MAX_NEW_TOKENS = 96


@dataclass(frozen=True)
class Generated:
    """Token ids without the closing one, and the least logit margin of a winner over the second."""

    ids: list[int]
    margin: float


class Engine(Protocol):
    """Greedy continuation of a prompt given as token ids."""

    def generate(self, prompt: list[int]) -> Generated: ...


def decode_greedily(
    prompt: list[int], next_logits: Callable[[list[int]], npt.NDArray[np.float32]]
) -> Generated:
    """Take the most likely token until the end token or `MAX_NEW_TOKENS`.

    `next_logits` is given the tokens that are new since its last call and returns the logits after them.
    """
    ids: list[int] = []
    margin = float("inf")
    fed = prompt
    while len(ids) < MAX_NEW_TOKENS:
        logits = next_logits(fed)
        second, first = np.partition(logits, -2)[-2:]
        margin = min(margin, float(first - second))
        token = int(np.argmax(logits))
        if token == END_ID:
            break
        ids.append(token)
        fed = [token]
    return Generated(ids, margin)


class LlamaCpp:
    """A GGUF file in llama.cpp on the CPU. Raises OSError when llama.cpp cannot load it."""

    def __init__(self, path: Path, threads: int = 2) -> None:
        llama_cpp.llama_backend_init()
        model_parameters = llama_cpp.llama_model_default_params()
        model_parameters.n_gpu_layers = 0
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), model_parameters)
        if not self._model:
            raise OSError(f"llama.cpp could not load {path}")
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = parameters.n_batch = CONTEXT_LENGTH
        parameters.n_threads = parameters.n_threads_batch = threads
        self._context = llama_cpp.llama_init_from_model(self._model, parameters)
        self._size = llama_cpp.llama_vocab_n_tokens(self._vocabulary)

    def tokenize(self, text: str) -> list[int]:
        """Token ids with control tokens recognised, nothing forced in front."""
        raw = text.encode("utf-8")
        room = (llama_cpp.llama_token * (len(raw) + 8))()
        count = llama_cpp.llama_tokenize(
            self._vocabulary, raw, len(raw), room, len(room), True, True
        )
        return list(room[:count])

    def generate(self, prompt: list[int]) -> Generated:
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._context), True)
        return decode_greedily(prompt, self._next_logits)

    def _next_logits(self, tokens: list[int]) -> npt.NDArray[np.float32]:
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        if llama_cpp.llama_decode(self._context, llama_cpp.llama_batch_get_one(array, len(tokens))):
            raise OSError("llama.cpp could not decode")
        logits = llama_cpp.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(logits, shape=(self._size,)).copy()


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # llama_cpp ships no types
def _ignore_log(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """llama.cpp's loading log is long and says nothing the measurements do not."""


def silence() -> None:
    """Send llama.cpp's log nowhere."""
    llama_cpp.llama_log_set(_ignore_log, ctypes.c_void_p(0))


class Transformers:
    """A Hugging Face folder in transformers on the CPU."""

    def __init__(self, folder: Path, dtype: torch.dtype = torch.float32) -> None:
        torch.set_num_threads(2)
        self._model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=dtype).eval()

    def generate(self, prompt: list[int]) -> Generated:
        cache = None

        def next_logits(tokens: list[int]) -> npt.NDArray[np.float32]:
            nonlocal cache
            with torch.inference_mode():
                out = self._model(
                    input_ids=torch.tensor([tokens]), past_key_values=cache, use_cache=True
                )
            cache = out.past_key_values
            logits: npt.NDArray[np.float32] = out.logits[0, -1].float().numpy()
            return logits

        return decode_greedily(prompt, next_logits)
