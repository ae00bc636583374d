"""Bundles as faces show them: rows from what the room `bundles` found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from steelyard.service.operation import Context
from steelyard.service.requests import BundleFile, BundleModel, BundleProblem, BundleSigner
from steelyard.store.index import Place
from steelyard.store.records import Model

if TYPE_CHECKING:
    from steelyard.bundles.importing import TakenModel
    from steelyard.bundles.manifest import BundleManifest
    from steelyard.bundles.verifying import Finding
    from steelyard.signing.dsse import Signer

IN_STORE = ("admitted", "verified")


def signers(found: Iterable[Signer]) -> tuple[BundleSigner, ...]:
    """Every signature and what it is worth."""
    return tuple(BundleSigner(s.name, s.key_id, s.trusted, s.why) for s in found)


def problems(findings: Iterable[Finding]) -> tuple[BundleProblem, ...]:
    """What is wrong, in the order it was found."""
    return tuple(BundleProblem(f.kind, f.path, f.detail, f.damaged_ranges) for f in findings)


def files(manifest: BundleManifest) -> tuple[BundleFile, ...]:
    """Every file but the manifest and the signatures."""
    return tuple(BundleFile(f.path, f.size_bytes, f.sha256, f.kind) for f in manifest.files)


def models(context: Context, manifest: BundleManifest) -> tuple[BundleModel, ...]:
    """The models as the bundle names them, and whether the store has each."""
    index = context.installation.store.index
    found = []
    for carried in manifest.models:
        entry = index.by_digest(carried.manifest.digest)
        here = entry is not None and entry.place is Place.STORE
        found.append(
            BundleModel(
                name=carried.manifest.name,
                digest=carried.manifest.digest,
                size_bytes=carried.manifest.size_bytes,
                format=carried.manifest.format,
                quantization=carried.manifest.quantization,
                license_id=carried.manifest.license.license_id,
                in_store=here,
            )
        )
    return tuple(found)


def taken(each: TakenModel) -> BundleModel:
    """A model as it stands in the store now, or as the bundle names it where it did not come in."""
    model: Model | None = each.model
    manifest = model.manifest if model is not None else each.carried.manifest
    return BundleModel(
        name=manifest.name,
        digest=manifest.digest,
        size_bytes=manifest.size_bytes,
        format=manifest.format,
        quantization=manifest.quantization,
        license_id=manifest.license.license_id,
        in_store=each.outcome in IN_STORE,
        outcome=each.outcome,
        reason=each.reason,
    )
