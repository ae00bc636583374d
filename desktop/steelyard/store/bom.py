"""A model's bill of materials: CycloneDX 1.6 JSON, so that tools which know nothing of Steelyard can read
what it is, where it came from and which bytes it has.

It says what the store knows and nothing more: a license nobody recognised, a task nobody declared and a
figure nobody measured are left out. Paths of this machine are never in it. The same model, moment and
figures give the same bytes.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from steelyard import __version__
from steelyard.base.errors import Json
from steelyard.store.records import FileEntry, Model

SPEC_VERSION = "1.6"
MEDIA_TYPE = "application/vnd.cyclonedx+json; version=1.6"
HUB = "https://huggingface.co"
"""The endpoint a package URL of type `huggingface` means when it names none (purl-spec, types)."""

_NAMESPACE = uuid.UUID("1f0c7a4e-6a8e-5c1b-9a55-6d0f4c1d2f3b")
_SPDX_ID = re.compile(r"(?!LicenseRef-)[A-Za-z0-9.+-]+")
_NEWER_THAN_THE_SPECIFICATION = frozenset({"OpenMDW-1.1"})
"""SPDX identifiers that the list shipped with CycloneDX 1.6 does not have yet; they are given as names."""


@dataclass(frozen=True)
class Figure:
    """One measured figure of the model card.

    Attributes:
        name: what was measured, such as `fast-gate/load-and-digest`.
        value: as text, with its unit in the name or none.
        low, high: bounds of its interval, or None: there is none.
        evidence: where the measurement is kept, such as a run's identifier.
    """

    name: str
    value: str
    low: str | None = None
    high: str | None = None
    evidence: str = ""


def bom_of(model: Model, *, made_at: str, figures: Sequence[Figure] = ()) -> bytes:
    """The model's ML-BOM as UTF-8 JSON with a line end, valid against the CycloneDX 1.6 schema.

    Args:
        made_at: RFC 3339 UTC; what the document says of its own making.
        figures: what evaluations measured on exactly these bytes.
    """
    document: dict[str, Json] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        "serialNumber": serial_number(model.digest),
        "version": 1,
        "metadata": {
            "timestamp": made_at,
            "tools": {
                "components": [{"type": "application", "name": "Steelyard", "version": __version__}]
            },
        },
        "components": [_component(model, figures)],
        # Every file is listed; of what a model was made from, nobody but its publisher could say so.
        "compositions": [{"aggregate": "complete", "assemblies": [model.digest]}],
    }
    return f"{json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)}\n".encode()


def serial_number(digest: str) -> str:
    """`urn:uuid:`, the same for the same model everywhere (RFC 9562, version 5)."""
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, digest)}"


def _component(model: Model, figures: Sequence[Figure]) -> dict[str, Json]:
    manifest = model.manifest
    source = manifest.source
    component: dict[str, Json] = {
        "type": "machine-learning-model",
        "bom-ref": model.digest,
        "name": manifest.title or manifest.name,
        "version": source.commit or model.digest,
        "modelCard": _card(model, figures),
        "components": [_file(model, entry) for entry in manifest.files],
        "properties": _properties(
            {
                "digest": model.digest,
                "name": manifest.name,
                "source": source.kind,
                "state": model.state.value,
                "added_at": model.added_at,
                "last_verified_at": model.last_verified_at,
                "publisher_hash": model.trust.publisher_hash.value,
                "signed_by": model.trust.signed_by,
                "scan": model.trust.scan.value,
                "approved_by": model.trust.approved_by,
                "license": manifest.license.license_id or "not known",
                "license:card": manifest.license.card,
                "license:file": manifest.license.file,
                "license:header": manifest.license.header,
                "license:witnesses_agree": str(manifest.license.agree).lower(),
            }
        ),
    }
    if len(manifest.files) == 1:
        component["hashes"] = _hashes(manifest.files[0].sha256)
    if manifest.publisher:
        component["publisher"] = manifest.publisher
    if (licenses := _licenses(manifest.license.license_id)) is not None:
        component["licenses"] = licenses
    if manifest.base_models:
        component["pedigree"] = {
            "ancestors": [
                {"type": "machine-learning-model", "name": name} for name in manifest.base_models
            ]
        }
    references = _references(model)
    if references:
        component["externalReferences"] = references
    if (purl := _package_url(model)) is not None:
        component["purl"] = purl
    return component


def _card(model: Model, figures: Sequence[Figure]) -> dict[str, Json]:
    manifest = model.manifest
    parameters: dict[str, Json] = {}
    if manifest.architecture:
        parameters["modelArchitecture"] = manifest.architecture
    if manifest.template_digest is not None:
        # A model with a chat template is made to continue text; of others nobody has said what they do.
        parameters["task"] = "text-generation"
        parameters["inputs"] = [{"format": "text"}]
        parameters["outputs"] = [{"format": "text"}]
    card: dict[str, Json] = {
        "modelParameters": parameters,
        "properties": _properties(
            {
                "format": manifest.format,
                "quantization": manifest.quantization,
                "parameters": manifest.parameters,
                "context_length_tokens": manifest.context_length,
                "tokenizer_digest": manifest.tokenizer_digest,
                "chat_template_digest": manifest.template_digest,
                "evidence": ", ".join(dict.fromkeys(f.evidence for f in figures if f.evidence)),
            }
        ),
    }
    if figures:
        card["quantitativeAnalysis"] = {"performanceMetrics": [_metric(each) for each in figures]}
    return card


def _metric(figure: Figure) -> Json:
    metric: dict[str, Json] = {"type": figure.name, "value": figure.value}
    if figure.low is not None and figure.high is not None:
        metric["confidenceInterval"] = {"lowerBound": figure.low, "upperBound": figure.high}
    return metric


def _file(model: Model, entry: FileEntry) -> Json:
    return {
        "type": "file",
        "bom-ref": f"{model.digest}#{quote(entry.path)}",
        "name": entry.path,
        "hashes": _hashes(entry.sha256),
        "properties": _properties(
            {"size_bytes": entry.size_bytes, "publisher_hash": entry.publisher_hash.value}
        ),
    }


def _hashes(sha256: str) -> Json:
    return [{"alg": "SHA-256", "content": sha256.removeprefix("sha256:")}]


def _properties(values: Mapping[str, str | int | None]) -> list[Json]:
    return [
        {"name": f"steelyard:{name}", "value": str(value)}
        for name, value in values.items()
        if value not in (None, "")
    ]


def _licenses(license_id: str | None) -> Json:
    """What the witnesses come to: an SPDX identifier or expression where there is one, else its name."""
    if license_id is None:
        return None
    from steelyard.licenses.errors import UnknownLicense  # noqa: PLC0415  # as below
    from steelyard.licenses.library import explain  # noqa: PLC0415  # reads its texts when needed

    try:
        known = explain(license_id)
    except UnknownLicense:
        # A record that a newer version wrote, or that came with a bundle, may name one we have not read.
        return [{"license": {"name": license_id, "acknowledgement": "concluded"}}]
    spdx = known.spdx or ""
    if _SPDX_ID.fullmatch(spdx) and spdx not in _NEWER_THAN_THE_SPECIFICATION:
        return [{"license": {"id": spdx, "acknowledgement": "concluded"}}]
    if " " in spdx:
        return [{"expression": spdx, "acknowledgement": "concluded"}]
    named: dict[str, Json] = {"name": known.name, "acknowledgement": "concluded"}
    if spdx:
        named["properties"] = _properties({"license:spdx": spdx})
    return [{"license": named}]


def _references(model: Model) -> list[Json]:
    manifest, source = model.manifest, model.manifest.source
    references: list[Json] = []
    if source.endpoint and source.repository:
        address = f"{source.endpoint}/{quote(source.repository)}"
        if source.commit:
            address = f"{address}/tree/{quote(source.commit)}"
        references.append({"type": "distribution", "url": address, "comment": "Fetched from here."})
    texts = {entry.path: entry for entry in manifest.files}
    if (text := texts.get(manifest.license.file_path or "")) is not None:
        references.append(
            {
                "type": "license",
                "url": quote(text.path),
                "comment": "The license text among the model's files.",
                "hashes": _hashes(text.sha256),
            }
        )
    return references


def _package_url(model: Model) -> str | None:
    source = model.manifest.source
    if not (source.endpoint and source.repository):
        return None
    purl = f"pkg:huggingface/{quote(source.repository)}"
    if source.commit:
        purl = f"{purl}@{quote(source.commit.lower())}"
    if source.endpoint.rstrip("/") != HUB:
        purl = f"{purl}?{urlencode({'repository_url': source.endpoint})}"
    return purl
