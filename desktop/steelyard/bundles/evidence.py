"""What a bundle said of a model, kept beside the store for as long as the data folder lives.

It is the sender's word with the sender's signature, word for word: who approved the model there, what the
sender's log proves, what its ML-BOM lists. Nothing here turns any of it into an approval of this installation.

    <data>/evidence/<model digest>/<sender key id>-<serial>/    bundle.json, signatures/, approvals/, ...
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from steelyard.base.durable import sync_folder, write_bytes
from steelyard.base.paths import Home
from steelyard.bundles import layout
from steelyard.bundles.checking import Opened
from steelyard.bundles.manifest import CarriedModel
from steelyard.store.blobs import make_folder
from steelyard.store.disk import disk_errors

KEY_ID_CHARS = 16


def folder_for(home: Home, opened: Opened, model: CarriedModel) -> Path:
    """Where the evidence of one model from one bundle is kept."""
    key_id = opened.manifest.sender.fingerprint.removeprefix("sha256:")[:KEY_ID_CHARS]
    digest = model.manifest.digest.removeprefix("sha256:")
    return home.evidence / digest / f"{key_id or 'unsigned'}-{opened.manifest.serial}"


def keep(home: Home, opened: Opened, model: CarriedModel, files: Mapping[str, bytes]) -> Path:
    """Write a model's evidence durably, and return its folder. Keeping it twice changes nothing.

    Args:
        files: evidence of the whole bundle by path, already held against the signature.

    Raises:
        DiskFull, DiskFailed: the disk.
    """
    folder = folder_for(home, opened, model)
    name = model.manifest.name
    kept = {path: data for path, data in files.items() if layout.belongs_to(path, name)}
    kept |= {layout.MANIFEST: opened.raw_manifest, **opened.signatures.files}
    with disk_errors(home.data):
        for path, data in sorted(kept.items()):
            target = folder.joinpath(*path.split("/"))
            make_folder(target.parent)
            write_bytes(target, data)
        sync_folder(folder.parent)
    return folder
