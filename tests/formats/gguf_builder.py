"""Writes GGUF bytes for tests: well-formed, hostile, or a header with a large model's real dimensions.

Nothing here is checked: what a test asks for is what gets written. For other rooms:

    build_gguf({"general.architecture": "llama"}, [Tensor("a.weight", (32, 2))]) -> bytes
    llama_8b_header(vocab=128256).write(tmp_path / "8b.gguf")   # sparse: the header and a hole
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steelyard.formats.gguf_types import TENSOR_TYPES

UINT8, INT8, UINT16, INT16, UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY, UINT64, INT64, FLOAT64 = (
    range(13)
)
F32, F16, Q4_0, Q8_0, Q4_K, Q6_K, BF16 = 0, 1, 2, 8, 12, 14, 30

_FORMATS = {
    UINT8: "B", INT8: "b", UINT16: "H", INT16: "h", UINT32: "I", INT32: "i",
    FLOAT32: "f", BOOL: "?", UINT64: "Q", INT64: "q", FLOAT64: "d",
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """A value with its GGUF type spelled out; for an array also the type of its items."""

    kind: int
    value: Any
    item_kind: int | None = None


@dataclass(frozen=True)
class Raw:
    """A metadata value given as bytes, with any type number: what an attacker would write."""

    kind: int
    payload: bytes


@dataclass(frozen=True)
class Tensor:
    """One tensor to write. `offset` None places it after the one before; `data` None writes zeros."""

    name: str | bytes
    shape: tuple[int, ...]
    type: int = F32
    offset: int | None = None
    data: bytes | None = None

    @property
    def size_bytes(self) -> int:
        kind = TENSOR_TYPES[self.type]
        return math.prod(self.shape) * kind.type_bytes // kind.block_elements


Metadata = Mapping[str, Any] | Sequence[tuple[str | bytes, Any]]


def gguf_string(text: str | bytes, order: str = "<") -> bytes:
    """Length (uint64) and bytes."""
    data = text.encode() if isinstance(text, str) else text
    return struct.pack(order + "Q", len(data)) + data


def _kind_of(value: Any) -> int:
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        if -(2**31) <= value < 0:
            return INT32
        if value < 0:
            return INT64
        return UINT32 if value < 2**32 else UINT64
    return (
        FLOAT32 if isinstance(value, float) else STRING if isinstance(value, str | bytes) else ARRAY
    )


def _payload(kind: int, value: Any, item_kind: int | None, order: str) -> bytes:
    if kind == STRING:
        return gguf_string(value, order)
    if kind != ARRAY:
        return struct.pack(order + _FORMATS[kind], value)
    if item_kind is None:
        item_kind = _kind_of(value[0]) if value else STRING
    head = struct.pack(order + "IQ", item_kind, len(value))
    if item_kind in _FORMATS:
        return head + struct.pack(f"{order}{len(value)}{_FORMATS[item_kind]}", *value)
    return head + b"".join(_payload(item_kind, item, None, order) for item in value)


def pair(key: str | bytes, value: Any, order: str = "<") -> bytes:
    """One metadata entry: key, type, value."""
    if isinstance(value, Raw):
        return gguf_string(key, order) + struct.pack(order + "I", value.kind) + value.payload
    if not isinstance(value, Typed):
        value = Typed(_kind_of(value), value)
    return (
        gguf_string(key, order)
        + struct.pack(order + "I", value.kind)
        + _payload(value.kind, value.value, value.item_kind, order)
    )


def pad(size: int, alignment: int) -> int:
    """`size` rounded up to a multiple of `alignment`."""
    return -(-size // alignment) * alignment


def place(tensors: Iterable[Tensor], alignment: int = 32) -> list[tuple[Tensor, int]]:
    """Each tensor with its offset from the start of the data section."""
    placed, cursor = [], 0
    for tensor in tensors:
        offset = cursor if tensor.offset is None else tensor.offset
        placed.append((tensor, offset))
        cursor = pad(offset + tensor.size_bytes, alignment)
    return placed


def build_header(
    metadata: Metadata,
    tensors: Sequence[Tensor] = (),
    *,
    version: int = 3,
    alignment: int = 32,
    key_count: int | None = None,
    tensor_count: int | None = None,
    magic: bytes = b"GGUF",
    order: str = "<",
) -> bytes:
    """Everything before the tensor data, padded to `alignment`; the counts can be made to lie.

    An `alignment` other than 32 is written as `general.alignment` unless the metadata has one.
    """
    pairs = list(metadata.items()) if isinstance(metadata, Mapping) else list(metadata)
    if alignment != 32 and "general.alignment" not in [key for key, _ in pairs]:
        pairs.append(("general.alignment", alignment))
    parts = [
        magic,
        struct.pack(
            order + "IQQ",
            version,
            len(tensors) if tensor_count is None else tensor_count,
            len(pairs) if key_count is None else key_count,
        ),
        *(pair(key, value, order) for key, value in pairs),
    ]
    for tensor, offset in place(tensors, alignment):
        parts.append(gguf_string(tensor.name, order))
        parts.append(struct.pack(f"{order}I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape))
        parts.append(struct.pack(order + "IQ", tensor.type, offset))
    header = b"".join(parts)
    return header.ljust(pad(len(header), alignment), b"\0")


def build_gguf(
    metadata: Metadata, tensors: Sequence[Tensor] = (), version: int = 3, alignment: int = 32
) -> bytes:
    """A whole file: the header and every tensor's data (zeros unless the tensor brings its own)."""
    header = build_header(metadata, tensors, version=version, alignment=alignment)
    placed = place(tensors, alignment)
    size = max((pad(offset + tensor.size_bytes, alignment) for tensor, offset in placed), default=0)
    data = bytearray(size)
    for tensor, offset in placed:
        if tensor.data is not None:
            data[offset : offset + len(tensor.data)] = tensor.data
    return header + bytes(data)


