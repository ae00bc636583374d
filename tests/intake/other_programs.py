"""Folders as other programs lay them out, with small real models in them.

Layouts: huggingface_hub's "Understand caching"; ollama/ollama `server/internal/manifest` and a folder of version
0.6; LM Studio's documentation of its models directory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE_BYTES = 200
"""In these tests a file of so much is kept by the hub as a large one."""


def hub_cache(
    root: Path, repository: str, files: Mapping[str, bytes], commit: str = COMMIT
) -> Path:
    """`root` as a cache with one snapshot; returns the snapshot's folder."""
    folder = root / f"models--{repository.replace('/', '--')}"
    blobs, snapshot = folder / "blobs", folder / "snapshots" / commit
    blobs.mkdir(parents=True, exist_ok=True)
    (folder / "refs").mkdir(exist_ok=True)
    (folder / "refs" / "main").write_text(commit)
    for path, data in files.items():
        header = f"blob {len(data)}\0".encode()
        small = hashlib.sha1(header + data, usedforsecurity=False).hexdigest()
        name = hashlib.sha256(data).hexdigest() if len(data) >= LARGE_BYTES else small
        (blobs / name).write_bytes(data)
        link = snapshot / path
        link.parent.mkdir(parents=True, exist_ok=True)
        up = "/".join([".."] * (2 + path.count("/")))
        link.symlink_to(f"{up}/blobs/{name}")
    return snapshot


def ollama_blob(root: Path, data: bytes) -> str:
    """Keep bytes as Ollama does; returns their digest."""
    digest = hashlib.sha256(data).hexdigest()
    (root / "blobs").mkdir(parents=True, exist_ok=True)
    (root / "blobs" / f"sha256-{digest}").write_bytes(data)
    return f"sha256:{digest}"


def ollama(
    root: Path,
    model: str,
    tag: str,
    layers: Mapping[str, bytes],
    *,
    host: str = "registry.ollama.ai",
    namespace: str = "library",
) -> Path:
    """`root` as Ollama's models folder with one model; layers by the end of their media type."""
    config = ollama_blob(root, b'{"model_format":"gguf"}')
    listed = [
        {
            "mediaType": f"application/vnd.ollama.image.{kind.rstrip('0123456789')}",
            "digest": ollama_blob(root, data),
            "size": len(data),
        }
        for kind, data in layers.items()
    ]
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "digest": config,
            "size": 23,
        },
        "layers": listed,
    }
    path = root / "manifests" / host / namespace / model / tag
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(manifest))
    return path


def lm_studio(root: Path, publisher: str, repository: str, files: Mapping[str, bytes]) -> Path:
    """`root` as LM Studio's models folder with one repository; returns its folder."""
    folder = root / publisher / repository
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder
