"""Makes the record of a GGUF model from the headers of its parts."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from steelyard.base.digests import digest_of
from steelyard.base.errors import Json
from steelyard.formats.facts_record import MAX_METADATA, ModelFacts, short_value
from steelyard.formats.gguf import read_header
from steelyard.formats.gguf_checks import odd_things, spare_bytes
from steelyard.formats.gguf_cursor import NumberArray, StringArray
from steelyard.formats.gguf_header import GgufHeader
from steelyard.formats.gguf_tokenizer import tokenizer_digest
from steelyard.formats.template_remarks import template_remarks

_MOST_BASES = 64
_COMPANIONS = ("mmproj", "adapter", "imatrix")


def is_companion(path: Path) -> bool:
    """True for a file that goes with a model and is none: an image projector, an adapter, statistics.

    Raises:
        As `gguf.read_header`.
    """
    header = read_header(path)
    return header.architecture == "clip" or header.text("general.type") in _COMPANIONS


def gguf_facts(headers: tuple[GgufHeader, ...]) -> ModelFacts:
    """The record of a model whose parts' headers are given, the first with the metadata."""
    first = headers[0]
    counts = [header.parameters for header in headers if header.parameters is not None]
    template = first.chat_template
    remarks = template_remarks(template, _token(first, "bos"), _token(first, "eos"))
    findings = [
        f"{spare:,} bytes follow the last tensor of {header.path.name}. Nothing reads them."
        for header in headers
        if (spare := spare_bytes(header))
    ]
    return ModelFacts(
        format="gguf",
        title=first.name,
        publisher=first.text("general.organization") or first.text("general.author") or "",
        quantization=_quantization(headers),
        architecture=first.architecture,
        parameters=sum(counts) if counts else None,
        context_length=first.context_length,
        tokenizer_digest=tokenizer_digest(first),
        template_digest=digest_of(template.encode()) if template is not None else None,
        chat_template=template,
        header_license=first.license,
        base_models=_base_models(first),
        metadata=_metadata(first),
        findings=(*findings, *remarks.findings),
        notes=(*odd_things(first), *remarks.notes),
    )


def _quantization(headers: tuple[GgufHeader, ...]) -> str:
    return next((header.quantization for header in headers if header.quantization), "")


def _token(header: GgufHeader, name: str) -> str | None:
    tokens = header.metadata.get("tokenizer.ggml.tokens")
    index = header.integer(f"tokenizer.ggml.{name}_token_id")
    if not isinstance(tokens, StringArray) or index is None or not 0 <= index < len(tokens):
        return None
    return tokens[index]


def _base_models(header: GgufHeader) -> tuple[str, ...]:
    """`general.base_model.{n}.*`: the repository's name where a URL gives it, else organization and name."""
    names = []
    count = header.integer("general.base_model.count") or 0
    for index in range(min(count, _MOST_BASES)):
        prefix = f"general.base_model.{index}."
        repository = _repository_of(header.text(prefix + "repo_url") or "")
        name = header.text(prefix + "name") or ""
        organization = header.text(prefix + "organization") or ""
        own = f"{organization}/{name}" if organization and name else name
        if repository or own:
            names.append(repository or own)
    return tuple(names)


def _repository_of(url: str) -> str:
    """`owner/name` of a repository's URL; empty when it is none."""
    try:
        parts = [part for part in urlsplit(url).path.split("/") if part]
    except ValueError:
        return ""  # brackets that are no IPv6 address
    return "/".join(parts[:2]) if url.startswith(("https://", "http://")) and len(parts) > 1 else ""


def _metadata(header: GgufHeader) -> dict[str, Json]:
    short: dict[str, Json] = {}
    for key, value in list(header.metadata.items())[:MAX_METADATA]:
        if key.startswith("tokenizer.chat_template"):
            continue  # has a field of its own
        if isinstance(value, NumberArray | StringArray):
            kind = value.item_type.name.lower()
            short[key] = f"{len(value):,} x {kind}"
        else:
            short[key] = short_value(value)
    return short
