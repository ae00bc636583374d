"""The ML-BOM is valid against the official schema for any model, and says nothing the store does not know."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from steelyard.licenses.library import available
from steelyard.store.bom import Figure, bom_of, serial_number
from steelyard.store.records import LicenseEvidence, Model, PublisherHash, Source, State
from store.model_samples import CLEAN, manifest

MOMENT = "2026-05-01T12:00:00.000Z"
FILES = {"model.gguf": b"weights" * 9, "LICENSE": b"do what is right", "Grüße ü.md": b"# card"}
OFFICIAL = JsonStrictValidator(SchemaVersion.V1_6)


def model(**changes: object) -> Model:
    """An admitted model with these fields of its manifest changed."""
    return Model(manifest(FILES, **changes), State.ADMITTED, CLEAN, MOMENT, MOMENT)


def document(of: Model, **more: Any) -> dict[str, Any]:
    """Its BOM, checked against the schema."""
    data = bom_of(of, made_at=MOMENT, **more)
    assert OFFICIAL.validate_str(data.decode()) is None
    loaded: dict[str, Any] = json.loads(data)
    return loaded


def component(of: Model, **more: Any) -> dict[str, Any]:
    """The model's own component."""
    found: dict[str, Any] = document(of, **more)["components"][0]
    return found


def properties(of: dict[str, Any]) -> dict[str, str]:
    """A component's properties by name."""
    return {each["name"]: each["value"] for each in of["properties"]}


def test_every_file_is_in_it_with_its_digest() -> None:
    one = model()
    files = component(one)["components"]
    assert [(f["name"], f["hashes"][0]["content"]) for f in files] == [
        (e.path, e.sha256.removeprefix("sha256:")) for e in one.manifest.files
    ]
    assert len({f["bom-ref"] for f in files}) == len(FILES)


def test_it_is_found_by_the_models_digest_and_the_same_bytes_every_time() -> None:
    one = model()
    assert bom_of(one, made_at=MOMENT) == bom_of(one, made_at=MOMENT)
    whole = document(one)
    assert whole["serialNumber"] == serial_number(one.digest)
    assert whole["components"][0]["bom-ref"] == one.digest
    assert serial_number(one.digest) != serial_number("sha256:" + "0" * 64)
    assert whole["metadata"]["timestamp"] == MOMENT


def test_a_model_of_one_file_has_its_hash() -> None:
    alone = replace(model(), manifest=manifest({"m.gguf": b"x"}))
    assert component(alone)["hashes"][0]["alg"] == "SHA-256"
    assert "hashes" not in component(model())


@pytest.mark.parametrize("license_id", available())
def test_every_license_of_the_library_has_a_valid_form(license_id: str) -> None:
    found = component(model(license=LicenseEvidence(license_id=license_id)))
    assert len(found["licenses"]) == 1


def test_a_license_is_an_identifier_where_spdx_has_one_else_a_name() -> None:
    def licenses(license_id: str) -> Any:
        return component(model(license=LicenseEvidence(license_id=license_id)))["licenses"][0]

    assert licenses("apache-2.0")["license"]["id"] == "Apache-2.0"
    assert licenses("llama3.1")["license"]["name"].startswith("Llama 3.1")
    assert "LicenseRef" in licenses("gpt-oss")["expression"]
    assert licenses("openmdw-1.1")["license"]["name"]
    assert licenses("read-by-nobody")["license"]["name"] == "read-by-nobody"


def test_an_unknown_license_stays_unknown() -> None:
    found = component(model(license=LicenseEvidence(card="their-own", agree=False)))
    assert "licenses" not in found
    assert properties(found)["steelyard:license"] == "not known"
    assert properties(found)["steelyard:license:card"] == "their-own"
    assert properties(found)["steelyard:license:witnesses_agree"] == "false"


def test_the_license_text_is_named_with_its_digest() -> None:
    found = component(model(license=LicenseEvidence(file_path="LICENSE")))
    (reference,) = found["externalReferences"]
    assert (reference["type"], reference["url"]) == ("license", "LICENSE")
    assert reference["hashes"][0]["content"] == properties_digest("LICENSE")


def properties_digest(path: str) -> str:
    """The hexadecimal digest of one of `FILES`."""
    return {e.path: e.sha256.removeprefix("sha256:") for e in manifest(FILES).files}[path]


def test_where_it_came_from_is_a_reference_and_a_package_url() -> None:
    hub = Source(
        "hub",
        endpoint="https://huggingface.co",
        repository="owner/a name",
        commit="A" * 40,
    )
    found = component(model(source=hub))
    assert found["purl"] == f"pkg:huggingface/owner/a%20name@{'a' * 40}"
    assert found["version"] == "A" * 40
    assert found["externalReferences"][0]["url"].endswith(f"/owner/a%20name/tree/{'A' * 40}")
    mirror = replace(hub, endpoint="https://models.example/hf", commit=None)
    assert component(model(source=mirror))["purl"] == (
        "pkg:huggingface/owner/a%20name?repository_url=https%3A%2F%2Fmodels.example%2Fhf"
    )


def test_no_path_of_this_machine_is_in_it() -> None:
    data = bom_of(model(source=Source("file", path="/home/someone/secret.gguf")), made_at=MOMENT)
    assert b"someone" not in data


def test_base_models_are_ancestors() -> None:
    found = component(model(base_models=("meta-llama/Llama-3.1-8B", "other")))
    assert [a["name"] for a in found["pedigree"]["ancestors"]] == [
        "meta-llama/Llama-3.1-8B",
        "other",
    ]


def test_figures_are_in_the_model_card_and_nothing_is_where_nobody_measured() -> None:
    figures = (
        Figure("fast-gate/arithmetic", "18/20", "0.70", "0.97", "run-1"),
        Figure("bench/generation_tokens_per_s", "41.2"),
    )
    card = component(model(), figures=figures)["modelCard"]
    metrics = card["quantitativeAnalysis"]["performanceMetrics"]
    assert metrics[0]["confidenceInterval"] == {"lowerBound": "0.70", "upperBound": "0.97"}
    assert metrics[1] == {"type": "bench/generation_tokens_per_s", "value": "41.2"}
    assert {"name": "steelyard:evidence", "value": "run-1"} in card["properties"]
    assert "quantitativeAnalysis" not in component(model())["modelCard"]
    bare = model(architecture="", quantization="", parameters=None, context_length=None)
    assert component(bare)["modelCard"]["modelParameters"] == {}


def test_text_from_outside_is_data() -> None:
    nasty = 'x"},{"type":"\u202e<script>'
    found = component(model(title=nasty, publisher=nasty, base_models=(nasty,)))
    assert found["name"] == nasty
    assert found["pedigree"]["ancestors"][0]["name"] == nasty


def test_the_trust_facts_are_in_it_apart() -> None:
    trusted = replace(
        model(), trust=replace(CLEAN, publisher_hash=PublisherHash.MATCHES, signed_by="site key")
    )
    said = properties(component(trusted))
    assert said["steelyard:publisher_hash"] == "matches"
    assert said["steelyard:signed_by"] == "site key"
    assert said["steelyard:scan"] == "clean"
    assert said["steelyard:approved_by"] == "policy"