@dataclass(frozen=True)
class SparseModel:
    """A header and the size the whole file would have; `write` leaves the rest a hole."""

    header: bytes
    file_size_bytes: int

    def write(self, path: Path) -> Path:
        with path.open("wb") as stream:
            stream.write(self.header)
            stream.truncate(self.file_size_bytes)
        return path


def sparse_model(metadata: Metadata, tensors: Sequence[Tensor], alignment: int = 32) -> SparseModel:
    """Header and full size, without making the data."""
    header = build_header(metadata, tensors, alignment=alignment)
    data_size = max(
        (
            pad(offset + tensor.size_bytes, alignment)
            for tensor, offset in place(tensors, alignment)
        ),
        default=0,
    )
    return SparseModel(header, len(header) + data_size)


def byte_alphabet() -> list[str]:
    """The 256 characters of byte-level BPE, by byte value (GPT-2's `bytes_to_unicode`)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    extra = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) if byte in printable else chr(256 + extra.index(byte)) for byte in range(256)]


def bpe_vocabulary(vocab: int, merges: int) -> dict[str, Any]:
    """Tokenizer keys of a Llama-3-like byte-level BPE: 256 bytes, made-up words, 256 control tokens."""
    alphabet = byte_alphabet()
    words = [f"Ġword{index:06d}" for index in range(vocab - 512)]
    control = ["<|begin_of_text|>", "<|end_of_text|>"]
    control += [f"<|reserved_special_token_{index}|>" for index in range(254)]
    pairs = [
        f"{alphabet[index % 256]} {words[index // 256 % len(words)]}" for index in range(merges)
    ]
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "llama-bpe",
        "tokenizer.ggml.tokens": [*alphabet, *words, *control],
        "tokenizer.ggml.token_type": Typed(ARRAY, [1] * (vocab - 256) + [3] * 256, INT32),
        "tokenizer.ggml.merges": pairs,
        "tokenizer.ggml.bos_token_id": vocab - 256,
        "tokenizer.ggml.eos_token_id": vocab - 255,
    }


def llama_tensors(
    *, layers: int, width: int, feed_forward: int, key_value: int, vocab: int, weight_type: int
) -> list[Tensor]:
    """The tensors of a Llama-architecture model as llama.cpp names them; norms in F32."""
    tensors = [
        Tensor("token_embd.weight", (width, vocab), weight_type),
        Tensor("output_norm.weight", (width,)),
        Tensor("output.weight", (width, vocab), weight_type),
    ]
    for layer in range(layers):
        block = f"blk.{layer}."
        tensors += [
            Tensor(block + "attn_norm.weight", (width,)),
            Tensor(block + "attn_q.weight", (width, width), weight_type),
            Tensor(block + "attn_k.weight", (width, key_value), weight_type),
            Tensor(block + "attn_v.weight", (width, key_value), weight_type),
            Tensor(block + "attn_output.weight", (width, width), weight_type),
            Tensor(block + "ffn_norm.weight", (width,)),
            Tensor(block + "ffn_gate.weight", (width, feed_forward), weight_type),
            Tensor(block + "ffn_up.weight", (width, feed_forward), weight_type),
            Tensor(block + "ffn_down.weight", (feed_forward, width), weight_type),
        ]
    return tensors


def llama_8b_header(
    vocab: int = 128256, *, weight_type: int = F16, file_type: int = 1, merges: int | None = None
) -> SparseModel:
    """Llama-3.1-8B's dimensions (its published config.json): 8,030,261,248 parameters at the full vocabulary.

    `merges` None scales the real tokenizer's 280,147 merges with the vocabulary.
    """
    merges = 280_147 * vocab // 128_256 if merges is None else merges
    metadata: dict[str, Any] = {
        "general.architecture": "llama",
        "general.name": "Llama 8B dimensions",
        "general.license": "llama3.1",
        "general.file_type": file_type,
        "general.quantization_version": 2,
        "llama.block_count": 32,
        "llama.context_length": 131_072,
        "llama.embedding_length": 4096,
        "llama.feed_forward_length": 14_336,
        "llama.attention.head_count": 32,
        "llama.attention.head_count_kv": 8,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.attention.key_length": 128,
        "llama.attention.value_length": 128,
        "llama.rope.dimension_count": 128,
        "llama.rope.freq_base": 500_000.0,
        "llama.vocab_size": vocab,
        **bpe_vocabulary(vocab, merges),
    }
    tensors = llama_tensors(
        layers=32,
        width=4096,
        feed_forward=14_336,
        key_value=1024,
        vocab=vocab,
        weight_type=weight_type,
    )
    return sparse_model(metadata, tensors)


def tiny_llama(**changes: Any) -> bytes:
    """A complete file of a few kilobytes with consistent tokenizer arrays; `changes` replace keys.

    Give keys with `__` for `.`; None removes the key.
    """
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁the", "▁a"]
    kinds = [2, 3, 3, *([6] * 256), 1, 1]
    metadata: dict[str, Any] = {
        "general.architecture": "llama",
        "general.name": "tiny",
        "general.file_type": 0,
        "llama.block_count": 1,
        "llama.context_length": 128,
        "llama.embedding_length": 32,
        "llama.feed_forward_length": 64,
        "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 2,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": 8,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": Typed(ARRAY, [0.0] * len(tokens), FLOAT32),
        "tokenizer.ggml.token_type": Typed(ARRAY, kinds, INT32),
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
    }
    metadata |= {key.replace("__", "."): value for key, value in changes.items()}
    tensors = llama_tensors(
        layers=1, width=32, feed_forward=64, key_value=16, vocab=len(tokens), weight_type=F32
    )
    return build_gguf({k: v for k, v in metadata.items() if v is not None}, tensors)


def small_gguf() -> bytes:
    """Some 700 bytes with a bit of everything: small enough to break at every byte."""
    metadata = {
        "general.architecture": "llama",
        "llama.context_length": 128,
        "a.flag": True,
        "tokenizer.ggml.tokens": ["a", "b", "<0x0A>"],
        "tokenizer.ggml.scores": [0.0, 1.0, 2.0],
        "tokenizer.ggml.token_type": Typed(ARRAY, [1, 1, 6], INT32),
    }
    return build_gguf(metadata, [Tensor("x.weight", (4, 3)), Tensor("y.weight", (32,), 8)])
