"""The starter model: there on the first start, verified, not given again to whoever removed it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from formats.gguf_builder import tiny_llama
from steelyard.base.digests import digest_of
from steelyard.base.errors import MalformedInput
from steelyard.base.paths import Home, resource
from steelyard.intake import starter
from steelyard.intake.errors import DigestMismatch
from steelyard.intake.starter import (
    JUDGED,
    TITLE,
    ensure_starter,
    judge_shipped,
    read_manifest,
    write_judged,
)
from steelyard.store.errors import UnsafePath
from steelyard.store.records import PublisherHash, Scan, State
from steelyard.store.store import Store
from store.model_samples import everything, put

CARD = b"---\nlicense: apache-2.0\n---\n# Starter\n"
MODELS = {
    "starter": {"starter-Q8_0.gguf": tiny_llama(general__name="eight"), "README.md": CARD},
    "starter-q4": {"starter-Q4_K_M.gguf": tiny_llama(general__name="four"), "README.md": CARD},
}


def ship(folder: Path, models: Mapping[str, Mapping[str, bytes]] = MODELS) -> Path:
    """A starter folder as the recipe leaves it."""
    folder.mkdir(exist_ok=True)
    listed = []
    for name, files in models.items():
        for path, data in files.items():
            (folder / path).write_bytes(data)
        listed.append(
            {
                "name": name,
                "format": "gguf",
                "quantization": "Q8_0",
                "parameters": 3_000_000,
                "files": [
                    {
                        "path": path,
                        "source": path,
                        "size_bytes": len(data),
                        "sha256": digest_of(data),
                    }
                    for path, data in files.items()
                ],
                "description": "made for this test",
            }
        )
    manifest = {"format": 1, "title": TITLE, "license": "apache-2.0", "models": listed}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    return ship(tmp_path / "starter")


def test_the_first_start_admits_what_is_shipped(store: Store, shipped: Path) -> None:
    ensure_starter(store, shipped)
    assert [model.name for model in store.models()] == ["starter", "starter-q4"]
    model = store.get("starter")
    assert (model.state, model.manifest.title) == (State.ADMITTED, TITLE)
    assert model.trust.publisher_hash is PublisherHash.MATCHES
    assert (model.trust.scan, model.trust.approved_by) == (Scan.CLEAN, "policy")
    assert model.manifest.source.kind == "starter"
    assert model.manifest.license.license_id == "apache-2.0"
    assert model.manifest.architecture == "llama"
    assert store.main_file(model).read_bytes() == MODELS["starter"]["starter-Q8_0.gguf"]
    assert store.facts(model)["architecture"] == "llama"
    assert list(store.home.quarantine.iterdir()) == []


def test_later_starts_change_nothing(store: Store, shipped: Path) -> None:
    ensure_starter(store, shipped)
    before, models = everything(store.home), store.models()
    ensure_starter(store, shipped)
    assert (everything(store.home), store.models()) == (before, models)


def test_whoever_removed_it_is_not_given_it_again(store: Store, shipped: Path) -> None:
    ensure_starter(store, shipped)
    store.remove(store.get("starter"))
    ensure_starter(store, shipped)
    assert store.get("starter").state is State.RETIRED
    newer = ship(shipped, {**MODELS, "starter": {"s.gguf": tiny_llama(general__name="new")}})
    ensure_starter(store, newer)
    assert store.get("starter").state is State.RETIRED
    assert len(store.models()) == 2


def test_a_newer_starter_takes_the_place_of_the_older(store: Store, shipped: Path) -> None:
    ensure_starter(store, shipped)
    old = store.get("starter")
    ensure_starter(store, ship(shipped, {"starter": {"s.gguf": tiny_llama(general__name="new")}}))
    new = store.get("starter")
    assert (new.state, new.digest != old.digest) == (State.ADMITTED, True)
    assert store.get(old.digest).state is State.RETIRED
    assert store.get("starter-q4").state is State.ADMITTED


def test_a_model_of_ones_own_by_that_name_is_left_alone(store: Store, shipped: Path) -> None:
    own = put(store, {"x.gguf": b"mine"}, "starter")
    ensure_starter(store, shipped)
    assert store.get("starter") == own
    assert store.get("starter-2").manifest.title == TITLE


def test_a_damaged_starter_is_repaired(store: Store, shipped: Path) -> None:
    ensure_starter(store, shipped)
    model = store.get("starter")
    blob = store.main_file(model)
    blob.chmod(0o600)
    blob.write_bytes(b"x")
    assert not store.verify(model).ok
    ensure_starter(store, shipped)
    assert store.get("starter").state is State.ADMITTED
    assert store.verify(model).ok


def test_a_damaged_installation_is_noticed_and_nothing_is_taken_in(
    store: Store, shipped: Path
) -> None:
    (shipped / "starter-Q8_0.gguf").write_bytes(b"GGUF something else")
    with pytest.raises(DigestMismatch):
        ensure_starter(store, shipped)
    assert store.models() == ()
    assert everything(store.home) == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 2, "models": []}', '{"format": 1, "models": [{}]}']
)
def test_a_manifest_that_is_none_is_said(shipped: Path, text: str) -> None:
    (shipped / "manifest.json").write_text(text)
    with pytest.raises(MalformedInput):
        read_manifest(shipped)


def test_a_manifest_does_not_name_files_elsewhere(shipped: Path) -> None:
    value = json.loads((shipped / "manifest.json").read_text())
    value["models"][0]["files"][0]["path"] = "../evil"
    (shipped / "manifest.json").write_text(json.dumps(value))
    with pytest.raises(UnsafePath):
        read_manifest(shipped)


def test_two_first_starts_at_once_are_one(home: Home, shipped: Path) -> None:
    with Store(home) as one, Store(home) as two:
        ensure_starter(one, shipped)
        ensure_starter(two, shipped)
        assert len(two.models()) == 2


def test_what_was_judged_when_it_was_made_is_not_asked_again(
    store: Store, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_judged(shipped)
    monkeypatch.setattr(starter, "_judge", None)
    ensure_starter(store, shipped)
    assert store.get("starter").manifest.architecture == "llama"
    assert store.facts(store.get("starter"))["title"] == "eight"
    assert store.get("starter").manifest.license.license_id == "apache-2.0"


def test_what_was_judged_of_other_bytes_does_not_count(store: Store, shipped: Path) -> None:
    write_judged(shipped)
    ship(shipped, {"starter": {"s.gguf": tiny_llama(general__name="new")}})
    ensure_starter(store, shipped)
    assert store.facts(store.get("starter"))["title"] == "new"


def test_what_this_installation_ships_as_judged_is_what_a_scan_says() -> None:
    folder = resource("starter")
    path = folder / JUDGED
    if not path.is_file():
        pytest.skip(f"{JUDGED} is not shipped; a first start scans instead")
    again = json.loads(json.dumps(judge_shipped(folder)))
    assert json.loads(path.read_text()) == again, "run python -m steelyard.intake.starter"


def test_the_starter_of_this_installation_is_admitted(store: Store) -> None:
    ensure_starter(store)
    assert store.models()
    for model in store.models():
        assert model.state is State.ADMITTED
        assert store.verify(model).ok
        assert model.manifest.license.license_id == "apache-2.0"
