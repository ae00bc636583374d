"""Finding what other programs keep: complete models only, by their own layouts, and no tree too hostile."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from formats.gguf_builder import tiny_llama
from intake import other_programs
from steelyard.intake.elsewhere.finding import at, find, usual_places
from steelyard.intake.elsewhere.records import Budget, Elsewhere, Origin

GGUF = tiny_llama()
OTHER = tiny_llama(general__name="another")
FOLDER = {
    "config.json": b"{}",
    "model.safetensors": b"w" * 300,
    "tokenizer.json": b"{}",
    "README.md": b"# card",
    "pytorch_model.bin": b"pickle" * 99,
}


def found(folder: Path | None = None, **more: object) -> tuple[Elsewhere, ...]:
    return find(folder, **more).models  # type: ignore[arg-type]  # as find takes them


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """A home folder with all three programs in it."""
    other_programs.hub_cache(
        tmp_path / ".cache" / "huggingface" / "hub",
        "owner/quants",
        {"q4.gguf": GGUF, "q8.gguf": OTHER, "README.md": b"# card"},
    )
    other_programs.ollama(
        tmp_path / ".ollama" / "models", "llama3", "8b", {"model": GGUF, "license": b"be good"}
    )
    other_programs.lm_studio(tmp_path / ".lmstudio" / "models", "pub", "name", {"m.gguf": GGUF})
    return tmp_path


def test_the_usual_places_are_searched_and_only_those_there_are_named(person: Path) -> None:
    result = find(environment={}, person=person)
    assert [(m.origin, m.title) for m in result.models] == [
        (Origin.HUGGING_FACE, "owner/quants: q4"),
        (Origin.HUGGING_FACE, "owner/quants: q8"),
        (Origin.LM_STUDIO, "pub/name: m"),
        (Origin.OLLAMA, "llama3:8b"),
    ]
    assert len(result.looked_in) == 3
    assert result.complete
    assert find(environment={}, person=person / "nobody").models == ()


def test_each_program_can_be_told_another_place_and_it_is_looked_at_there(tmp_path: Path) -> None:
    told = {
        "HF_HUB_CACHE": str(tmp_path / "a"),
        "OLLAMA_MODELS": str(tmp_path / "b"),
        "XDG_CACHE_HOME": str(tmp_path / "c"),
    }
    places = {path for _, path in usual_places(told, Path("/nowhere"))}
    assert {tmp_path / "a", tmp_path / "b", tmp_path / "c" / "lm-studio" / "models"} <= places
    home = dict(usual_places({"HF_HOME": str(tmp_path)}, Path("/nowhere")))
    assert home[Origin.HUGGING_FACE] == tmp_path / "hub"


def test_a_snapshot_says_repository_commit_and_what_its_large_files_are_named(
    tmp_path: Path,
) -> None:
    snapshot = other_programs.hub_cache(tmp_path, "owner/model", FOLDER)
    (model,) = found(tmp_path)
    assert (model.path, model.format) == (snapshot, "safetensors")
    assert (model.repository, model.commit) == ("owner/model", other_programs.COMMIT)
    claims = {part.path: part.claimed for part in model.parts}
    assert str(claims["model.safetensors"]).startswith("sha256:")
    assert claims["config.json"] is None  # a git hash says nothing of SHA-256
    assert "pytorch_model.bin" not in claims


def test_the_same_files_under_two_commits_are_one_model(tmp_path: Path) -> None:
    other_programs.hub_cache(tmp_path, "owner/model", {"m.gguf": GGUF})
    other_programs.hub_cache(tmp_path, "owner/model", {"m.gguf": GGUF}, commit="f" * 40)
    other_programs.hub_cache(tmp_path, "owner/model", {"m.gguf": OTHER}, commit="e" * 40)
    assert len(found(tmp_path)) == 2


def test_what_is_not_complete_in_a_cache_is_not_found(tmp_path: Path) -> None:
    snapshot = other_programs.hub_cache(
        tmp_path, "owner/model", {"m-00001-of-00002.gguf": GGUF, "m-00002-of-00002.gguf": OTHER}
    )
    assert len(found(tmp_path)) == 1
    (snapshot / "m-00002-of-00002.gguf").resolve().unlink()
    assert found(tmp_path) == ()


def test_a_link_that_leaves_its_repository_is_not_followed(tmp_path: Path) -> None:
    snapshot = other_programs.hub_cache(tmp_path / "cache", "owner/model", FOLDER)
    secret = tmp_path / "secret.gguf"
    secret.write_bytes(GGUF)
    (snapshot / "out.gguf").symlink_to(secret)
    (snapshot / "loop.gguf").symlink_to("loop.gguf")
    (snapshot / "device.gguf").symlink_to("/dev/zero")
    assert [m.format for m in found(tmp_path / "cache")] == ["safetensors"]
    assert at(snapshot / "out.gguf") is None


def test_ollamas_weights_and_license_are_found_by_their_digests(tmp_path: Path) -> None:
    manifest = other_programs.ollama(
        tmp_path,
        "qwen",
        "latest",
        {
            "model": GGUF,
            "license1": b"first",
            "license2": b"second",
            "template": b"{{ .Prompt }}",
            "params": b"{}",
            "projector": b"pictures",
        },
        namespace="someone",
    )
    (model,) = found(tmp_path)
    assert model.path == manifest
    assert model.title == "someone/qwen:latest"
    assert [part.path for part in model.parts] == ["qwen-latest.gguf", "LICENSE", "LICENSE-2"]
    assert all(part.claimed is not None for part in model.parts)
    assert model.left_out == ("projector",)
    assert at(manifest) == model


def test_ollama_models_of_other_hosts_say_so(tmp_path: Path) -> None:
    other_programs.ollama(tmp_path, "m", "q4", {"model": GGUF}, host="hf.co", namespace="owner")
    assert [m.title for m in found(tmp_path)] == ["hf.co/owner/m:q4"]


def layer(**changes: object) -> dict[str, object]:
    return {
        "mediaType": "application/vnd.ollama.image.model",
        "digest": "sha256:" + "0" * 64,
        "size": 1,
        **changes,
    }


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"not json",
        b"[" * 100_000,
        b'{"layers": 1e999}',
        b'{"layers": [], "layers": []}',
        b"\xff\xfe{}",
        json.dumps({"layers": [layer()] * 5000}).encode(),
        json.dumps({"layers": [layer(digest="sha256:../../../etc/passwd")]}).encode(),
        json.dumps({"layers": [layer(digest=7)]}).encode(),
        json.dumps({"layers": [layer(size=True)]}).encode(),
        json.dumps({"layers": [layer(size=-1)]}).encode(),
        json.dumps({"layers": [layer(), layer()]}).encode(),
        json.dumps({"layers": [layer(), "x"]}).encode(),
        b" " * (1024 * 1024 + 1),
    ],
    ids=range(14),
)
def test_a_manifest_that_is_none_is_passed_over(tmp_path: Path, text: bytes) -> None:
    other_programs.ollama(tmp_path, "good", "1", {"model": GGUF})
    bad = other_programs.ollama(tmp_path, "bad", "1", {"model": OTHER})
    bad.write_bytes(text)
    assert [m.title for m in found(tmp_path)] == ["good:1"]
    assert at(bad) is None


def test_a_layer_of_another_size_or_a_blob_that_is_no_file_is_not_complete(tmp_path: Path) -> None:
    manifest = other_programs.ollama(tmp_path, "m", "1", {"model": GGUF})
    (model,) = found(tmp_path)
    blob = model.parts[0].location
    blob.write_bytes(GGUF[:-1])
    assert found(tmp_path) == ()
    blob.unlink()
    blob.symlink_to(manifest)
    assert found(tmp_path) == ()
    blob.unlink()
    os.mkfifo(blob)
    assert found(tmp_path) == ()


def test_plain_folders_are_searched_and_other_layouts_recognised_below(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.gguf").write_bytes(GGUF)
    (tmp_path / "mine" / "mmproj-a.gguf").write_bytes(GGUF)
    (tmp_path / "mine" / "lie.gguf").write_bytes(b"MZ not a model")
    (tmp_path / "mine" / ".hidden").mkdir()
    (tmp_path / "mine" / ".hidden" / "b.gguf").write_bytes(GGUF)
    other_programs.hub_cache(tmp_path / "copies", "owner/model", {"m.gguf": GGUF})
    other_programs.ollama(tmp_path / "old", "m", "1", {"model": GGUF})
    assert [(m.origin, m.path.name) for m in found(tmp_path)] == [
        (Origin.HUGGING_FACE, "m.gguf"),
        (Origin.FOLDER, "a.gguf"),
        (Origin.OLLAMA, "1"),
    ]


def test_links_loops_and_depth_do_not_hold_a_search(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(GGUF)
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "link.gguf").symlink_to(tmp_path / "a.gguf")
    deep = tmp_path
    for _ in range(20):
        deep = deep / "d"
        deep.mkdir()
    (deep / "deep.gguf").write_bytes(OTHER)
    assert [m.path.name for m in found(tmp_path)] == ["a.gguf"]


def test_a_search_ends_when_its_budget_does_and_says_so(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}").mkdir()
    result = find(tmp_path, budget=Budget(20))
    assert not result.complete
    assert find(tmp_path, budget=Budget(200)).complete


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(GGUF)
    (tmp_path / "closed").mkdir(mode=0)
    assert len(found(tmp_path)) == 1


def test_names_from_outside_stay_data(tmp_path: Path) -> None:
    name = "x\u202e<b>\n.gguf"
    (tmp_path / name).write_bytes(GGUF)
    (model,) = found(tmp_path)
    assert (
        model.parts[0].path == name
    )  # whoever takes it in refuses it; whoever shows it escapes it
