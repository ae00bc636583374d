"""A safetensors folder opened by transformers: weights, tokenizer, template. Never code, never a pickle.

Only worker processes import this module: it imports torch and transformers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer

from steelyard.base.errors import Json, NotFound
from steelyard.runtime import failure
from steelyard.runtime.errors import EngineRefusedModel, NotSupportedByEngine, WorkerOutOfMemory
from steelyard.runtime.records import LoadRequest

_Result = TypeVar("_Result")

# What reading a folder that is not as it should be raises, in transformers and below it.
_LOAD_FAILURES = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ImportError,
    RuntimeError,
    SafetensorError,
)


class TorchModel:
    """Weights, tokenizer and template. Freed when the process ends.

    Attributes:
        model, tokenizer: transformers' objects.
        device: `cpu` or `cuda`.
        trained_context_tokens: from the configuration; 0 when it does not say.
        size_bytes: what the weights take in memory.
        template: the chat template's source, or None.
    """

    def __init__(self, model: Any, tokenizer: Any, device: str) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.device = device
        text_config = model.config.get_text_config()
        self.vocabulary = int(text_config.vocab_size)
        self.trained_context_tokens = int(getattr(text_config, "max_position_embeddings", 0) or 0)
        self.parameters = int(model.num_parameters())
        self.size_bytes = int(model.get_memory_footprint())
        self.template = _default_template(tokenizer.chat_template)
        self._ends = _end_tokens(model, tokenizer)
        self._bos = tokenizer.bos_token_id
        self._adds_bos = self._bos is not None and tokenizer("x").input_ids[:1] == [self._bos]

    @classmethod
    def load(cls, request: LoadRequest) -> TorchModel:
        """Open a folder in Hugging Face layout, from this disk only.

        Raises:
            NotFound: there is no such folder.
            NotSupportedByEngine: a KV type or a placement this engine does not have.
            EngineRefusedModel: transformers would not have it; its own words are in the facts.
            WorkerOutOfMemory: there is not enough memory.
        """
        _check_supported(request)
        folder = request.path
        if not folder.is_dir():
            raise NotFound(
                "The model folder is not where it should be.",
                next_step="Verify the model in the library.",
                path=str(folder),
            )
        device = "cuda" if request.gpu_layers else "cpu"
        only_here: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}

        def open_folder() -> tuple[Any, Any]:
            tokenizer = AutoTokenizer.from_pretrained(folder, **only_here)
            model = AutoModelForCausalLM.from_pretrained(
                folder, use_safetensors=True, dtype=_dtype(folder, device), **only_here
            )
            return model.to(device).eval(), tokenizer

        model, tokenizer = guarded(open_folder, folder.name)
        return cls(model, tokenizer, device)

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Token ids, without a beginning-of-text token.

        Args:
            special: read `<|…|>` and the like as the control tokens they name, not as text.
        """
        clean = text.encode("utf-8", "replace").decode("utf-8")
        ids = self.tokenizer.encode(
            clean, add_special_tokens=False, split_special_tokens=not special
        )
        return cast("list[int]", ids)

    def with_bos(self, tokens: list[int]) -> list[int]:
        """The tokens after one beginning-of-text token, if this tokenizer wants one: never two."""
        if not self._adds_bos or tokens[:1] == [self._bos]:
            return tokens
        return [self._bos, *tokens]

    def ends(self, token: int) -> bool:
        """Whether a token ends the turn."""
        return token in self._ends


class TextPieces:
    """Tokens to text, piece by piece, with the spaces and characters that only neighbours decide.

    A token alone may be half a character, or lose the space before it. So each piece is the difference
    between the last few tokens' text with and without the new ones.
    """

    _KEPT = 6

    def __init__(self, tokenizer: Any, prompt: list[int]) -> None:
        self._tokenizer = tokenizer
        self._tokens = prompt[-self._KEPT :]
        self._from = 0
        self._shown = len(self._tokens)

    def push(self, token: int) -> str:
        """The text that became certain with this token."""
        self._tokens.append(token)
        return self._new_text(final=False)

    def finish(self) -> str:
        """Text still held when no further token comes."""
        return self._new_text(final=True)

    def _new_text(self, *, final: bool) -> str:
        before = self._text(self._tokens[self._from : self._shown])
        after = self._text(self._tokens[self._from :])
        if len(after) <= len(before) or (after.endswith("\ufffd") and not final):
            return ""
        self._from, self._shown = self._shown, len(self._tokens)
        return after[len(before) :]

    def _text(self, tokens: list[int]) -> str:
        return cast(
            "str",
            self._tokenizer.decode(
                tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
            ),
        )


def guarded(work: Callable[[], _Result], name: str) -> _Result:
    """Run something of transformers' that reads a folder.

    Raises:
        EngineRefusedModel, WorkerOutOfMemory: what its many exceptions mean.
    """
    try:
        return work()
    except _LOAD_FAILURES as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        words = lines[0][:300] if lines else type(error).__name__
        if failure.says_no_memory(lines):
            raise WorkerOutOfMemory(
                "There is not enough memory for this model. Nothing else was touched.",
                next_step=failure.LESS_MEMORY,
                stage="load",
                last_lines=[words],
            ) from error
        raise EngineRefusedModel(
            f"transformers would not load this folder: {words}",
            next_step="Check that this version of transformers knows the model's architecture.",
            path=name,
            engine_words=list[Json](line[:300] for line in lines[:3]),
        ) from error


def _check_supported(request: LoadRequest) -> None:
    if request.kv_type != "f16":
        raise NotSupportedByEngine(
            "The transformers engine keeps its cache in the model's own precision.",
            next_step="Leave the KV type at f16, or use a GGUF of this model.",
            engine="transformers",
            feature="kv_type",
        )
    if request.gpu_layers and not torch.cuda.is_available():
        raise NotSupportedByEngine(
            "torch sees no CUDA device on this machine.",
            next_step="Load the model without GPU layers.",
            engine="transformers",
            feature="gpu_layers",
        )


def _dtype(folder: Path, device: str) -> Any:
    """As the weights are stored; but processors compute in float16 only by emulation, so wider there."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    stored = str(config.get("dtype") or config.get("torch_dtype") or "")
    return torch.float32 if device == "cpu" and stored in {"float16", ""} else "auto"


def _default_template(template: object) -> str | None:
    if isinstance(template, dict):
        template = template.get("default")
    return template if isinstance(template, str) else None


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """The configuration, the generation configuration and the tokenizer each name some."""
    found: set[int] = set()
    for holder in (model.config, model.generation_config, tokenizer):
        named = getattr(holder, "eos_token_id", None)
        found |= set(named if isinstance(named, list) else [named]) - {None}
    return frozenset(found)
