"""Reads a folder in Hugging Face layout: config, weights, tokenizer, chat template; runs and fetches nothing.

Field names as in transformers 5 (`configuration_utils.py`, `tokenization_utils_base.py`), older spellings
included. Findings are told where code is asked for; what leads outside the folder is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from steelyard.base.digests import digest_file
from steelyard.base.errors import Json
from steelyard.formats.bounded_json import read_bounded, read_object
from steelyard.formats.errors import ConfigMalformed, NotAModel, ShardMissing
from steelyard.formats.gguf_cursor import over_limit
from steelyard.formats.hf_references import check_references
from steelyard.formats.safetensors import SafetensorsHeader, read_header, read_sharded

MAX_CONFIG_BYTES = 8 * 1024 * 1024
MAX_TEMPLATE_BYTES = 1024 * 1024
MAX_TOKENIZER_BYTES = 256 * 1024 * 1024

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
_JUDGED = (
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "preprocessor_config.json",
    "processor_config.json",
    "adapter_config.json",
)
"""Files that transformers reads and that can name other things to load."""
_TOKENIZERS = (
    ("tokenizer.json",),
    ("tokenizer.model",),
    ("vocab.json", "merges.txt"),
    ("vocab.txt",),
)
_LIMITS = {
    "hidden_size": 2**20,
    "num_hidden_layers": 512,
    "num_attention_heads": 2**14,
    "num_key_value_heads": 2**14,
    "vocab_size": 2**24,
    "max_position_embeddings": 2**31 - 1,
}
"""As for GGUF headers (`gguf_checks.LIMITS`)."""
_SPELLINGS = {
    "hidden_size": ("hidden_size", "n_embd", "d_model", "dim"),
    "num_hidden_layers": ("num_hidden_layers", "n_layer", "num_layers", "n_layers"),
    "num_attention_heads": ("num_attention_heads", "n_head", "n_heads"),
    "num_key_value_heads": ("num_key_value_heads", "n_kv_heads"),
    "vocab_size": ("vocab_size",),
    "max_position_embeddings": (
        "max_position_embeddings",
        "n_positions",
        "max_sequence_length",
        "seq_length",
        "n_ctx",
    ),
}


@dataclass(frozen=True)
class HfConfig:
    """What config.json says; None where it is silent. Sizes count elements, `context_length` tokens.

    Attributes:
        model_type: names the architecture for transformers (`llama`).
        architectures: class names, as declared.
        dtype: `bfloat16`, ...; empty when not given.
        quantization: of `quantization_config`: `GPTQ 4-bit`, ...; empty when there is none.
        values: the whole object.
    """

    model_type: str
    architectures: tuple[str, ...]
    hidden_size: int | None
    layers: int | None
    heads: int | None
    kv_heads: int | None
    vocab_size: int | None
    context_length: int | None
    dtype: str
    quantization: str
    values: Mapping[str, Json]


@dataclass(frozen=True)
class HfFolder:
    """A judged folder.

    Attributes:
        weights: one header per safetensors file, in the index's order.
        tokenizer_digest: see `tokenizer_digest`.
        findings: what a person should know before using it, one sentence each.
    """

    path: Path
    config: HfConfig
    weights: tuple[SafetensorsHeader, ...]
    tokenizer_digest: str | None
    chat_template: str | None
    bos_token: str | None
    eos_token: str | None
    findings: tuple[str, ...]

    @property
    def parameters(self) -> int | None:
        """Values in all tensors; None when they are packed, so that the count would mislead."""
        return (
            None if self.config.quantization else sum(header.parameters for header in self.weights)
        )

    @property
    def dominant_dtype(self) -> str:
        """The dtype most values have: `BF16`, ..."""
        counts: dict[str, int] = {}
        for header in self.weights:
            for dtype, count in header.elements_by_dtype.items():
                counts[dtype] = counts.get(dtype, 0) + count
        return max(counts, key=lambda dtype: counts[dtype]) if counts else ""


def read_folder(folder: Path) -> HfFolder:
    """Read and judge a folder; weights only by their headers.

    Raises:
        NotAModel: no config.json, or no safetensors weights.
        ConfigMalformed, SafetensorsMalformed, ShardMissing, TooLarge, Truncated: a file is not what it must be.
        RemoteCode, UnsafePath: a file names something outside.
    """
    if not (folder / "config.json").is_file():
        raise NotAModel(
            f"{folder.name} has no config.json.",
            next_step="Choose the folder that has config.json and the weights in it.",
            path=str(folder),
            content="folder",
        )
    documents = {
        name: read_object(folder / name, limit_bytes=MAX_CONFIG_BYTES)
        for name in _JUDGED
        if (folder / name).is_file()
    }
    findings = [
        finding
        for name, document in documents.items()
        for finding in check_references(name, document)
    ]
    tokenizer = documents.get("tokenizer_config.json", {})
    special = documents.get("special_tokens_map.json", {})
    return HfFolder(
        path=folder,
        config=_config(documents["config.json"]),
        weights=_weights(folder),
        tokenizer_digest=tokenizer_digest(folder),
        chat_template=_chat_template(folder, tokenizer),
        bos_token=_token(tokenizer, special, "bos_token"),
        eos_token=_token(tokenizer, special, "eos_token"),
        findings=tuple(findings),
    )


def _weights(folder: Path) -> tuple[SafetensorsHeader, ...]:
    if (folder / INDEX).is_file():
        return read_sharded(folder / INDEX)
    if (folder / WEIGHTS).is_file():
        return (read_header(folder / WEIGHTS),)
    parts = sorted(folder.glob("model-*-of-*.safetensors"))
    if parts:
        raise ShardMissing(
            f"{folder.name} has parts of a model but no {INDEX}, which says what belongs where.",
            next_step="Add the index file from the publisher.",
            count=len(parts),
            missing=[INDEX],
        )
    raise NotAModel(
        f"{folder.name} has a config.json but no {WEIGHTS}.",
        next_step="Choose a folder with safetensors weights; other kinds are not read.",
        path=str(folder),
        content="folder",
    )


def _config(values: dict[str, Json]) -> HfConfig:
    text = values.get("text_config")
    sources = [values, text] if isinstance(text, dict) else [values]
    numbers = {name: _whole(sources, name) for name in _SPELLINGS}
    model_type = values.get("model_type")
    raw = values.get("architectures")
    architectures = raw if isinstance(raw, list) else []
    dtype = values.get("dtype", values.get("torch_dtype"))
    if not isinstance(model_type, str | None) or not all(
        isinstance(name, str) for name in architectures
    ):
        raise ConfigMalformed(
            "config.json names its architecture with something that is no text.", file="config.json"
        )
    return HfConfig(
        model_type=model_type or "",
        architectures=tuple(str(name) for name in architectures),
        hidden_size=numbers["hidden_size"],
        layers=numbers["num_hidden_layers"],
        heads=numbers["num_attention_heads"],
        kv_heads=numbers["num_key_value_heads"],
        vocab_size=numbers["vocab_size"],
        context_length=numbers["max_position_embeddings"],
        dtype=dtype if isinstance(dtype, str) else "",
        quantization=_quantization(values.get("quantization_config")),
        values=values,
    )


def _whole(sources: list[dict[str, Json]], name: str) -> int | None:
    for values in sources:
        for spelling in _SPELLINGS[name]:
            value = values.get(spelling)
            if value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise ConfigMalformed(
                    f"config.json: {spelling} is not a whole number.",
                    file="config.json",
                    field=spelling,
                )
            if value > _LIMITS[name]:
                raise over_limit(f"{spelling} of config.json", value, _LIMITS[name])
            return value
    return None


def _quantization(value: Json) -> str:
    if not isinstance(value, dict):
        return ""
    method, bits = value.get("quant_method"), value.get("bits")
    name = method.upper()[:32] if isinstance(method, str) else "quantized"
    return f"{name} {bits}-bit" if isinstance(bits, int) else name


def tokenizer_digest(folder: Path) -> str | None:
    """`sha256:<hex>` of the tokenizer's definition, or None when there is none.

    The bytes of tokenizer.json, else of tokenizer.model, else of vocab.txt; for vocab.json with merges.txt,
    the SHA-256 of the two files' digests, one per line.

    Raises:
        TooLarge: a file of more than `MAX_TOKENIZER_BYTES`.
        FileUnreadable: it cannot be read.
    """
    for names in _TOKENIZERS:
        paths = [folder / name for name in names]
        if not all(path.is_file() for path in paths):
            continue
        for path in paths:
            if (size := path.stat().st_size) > MAX_TOKENIZER_BYTES:
                raise over_limit(f"the size of {path.name}", size, MAX_TOKENIZER_BYTES)
        digests = [digest_file(path) for path in paths]
        if len(digests) == 1:
            return digests[0]
        joined = "".join(f"{digest}\n" for digest in digests).encode()
        return f"sha256:{hashlib.sha256(joined).hexdigest()}"
    return None


def _chat_template(folder: Path, tokenizer: dict[str, Json]) -> str | None:
    """In transformers' order: chat_template.jinja, chat_template.json, tokenizer_config.json."""
    path = folder / "chat_template.jinja"
    if path.is_file():
        try:
            return read_bounded(path, MAX_TEMPLATE_BYTES).decode()
        except UnicodeDecodeError as error:
            raise ConfigMalformed(f"{path.name} is not valid UTF-8.", file=path.name) from error
    value: Json = tokenizer.get("chat_template")
    if (folder / "chat_template.json").is_file():
        document = read_object(folder / "chat_template.json", limit_bytes=MAX_TEMPLATE_BYTES)
        value = document.get("chat_template", value)
    if isinstance(value, list):
        # A name may be anything that JSON has, so it is compared, not looked up.
        named = [entry for entry in value if isinstance(entry, dict)]
        value = next(
            (e.get("template") for e in reversed(named) if e.get("name") == "default"), None
        )
    return value if isinstance(value, str) else None


def _token(tokenizer: dict[str, Json], special: dict[str, Json], name: str) -> str | None:
    for source in (tokenizer, special):
        value = source.get(name)
        if isinstance(value, dict):
            value = value.get("content")
        if isinstance(value, str):
            return value
    return None
