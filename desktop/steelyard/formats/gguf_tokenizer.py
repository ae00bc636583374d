"""A digest of a GGUF file's tokenizer: equal for two files exactly when they define the same tokenizer."""

from __future__ import annotations

import hashlib

from steelyard.formats.gguf_checks import MERGES, SCORES, TOKEN_TYPES, TOKENS
from steelyard.formats.gguf_cursor import NumberArray, StringArray
from steelyard.formats.gguf_header import GgufHeader

_DOMAIN = b"steelyard gguf tokenizer 1\0"


def tokenizer_digest(header: GgufHeader) -> str | None:
    """`sha256:<hex>` over the tokenizer's definition, or None when the header has no vocabulary.

    Hashed in this order: a domain tag; the texts of `tokenizer.ggml.model` and `.pre`; then tokens, merges,
    scores (float32) and token types (int32). Each part is preceded by its name and its count (uint64,
    little-endian); strings by their length. An absent part has the count 0.
    """
    if not isinstance(header.metadata.get(TOKENS), StringArray):
        return None
    hasher = hashlib.sha256(_DOMAIN)
    for key in ("tokenizer.ggml.model", "tokenizer.ggml.pre"):
        text = (header.text(key) or "").encode()
        hasher.update(key.encode() + b"\0" + len(text).to_bytes(8, "little") + text)
    for key in (TOKENS, MERGES, SCORES, TOKEN_TYPES):
        value = header.metadata.get(key)
        count = len(value) if isinstance(value, StringArray | NumberArray) else 0
        hasher.update(key.encode() + b"\0" + count.to_bytes(8, "little"))
        if isinstance(value, StringArray | NumberArray):
            hasher.update(value.encoded())
    return f"sha256:{hasher.hexdigest()}"
