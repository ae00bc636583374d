"""Judges what a well-formed GGUF header claims: tokenizer arrays that fit together, sizes that can be true.

`check_*` raise where an engine could be harmed or a person misled; `odd_things` lists what is merely odd.
"""

from __future__ import annotations

import re

from steelyard.formats.errors import BadTokenizer, ImplausibleModel, TooLarge
from steelyard.formats.gguf_cursor import NumberArray, StringArray
from steelyard.formats.gguf_header import GgufHeader
from steelyard.formats.gguf_types import ValueType

TOKENS = "tokenizer.ggml.tokens"
SCORES = "tokenizer.ggml.scores"
TOKEN_TYPES = "tokenizer.ggml.token_type"  # noqa: S105  # a metadata key, not a secret
MERGES = "tokenizer.ggml.merges"

LIMITS = {
    "block_count": 512,
    "expert_count": 4096,
    "embedding_length": 2**20,
    "feed_forward_length": 2**24,
    "attention.head_count": 2**14,
    "attention.head_count_kv": 2**14,
    "attention.key_length": 2**16,
    "attention.value_length": 2**16,
    "context_length": 2**31 - 1,
    "vocab_size": 2**24,
}
"""Per-architecture keys. 512 layers is llama.cpp's LLAMA_MAX_LAYERS; the rest is far above any real model."""

BYTE_TOKEN_TYPE = 6
"""llama.h, enum llama_token_type: LLAMA_TOKEN_TYPE_BYTE, also the highest of the seven."""
_BYTE_TOKEN = re.compile(rb"<0x[0-9A-Fa-f]{2}>")
_SPECIAL_TOKEN = re.compile(r"tokenizer\.ggml\.\w+_token_id")
_LIKE_BYTE_TOKEN = re.compile(rb"<0x..>", re.DOTALL)

MOST_OVERCLAIMED = 20
"""A size label this many times what the tensors hold is no rounding."""
_SIZE_LABEL = re.compile(r"(?:(\d{1,4})x)?(\d{1,6}(?:\.\d{1,3})?)([KMBT])", re.IGNORECASE)
_SCALE = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


def check_tokenizer(header: GgufHeader) -> None:
    """Refuse tokenizer arrays an engine would misread.

    Raises:
        BadTokenizer: wrong type, lengths that differ, an unknown token type, a byte token that is no byte.
    """
    tokens = _strings(header, TOKENS)
    _strings(header, MERGES)
    scores = _numbers(header, SCORES, ValueType.FLOAT32)
    types = _numbers(header, TOKEN_TYPES, ValueType.INT32, ValueType.UINT32)
    if tokens is None:
        for key, array in ((SCORES, scores), (TOKEN_TYPES, types)):
            if array is not None:
                raise BadTokenizer(f"{key} is there, but {TOKENS} is not.", key=key)
        return
    for key, array in ((SCORES, scores), (TOKEN_TYPES, types)):
        if array is not None and len(array) != len(tokens):
            raise BadTokenizer(
                f"{key} has {len(array):,} entries for {len(tokens):,} tokens.", key=key
            )
    if types is not None and not all(0 <= kind <= BYTE_TOKEN_TYPE for kind in types.items):
        raise BadTokenizer(f"{TOKEN_TYPES} has a type that does not exist.", key=TOKEN_TYPES)
    _check_byte_tokens(tokens, types)


def _check_byte_tokens(tokens: StringArray, types: NumberArray | None) -> None:
    for index, token in enumerate(tokens.iterate_raw()):
        claimed = types is not None and types.items[index] == BYTE_TOKEN_TYPE
        if not claimed and not token.startswith(b"<0x"):
            continue
        if (claimed or _LIKE_BYTE_TOKEN.fullmatch(token)) and not _BYTE_TOKEN.fullmatch(token):
            shown = token[:32].decode(errors="replace")
            raise BadTokenizer(
                f"Token {index} is written {shown!r} and should stand for one byte, but does not.",
                key=TOKENS,
                index=index,
            )


def _strings(header: GgufHeader, key: str) -> StringArray | None:
    value = header.metadata.get(key)
    if value is None or isinstance(value, StringArray):
        return value
    raise BadTokenizer(f"{key} must be an array of strings.", key=key)


