"""Writes safetensors files and Hugging Face folders for tests, well-formed or hostile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SIZES = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "U8": 1, "BOOL": 1, "F8_E4M3": 1}


def frame(header: bytes, data: bytes = b"", length: int | None = None) -> bytes:
    """A file of a header and data; `length` makes the announced header length lie."""
    return (len(header) if length is None else length).to_bytes(8, "little") + header + data


def build_safetensors(
    tensors: Mapping[str, tuple[str, tuple[int, ...]]], metadata: Mapping[str, str] | None = None
) -> bytes:
    """A whole file of zeros: name to (dtype, shape)."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata is not None else {}
    at = 0
    for name, (dtype, shape) in tensors.items():
        size = SIZES[dtype]
        for length in shape:
            size *= length
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    return frame(text + b" " * (-len(text) % 8), bytes(at))


CONFIG: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "vocab_size": 16,
    "max_position_embeddings": 64,
    "torch_dtype": "bfloat16",
}
TENSORS: dict[str, tuple[str, tuple[int, ...]]] = {
    "model.embed_tokens.weight": ("BF16", (16, 8)),
    "model.norm.weight": ("F32", (8,)),
}
TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def write_folder(folder: Path, **files: Any) -> Path:
    """A complete small model; `files` replace or add (`config_json={...}`), None leaves one out.

    Names are given with `__` for `.`; bytes are written as they are, text as UTF-8, other values as JSON.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {
        "config.json": CONFIG,
        "model.safetensors": build_safetensors(TENSORS, {"format": "pt"}),
        "tokenizer.json": {"version": "1.0", "model": {"type": "BPE", "vocab": {}, "merges": []}},
        "tokenizer_config.json": {"eos_token": "</s>", "chat_template": TEMPLATE},
    }
    content |= {name.replace("__", "."): value for name, value in files.items()}
    for name, value in content.items():
        if value is None:
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(value, bytes):
            path.write_bytes(value)
        else:
            path.write_text(
                value if isinstance(value, str) else json.dumps(value), encoding="utf-8"
            )
    return folder
