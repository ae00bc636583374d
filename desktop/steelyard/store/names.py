"""Names and paths that every platform can hold and none can be tricked with.

A model's name is ASCII, so normalization cannot make two of one. A file's path inside a model may be
Unicode, but never leaves its folder, never names a device, and never collides with another after case
folding and normalization (THREATS 24, 49, 52).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from steelyard.store.errors import InvalidName, UnsafePath

NAME_CHARS = 100
COMPONENT_BYTES = 200
PATH_CHARS = 240
"""Leaves room for the store's own folders within Windows' 260 characters only where the home is short;
beyond that Windows' long paths are needed."""

_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{NAME_CHARS - 1}}}")
_BARE_DIGEST = re.compile(r"[0-9a-f]{64}")
# Microsoft, "Naming Files, Paths, and Namespaces": the superscript digits count as digits there.
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"}
)
_FORBIDDEN = frozenset('<>:"/\\|?*')


def fold(text: str) -> str:
    """The form in which two names are the same on a case-insensitive, normalizing file system."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _is_device(component: str) -> bool:
    return component.split(".", maxsplit=1)[0].rstrip(" ").casefold() in _DEVICES


def check_name(name: str) -> str:
    """Return a model's name as it is, if it is one.

    Raises:
        InvalidName: empty, longer than 100 characters, anything but ASCII letters, digits, `.`, `_`,
            `-`, a device's name (`CON`), a dot at either end, or 64 hex digits (a digest).
    """
    problem = ""
    if not name:
        problem = "is empty"
    elif len(name) > NAME_CHARS:
        problem = f"is longer than {NAME_CHARS} characters"
    elif not _NAME.fullmatch(name):
        problem = "has other characters than letters, digits, dot, underscore and hyphen, or begins with one"
    elif name.endswith("."):
        problem = "ends with a dot"
    elif _is_device(name):
        problem = "is the name of a device on Windows"
    elif _BARE_DIGEST.fullmatch(name.lower()):
        problem = "looks like a digest"
    if problem:
        raise InvalidName(
            f"The name {name[:120]!r} {problem}.",
            next_step="Choose another, such as llama-3.1-8b-q4.",
            name=name[:200],
        )
    return name


def name_from(text: str) -> str:
    """A valid name that resembles `text` (a file's or a repository's); `model` if nothing remains."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-._")[:NAME_CHARS].rstrip("-._")
    if not name:
        return "model"
    if _is_device(name) or _BARE_DIGEST.fullmatch(name.lower()):
        name = f"model-{name}"[:NAME_CHARS].rstrip("-._")
    return check_name(name)


def with_suffix(name: str, suffix: str) -> str:
    """`name-suffix`, the name cut so that the whole stays valid."""
    return check_name(f"{name[: NAME_CHARS - len(suffix) - 1].rstrip('-._')}-{suffix}")


def check_path(path: str) -> str:
    """Return a file's path inside a model as it is, if it is safe everywhere.

    Raises:
        UnsafePath: absolute, with `..`, a backslash, a colon (drives, streams), control or invisible
            formatting characters, a device's name, a component that ends with a dot or a space, not in
            Unicode's NFC form, a lone surrogate, or too long.
    """
    problem = _path_problem(path)
    if problem:
        shown = path.encode("utf-8", "backslashreplace").decode()[:200]
        raise UnsafePath(
            f"The file name {ascii(path)[:200]} {problem}.",
            next_step="Nothing was taken in. Ask the sender for a copy with plain file names.",
            path=shown,
        )
    return path


def _path_problem(path: str) -> str:
    if not path:
        return "is empty"
    if len(path) > PATH_CHARS:
        return f"is longer than {PATH_CHARS} characters"
    if path.startswith("/"):
        return "is absolute"
    for component in path.split("/"):
        if problem := _component_problem(component):
            return problem
    return ""


def _component_problem(component: str) -> str:
    if component in ("", ".", ".."):
        return "leaves its folder or has an empty part"
    plain = component.isascii() and component.isprintable()
    if not plain and any(
        unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in component
    ):
        return "has invisible or unassigned characters"
    if _FORBIDDEN & set(component):
        return "has a character that is not allowed on every platform"
    if component[-1] in ". " or component[0] == " ":
        return "begins or ends with a space, or ends with a dot"
    if not plain and unicodedata.normalize("NFC", component) != component:
        return "is not in Unicode's normal form"
    if len(component.encode()) > COMPONENT_BYTES:
        return f"has a part longer than {COMPONENT_BYTES} bytes"
    if _is_device(component):
        return "is the name of a device on Windows"
    return ""


def check_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """Check each path, and that no two are the same, or one the folder of another, on any platform.

    Raises:
        UnsafePath: see `check_path`; or two that collide.
    """
    checked = tuple(check_path(path) for path in paths)
    check_distinct(checked)
    return checked


def check_distinct(paths: Iterable[str]) -> None:
    """Check that no two of these paths, each known to be safe by itself, collide on any platform.

    Raises:
        UnsafePath: two are the same, or one is the folder of another, after case folding and normalization.
    """
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        folded = fold(path)
        parts = folded.split("/")
        above = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
        other = seen.get(folded) or folders.get(folded)
        other = other or next((seen[folder] for folder in above if folder in seen), None)
        if other is not None:
            raise UnsafePath(
                f"The file names {other!a} and {path!a} are the same on some platforms.",
                next_step="Nothing was taken in. Ask the sender for a copy with distinct file names.",
                path=path,
            )
        seen[folded] = path
        folders.update(dict.fromkeys(above, path))
