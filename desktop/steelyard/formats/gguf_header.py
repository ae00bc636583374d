"""What a judged GGUF header says: its metadata, its tensors, and the handful of facts everyone asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from steelyard.formats.gguf_cursor import StringArray, Value
from steelyard.formats.gguf_types import FILE_TYPES, TensorType, ValueType


@dataclass(frozen=True)
class TensorInfo:
    """One tensor of the header.

    Attributes:
        shape: elements per dimension, innermost (row length) first, as the file has it.
        type: how it is packed.
        offset: bytes from the start of the file's data section.
        size_bytes: without padding.
    """

    name: str
    shape: tuple[int, ...]
    type: TensorType
    offset: int
    size_bytes: int

    @property
    def elements(self) -> int:
        """Number of weights; 1 for a shape without dimensions."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class GgufHeader:
    """A judged GGUF header.

    Attributes:
        metadata: values by key, in the file's order; arrays are `NumberArray` or `StringArray`.
        value_types: the GGUF type of each value; for arrays `ValueType.ARRAY`.
        data_offset: where the tensor data begins, bytes from the start of the file.
    """

    path: Path
    version: int
    byte_order: str
    metadata: Mapping[str, Value]
    value_types: Mapping[str, ValueType]
    tensors: tuple[TensorInfo, ...]
    data_offset: int
    alignment: int
    file_size_bytes: int

    def text(self, key: str) -> str | None:
        """A string value, or None when it is absent or of another type."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else None

    def integer(self, key: str) -> int | None:
        """An integer value, or None when it is absent or of another type."""
        value = self.metadata.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def of_architecture(self, name: str) -> int | None:
        """The integer `<architecture>.<name>`, such as `llama.block_count`."""
        return self.integer(f"{self.architecture}.{name}")

    @property
    def architecture(self) -> str:
        """`general.architecture`, or empty."""
        return self.text("general.architecture") or ""

    @property
    def name(self) -> str:
        """`general.name`, or empty; text from outside."""
        return self.text("general.name") or ""

    @property
    def license(self) -> str | None:
        """`general.license`, as declared."""
        return self.text("general.license")

    @property
    def chat_template(self) -> str | None:
        """`tokenizer.chat_template`."""
        return self.text("tokenizer.chat_template")

    @property
    def parameters(self) -> int | None:
        """Number of weights in this file's tensors, or None when it has none."""
        return sum(tensor.elements for tensor in self.tensors) if self.tensors else None

    @property
    def context_length(self) -> int | None:
        """Tokens the model was trained for."""
        return self.of_architecture("context_length")

    @property
    def block_count(self) -> int | None:
        """Number of layers."""
        return self.of_architecture("block_count")

    @property
    def embedding_length(self) -> int | None:
        """Width of the residual stream."""
        return self.of_architecture("embedding_length")

    @property
    def vocabulary_size(self) -> int | None:
        """Number of tokens in the header's own vocabulary."""
        tokens = self.metadata.get("tokenizer.ggml.tokens")
        return len(tokens) if isinstance(tokens, StringArray) else None

    @property
    def weights_bytes(self) -> int:
        """Sum of the tensors' sizes, without padding."""
        return sum(tensor.size_bytes for tensor in self.tensors)

    @property
    def dominant_type(self) -> str:
        """The type most of the weights are packed in, `Q4_K` for example; empty without tensors."""
        elements: dict[str, int] = {}
        for tensor in self.tensors:
            elements[tensor.type.name] = elements.get(tensor.type.name, 0) + tensor.elements
        return max(elements, key=lambda name: elements[name]) if elements else ""

    @property
    def quantization(self) -> str:
        """The preset's name from `general.file_type`, else the dominant tensor type, else empty."""
        file_type = self.integer("general.file_type")
        return FILE_TYPES.get(-1 if file_type is None else file_type) or self.dominant_type
