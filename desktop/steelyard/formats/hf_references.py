"""What a Hugging Face config asks to be loaded besides itself: code, other repositories, files elsewhere.

References that lead outside, or name code for an engine to fetch, are refused. Code that lies beside the
config is told as a finding: no engine here ever runs it, but whoever made the model wanted it run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath

from steelyard.base.errors import Json
from steelyard.formats.errors import RemoteCode, TooLarge, UnsafePath

_IMPLEMENTATION_KEYS = frozenset(
    {
        "_attn_implementation",
        "_attn_implementation_internal",
        "attn_implementation",
        "_experts_implementation",
        "_experts_implementation_internal",
        "experts_implementation",
    }
)
_BUILT_IN = re.compile(r"(?:paged\|)?[a-z0-9_]{1,64}")
"""`eager`, `sdpa`, `flash_attention_2`, ...: anything with `/`, `:` or `@` names a kernel repository."""
_FILE_KEYS = frozenset(
    {
        "vocab_file", "merges_file", "tokenizer_file", "spm_file", "sp_model_file", "sentencepiece_file",
        "emoji_file", "source_spm", "target_spm", "target_vocab_file", "monolingual_vocab_file",
        "tokenizer_config_file", "chat_template_file", "added_tokens_file", "bpe_file", "vocab_path",
        "special_tokens_file", "entity_vocab_file",
    }
)  # fmt: skip
"""Constructor arguments of transformers' tokenizers that are opened as files."""
_OTHER_MODEL_KEYS = frozenset({"base_model_name_or_path", "peft_base_model", "custom_generate"})
_MAX_DEPTH = 32


def walk(value: Json, depth: int = 0) -> Iterator[tuple[str, Json]]:
    """Every key and value of nested objects, outermost first.

    Raises:
        TooLarge: nested deeper than any real config.
    """
    if depth > _MAX_DEPTH:
        raise TooLarge("A config is nested too deeply.", what="nesting", value="", limit=_MAX_DEPTH)
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, item
            yield from walk(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item, depth + 1)


def texts(value: Json) -> Iterator[str]:
    """Every text in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)


def check_references(file: str, config: dict[str, Json]) -> tuple[str, ...]:
    """Judge one parsed JSON file of a model's folder.

    Returns:
        Findings, one sentence each.

    Raises:
        RemoteCode: it names another repository or a kernel to load.
        UnsafePath: it names a file outside the folder.
    """
    findings: list[str] = []
    for key, value in walk(config):
        if key in ("auto_map", "custom_pipelines"):
            findings.extend(_own_code(file, key, value))
        elif key in _IMPLEMENTATION_KEYS:
            _check_implementation(file, key, value)
        elif key in _FILE_KEYS:
            _check_file_name(file, key, value)
        elif key in _OTHER_MODEL_KEYS and isinstance(value, str) and value:
            raise _remote(file, key, value, "another model")
        elif key == "trust_remote_code" and value is True:
            findings.append(f"{file} asks for its own code to be trusted. That is never done.")
    backbone = config.get("backbone")
    if isinstance(backbone, str) and (
        "/" in backbone or config.get("use_pretrained_backbone") is True
    ):
        raise _remote(file, "backbone", backbone, "another model")
    return tuple(dict.fromkeys(findings))


def _own_code(file: str, key: str, value: Json) -> list[str]:
    named = sorted(set(texts(value)))
    for name in named:
        if "--" in name:
            raise _remote(file, key, name, "code in another repository")
    if not named:
        return []
    classes = ", ".join(named)[:200]
    return [
        f"{file} asks for code of its own ({key}: {classes}). It is never run here.",
    ]


def _check_implementation(file: str, key: str, value: Json) -> None:
    for name in texts(value):
        if not _BUILT_IN.fullmatch(name):
            raise _remote(file, key, name, "code to load")


def _check_file_name(file: str, key: str, value: Json) -> None:
    for name in texts(value):
        if not stays_inside(name):
            raise UnsafePath(
                f"{file} names {name[:100]!r} as {key}, which lies outside the model's folder. "
                "It was not opened.",
                next_step="Ask the publisher for a corrected copy.",
                name=name[:200],
                where=file,
            )


def stays_inside(name: str) -> bool:
    """Can `name`, as a path, only mean something below the folder it is read from, on every platform?"""
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    leaves = ".." in windows.parts or ".." in posix.parts or name.startswith("~")
    absolute = posix.is_absolute() or bool(windows.drive) or bool(windows.root)
    return not (leaves or absolute or "://" in name or "\0" in name)


def _remote(file: str, field: str, value: str, what: str) -> RemoteCode:
    return RemoteCode(
        f"{file} names {what} in {field}: {value[:100]!r}. Nothing was fetched or run.",
        next_step="Take a model whose files are complete in themselves.",
        file=file,
        field=field,
        value=value[:200],
    )
