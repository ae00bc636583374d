"""Which files of a folder or repository make up a model: by name only, before any of them is opened.

A GGUF model is one file, or all parts of a split one. A safetensors model is its configuration, tokenizer and
weights. The model card and license texts go along as witnesses. Everything else is left out by name: code,
pickles, pictures, other formats of the same weights.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from steelyard.base.errors import Json
from steelyard.connections.errors import FileNotInRepository
from steelyard.formats.file_names import GgufSet, gguf_sets, safetensors_weights
from steelyard.intake.errors import ChooseFile, OnlyPickles, PartMissing

WITNESS_BYTES = 4 * 1024 * 1024
"""A model card or license text that is larger is not one."""

_CARD_OR_LICENSE = re.compile(
    r"(README\.md|(LICEN[CS]E|COPYING|NOTICE|USE_POLICY)([-_][A-Za-z0-9_-]+)?(\.(md|txt|rst))?)",
    re.IGNORECASE,
)
_CONFIGURATION = frozenset(
    {
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "tokenizer.model",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "vocab.txt",
        "merges.txt",
        "spiece.model",
        "sentencepiece.bpe.model",
        "tekken.json",
        "chat_template.jinja",
        "chat_template.json",
        "preprocessor_config.json",
        "processor_config.json",
    }
)
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")


@dataclass(frozen=True)
class Choice:
    """The files of one model and how to name it.

    Attributes:
        format: `gguf` or `safetensors`.
        weights: the files that hold weights, in order; the first is what an engine opens.
        paths: all files to take, weights and witnesses included.
        stem: what to make a name from; empty for a safetensors model, which has its repository's.
    """

    format: str
    weights: tuple[str, ...]
    paths: tuple[str, ...]
    stem: str


def choose(sizes: Mapping[str, int | None], wanted: str | None = None) -> Choice:
    """Choose a model among files.

    Args:
        sizes: size in bytes by path; None where it is not known.
        wanted: a path, the end of one, or a part that only one GGUF model's name has (`Q4_K_M`).

    Raises:
        ChooseFile: several models, and `wanted` does not single one out.
        FileNotInRepository: no file is `wanted`, or there is no model at all.
        PartMissing: a split model is not complete.
        OnlyPickles: the weights are there, but as pickles only.
    """
    groups = gguf_sets(sizes)
    folder = _safetensors(sizes)
    if wanted is not None:
        return _wanted(wanted, groups, folder, sizes)
    if folder is not None and not groups:
        return folder
    if len(groups) == 1 and folder is None:
        return _gguf(groups[0], sizes)
    if groups:
        choices = _choices(groups, folder, sizes)
        raise ChooseFile(
            f"There are {len(choices)} models to choose from: {_listed(choices)}.",
            next_step="Name one with --file.",
            choices=choices,
        )
    pickles = [path for path in sizes if path.lower().endswith(_PICKLES)]
    if pickles:
        raise OnlyPickles(
            "The weights are Python pickles, which can run code when they are opened. "
            "They are not taken in.",
            next_step="Ask the publisher for safetensors or GGUF files.",
            files=list(pickles[:20]),
        )
    raise FileNotInRepository(
        "There is no model here: neither a GGUF file nor config.json with safetensors weights.",
        next_step="Check the address.",
        file=None,
        choices=[],
    )


def every_choice(sizes: Mapping[str, int | None]) -> tuple[Choice, ...]:
    """Every complete model among files, as `choose` would take each of them; incomplete ones are left out."""
    whole = [group for group in gguf_sets(sizes) if all(part in sizes for part in group.parts)]
    found = [_gguf(group, sizes) for group in whole]
    folder = _safetensors(sizes)
    return (*found, folder) if folder is not None else tuple(found)


def _gguf(group: GgufSet, sizes: Mapping[str, int | None]) -> Choice:
    for part in group.parts:
        if part not in sizes:
            raise PartMissing(
                f"{part} is missing; the model has {len(group.parts)} parts.",
                next_step="Get all parts into one place, then try again.",
                path=part,
            )
    return Choice("gguf", group.parts, (*group.parts, *_witnesses(sizes)), group.stem)


def _safetensors(sizes: Mapping[str, int | None]) -> Choice | None:
    if "config.json" not in sizes:
        return None
    weights = safetensors_weights(sizes)
    if not weights:
        return None
    index = [f"{path}.index.json" for path in ("model.safetensors",)]
    others = sorted(path for path in sizes if path in _CONFIGURATION or path in index)
    return Choice("safetensors", weights, (*weights, *others, *_witnesses(sizes)), "")


def _witnesses(sizes: Mapping[str, int | None]) -> list[str]:
    return sorted(
        path
        for path, size in sizes.items()
        if _CARD_OR_LICENSE.fullmatch(path) and size is not None and size <= WITNESS_BYTES
    )


def _wanted(
    wanted: str,
    groups: tuple[GgufSet, ...],
    folder: Choice | None,
    sizes: Mapping[str, int | None],
) -> Choice:
    if folder is not None and (wanted in folder.paths or wanted == "safetensors"):
        return folder
    found = (
        [group for group in groups if wanted in group.parts]
        or [group for group in groups if any(p.endswith(f"/{wanted}") for p in group.parts)]
        or [group for group in groups if wanted.lower() in group.parts[0].lower()]
    )
    if len(found) == 1:
        return _gguf(found[0], sizes)
    if not found:
        choices = _choices(groups, folder, sizes)
        raise FileNotInRepository(
            f"There is no model file {wanted!r}"
            + (f". There are: {_listed(choices)}." if choices else "."),
            next_step="Name one of them with --file." if choices else "Check the address.",
            file=wanted,
            choices=choices,
        )
    choices = _choices(found, None, sizes)
    raise ChooseFile(
        f"{wanted!r} could be any of {len(choices)}: {_listed(choices)}.",
        next_step="Name one with --file.",
        choices=choices,
    )


def _choices(
    groups: Iterable[GgufSet], folder: Choice | None, sizes: Mapping[str, int | None]
) -> list[Json]:
    sets = [group.parts for group in groups]
    if folder is not None:
        sets.append(folder.weights)
    return [
        {"path": paths[0], "size_bytes": sum(sizes.get(path) or 0 for path in paths)}
        for paths in sets
    ]


def _listed(choices: list[Json]) -> str:
    said = []
    for choice in choices[:12]:
        assert isinstance(choice, dict)
        size_bytes = choice["size_bytes"]
        assert isinstance(size_bytes, int)
        said.append(f"{choice['path']} ({size_bytes / 1e9:.2f} GB)")
    more = f" and {len(choices) - 12} more" if len(choices) > 12 else ""
    return ", ".join(said) + more