def _numbers(header: GgufHeader, key: str, *allowed: ValueType) -> NumberArray | None:
    value = header.metadata.get(key)
    if value is None or (isinstance(value, NumberArray) and value.item_type in allowed):
        return value
    wanted = " or ".join(kind.name.lower() for kind in allowed)
    raise BadTokenizer(f"{key} must be an array of {wanted}.", key=key)


def check_claims(header: GgufHeader) -> None:
    """Refuse dimensions no model has, and a claimed size the tensors cannot hold.

    Raises:
        TooLarge: an architecture key above `LIMITS`.
        ImplausibleModel: negative or zero dimensions, or far fewer weights than claimed.
    """
    for name, limit in LIMITS.items():
        value = header.of_architecture(name)
        if value is None:
            continue
        if value > limit:
            raise TooLarge(
                f"The header claims {value:,} for {header.architecture}.{name}; the limit is {limit:,}. "
                "No real model has that.",
                next_step="Ask the sender for a new copy.",
                what=name,
                value=str(value),
                limit=limit,
            )
        if value < 0:
            raise ImplausibleModel(
                f"{header.architecture}.{name} is {value}.", field=name, value=value
            )
    if header.tensors and "split.count" not in header.metadata:
        _check_size(header)


def _check_size(header: GgufHeader) -> None:
    actual = header.parameters or 0
    claimed = _claimed_by_label(header)
    if claimed is not None and claimed > MOST_OVERCLAIMED * actual:
        raise ImplausibleModel(
            f"The header calls this a {header.text('general.size_label')} model, "
            f"but its tensors hold {actual:,} weights.",
            next_step="Ask the sender for a new copy.",
            claimed=int(claimed),
            parameters=actual,
        )
    width, layers = header.embedding_length or 0, header.block_count or 0
    # Attention or its replacement alone needs about width^2 weights per layer; a tenth of that is generous.
    if has_blocks(header) and layers * width * width // 10 > actual:
        raise ImplausibleModel(
            f"{layers} layers of width {width:,} cannot be made of {actual:,} weights.",
            next_step="Ask the sender for a new copy.",
            claimed=str(layers * width * width),
            parameters=actual,
        )


def _claimed_by_label(header: GgufHeader) -> float | None:
    """The fewest weights `general.size_label` can mean, for a whole model; `8x7B` means at least 7B."""
    if header.text("general.type") not in (None, "model"):
        return None
    match = _SIZE_LABEL.fullmatch((header.text("general.size_label") or "").strip())
    return float(match.group(2)) * _SCALE[match.group(3).upper()] if match else None


def has_blocks(header: GgufHeader) -> bool:
    """True when there are layer tensors, so that this is a language model's main file."""
    return any(tensor.name.startswith("blk.") for tensor in header.tensors)


def odd_things(header: GgufHeader) -> tuple[str, ...]:
    """What a person should know but no engine is harmed by, one sentence each."""
    found = []
    if not header.tensors:
        found.append("The file has a vocabulary but no weights; it cannot be run.")
    if header.text("general.type") not in (None, "model"):
        found.append(f"This is not a whole model but its {header.text('general.type')} part.")
    if not header.architecture:
        found.append("The header does not name the model's architecture.")
    vocabulary = header.vocabulary_size or 0
    special = [key for key in header.metadata if _SPECIAL_TOKEN.fullmatch(key)]
    for key in special:
        token = header.integer(key)
        if token is not None and not 0 <= token < vocabulary:
            found.append(f"{key} is {token}, which is not a token of this vocabulary.")
    found.extend(_file_type_mismatch(header))
    return tuple(found)


def spare_bytes(header: GgufHeader) -> int:
    """Bytes after the last tensor and its padding, which nothing reads."""
    end = max((tensor.offset + tensor.size_bytes for tensor in header.tensors), default=0)
    spare = header.file_size_bytes - header.data_offset - end
    return spare if spare >= header.alignment else 0


def _file_type_mismatch(header: GgufHeader) -> list[str]:
    plain = ("F32", "F16", "BF16", "F64")
    dominant = header.dominant_type
    if dominant and (header.quantization in plain) != (dominant in plain):
        return [f"The header says {header.quantization}, but most weights are {dominant}."]
    return []
