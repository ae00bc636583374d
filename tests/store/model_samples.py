"""Small models for tests: bytes, the staged files that hold them, and the manifest that names them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from steelyard.base.digests import digest_of
from steelyard.base.paths import Home
from steelyard.store.records import FileEntry, Manifest, Model, Scan, Source, State, Trust
from steelyard.store.store import Store

CLEAN = Trust(scan=Scan.CLEAN, approved_by="policy")


def manifest(files: Mapping[str, bytes], name: str = "tiny", **changes: object) -> Manifest:
    """A manifest for these contents."""
    fields: dict[str, object] = {
        "name": name,
        "title": name,
        "publisher": "",
        "format": "gguf",
        "quantization": "F32",
        "architecture": "llama",
        "parameters": 42,
        "context_length": 128,
        "tokenizer_digest": None,
        "template_digest": None,
        "files": tuple(FileEntry(p, len(data), digest_of(data)) for p, data in files.items()),
        "source": Source("file", path=f"/elsewhere/{name}.gguf"),
    }
    return Manifest(**{**fields, **changes})  # type: ignore[arg-type]  # the fields above, by name


def stage(store: Store, files: Mapping[str, bytes]) -> dict[str, Path]:
    """Write contents into a fresh quarantine folder, as an import does; the folder stays locked."""
    folder = store.new_quarantine()
    staged = {}
    for path, data in files.items():
        staged[path] = folder.file(path)
        staged[path].write_bytes(data)
    return staged


def put(
    store: Store,
    files: Mapping[str, bytes],
    name: str = "tiny",
    *,
    trust: Trust = CLEAN,
    state: State = State.ADMITTED,
    name_given: bool = False,
) -> Model:
    """Admit a model with these contents."""
    return store.admit(
        manifest(files, name), stage(store, files), trust, state, name_given=name_given
    )


def everything(home: Home) -> dict[str, bytes]:
    """Every file under blobs, views and quarantine, by path: for comparing before and after."""
    roots = (home.store / "blobs", home.store / "models", home.quarantine)
    return {
        str(path.relative_to(home.data)): path.read_bytes()
        for root in roots
        if root.is_dir()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "lock"
    }
