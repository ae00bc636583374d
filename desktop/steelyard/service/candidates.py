"""A model as policy's rules look at it."""

from __future__ import annotations

from steelyard.policy.models import Candidate
from steelyard.store.records import Manifest


def candidate_of(manifest: Manifest) -> Candidate:
    """What policy looks at, from a manifest."""
    return Candidate(
        name=manifest.name,
        digests=frozenset({manifest.digest, *(file.sha256 for file in manifest.files)}),
        format=manifest.format,
        license_id=manifest.license.license_id,
        publisher=manifest.publisher,
    )
