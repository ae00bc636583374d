"""Pulling from a hub that does as it should: chosen, fetched once, verified, admitted."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from formats.gguf_builder import tiny_llama
from intake.conftest import Pull
from intake.judging import OpenGate, judge_here
from intake.test_importing import safetensors_bytes, take
from simulators.hub import Hub
from steelyard.base.errors import MalformedInput, RefusedByPolicy
from steelyard.base.progress import Progress, Reporter
from steelyard.connections.errors import (
    FileNotInRepository,
    Gated,
    MalformedAnswer,
    RepositoryNotFound,
)
from steelyard.connections.hub import hook_library
from steelyard.intake.errors import (
    ChooseFile,
    DigestMismatch,
    OnlyPickles,
    PartMissing,
    RefusedBefore,
)
from steelyard.intake.pull import pull
from steelyard.intake.records import PullSpec
from steelyard.store.errors import DiskFull, NameTaken
from steelyard.store.records import PublisherHash, Scan, State
from steelyard.store.store import Store
from store.model_samples import everything, put

GGUF = tiny_llama()
REPOSITORY = "maker/tiny-model-GGUF"
FILES = {
    "README.md": b"---\nlicense: apache-2.0\nbase_model: maker/tiny-model\n---\n# Tiny\n",
    "NOTICE": b"text",
    "tiny-F32.gguf": GGUF,
    "image.png": b"png",
    ".gitattributes": b"*.gguf filter=lfs",
}


def test_a_model_comes_with_card_and_license_and_is_admitted(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    commit = hub.add(REPOSITORY, FILES)
    taken = do_pull(REPOSITORY)
    model = taken.model
    assert (model.name, model.state) == ("tiny-F32", State.ADMITTED)
    assert [file.path for file in model.manifest.files] == ["NOTICE", "README.md", "tiny-F32.gguf"]
    assert {file.publisher_hash for file in model.manifest.files} == {PublisherHash.MATCHES}
    assert model.trust.publisher_hash is PublisherHash.MATCHES
    assert model.trust.scan is Scan.CLEAN
    source = model.manifest.source
    assert (source.kind, source.repository, source.commit) == ("hub", REPOSITORY, commit)
    assert source.endpoint == hub.endpoint
    assert model.manifest.publisher == "maker"
    assert model.manifest.license.card == "apache-2.0"
    assert model.manifest.license.license_id == "apache-2.0"
    assert model.manifest.base_models == ("maker/tiny-model",)
    assert store.main_file(model).read_bytes() == GGUF
    assert taken.bytes_fetched == sum(len(FILES[file.path]) for file in model.manifest.files)
    assert list(store.home.quarantine.iterdir()) == []


def test_files_are_asked_for_by_commit(hub: Hub, do_pull: Pull) -> None:
    commit = hub.add(REPOSITORY, FILES)
    do_pull(REPOSITORY)
    asked = [request.path for request in hub.requests if "/resolve/" in request.path]
    assert asked
    assert all(f"/resolve/{commit}/" in path for path in asked)


def test_every_connection_was_asked_for_at_the_gate(
    hub: Hub, gate: OpenGate, do_pull: Pull
) -> None:
    hub.add(REPOSITORY, FILES)
    do_pull(REPOSITORY)
    assert len(gate.asked) == len(hub.requests)
    assert any("/content/" in url for url in gate.asked)  # the redirect's target, too


def test_when_the_gate_refuses_nothing_is_sent(store: Store, hub: Hub, do_pull: Pull) -> None:
    hub.add(REPOSITORY, FILES)
    gate = OpenGate(hub.endpoint)
    with pytest.raises(RefusedByPolicy):
        pull(store, PullSpec(REPOSITORY, endpoint=hub.endpoint), gate)
    assert hub.requests == []


def test_the_library_cannot_connect_outside_of_a_pull(hub: Hub) -> None:
    from huggingface_hub import HfApi

    hub.add(REPOSITORY, FILES)
    hook_library()
    with pytest.raises(RefusedByPolicy):
        HfApi(endpoint=hub.endpoint, token=False).model_info(REPOSITORY)
    assert hub.requests == []


@pytest.mark.parametrize("wanted", ["tiny-Q8_0.gguf", "Q8_0", "q8_0"])
def test_one_of_several_quantizations_is_chosen_by_name(
    hub: Hub, do_pull: Pull, wanted: str
) -> None:
    hub.add(REPOSITORY, {"tiny-Q4_K_M.gguf": b"GGUF-4", "tiny-Q8_0.gguf": GGUF})
    assert do_pull(REPOSITORY, file=wanted).model.name == "tiny-Q8_0"
    assert not any("Q4_K_M" in request.path for request in hub.requests)


def test_several_quantizations_and_no_choice_lists_them_with_sizes(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.add(REPOSITORY, {"a-Q4_K_M.gguf": b"x" * 10, "a-Q8_0.gguf": b"x" * 20})
    with pytest.raises(ChooseFile) as refusal:
        do_pull(REPOSITORY)
    assert refusal.value.facts["choices"] == [
        {"path": "a-Q4_K_M.gguf", "size_bytes": 10},
        {"path": "a-Q8_0.gguf", "size_bytes": 20},
    ]
    assert hub.downloads() == []
    assert everything(store.home) == {}


def test_a_wrong_file_lists_what_there_is(hub: Hub, do_pull: Pull) -> None:
    hub.add(REPOSITORY, FILES)
    with pytest.raises(FileNotInRepository) as refusal:
        do_pull(REPOSITORY, file="tiny-Q2_K.gguf")
    assert refusal.value.facts["choices"] == [{"path": "tiny-F32.gguf", "size_bytes": len(GGUF)}]


def test_a_short_reference_can_name_file_and_revision(hub: Hub, do_pull: Pull) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": b"GGUF old"})
    hub.add(REPOSITORY, {"tiny.gguf": GGUF, "other.gguf": b"x"}, name="v2")
    assert do_pull(f"{REPOSITORY}:tiny.gguf@v2").model.state is State.ADMITTED


@pytest.mark.parametrize(
    "tail",
    [
        "",
        "/",
        "/tree/main",
        "/blob/main/tiny-F32.gguf",
        "/resolve/main/tiny-F32.gguf?download=true",
    ],
)
def test_a_pasted_address_is_understood(hub: Hub, do_pull: Pull, tail: str) -> None:
    hub.add(REPOSITORY, FILES)
    model = do_pull(f"{hub.endpoint}/{REPOSITORY}{tail}").model
    assert (model.name, model.manifest.source.endpoint) == ("tiny-F32", hub.endpoint)


def test_a_mirror_may_live_below_a_path(store: Store, gate: OpenGate) -> None:
    with Hub(base_path="/api-proxy/hf") as mirror:
        mirror.add(REPOSITORY, FILES)
        spec = PullSpec(REPOSITORY, endpoint=f"{mirror.endpoint}/")
        assert pull(store, spec, gate, judge=judge_here).model.state is State.ADMITTED


def test_a_split_model_comes_whole(store: Store, hub: Hub, do_pull: Pull, tmp_path: Path) -> None:
    parts = {f"big/m-0000{n}-of-00002.gguf": GGUF + bytes([n]) for n in (1, 2)}
    hub.add(REPOSITORY, {**parts, "other.gguf": b"x"})
    (tmp_path / "whole.gguf").write_bytes(GGUF)

    def judge(path: Path, report: Reporter) -> object:
        assert (path / "big" / "m-00002-of-00002.gguf").is_file()
        return judge_here(tmp_path / "whole.gguf", report)

    model = do_pull(REPOSITORY, file="m-00002-of-00002.gguf", judge=judge).model
    assert [file.path for file in model.manifest.files] == sorted(parts)
    assert store.main_file(model).name == "m-00001-of-00002.gguf"


def test_a_split_model_without_all_its_parts_is_refused(hub: Hub, do_pull: Pull) -> None:
    hub.add(REPOSITORY, {"m-00001-of-00002.gguf": GGUF})
    with pytest.raises(PartMissing):
        do_pull(REPOSITORY)


def test_a_safetensors_repository_brings_config_tokenizer_and_weights(
    hub: Hub, do_pull: Pull
) -> None:
    config = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
    files = {
        "config.json": json.dumps(config).encode(),
        "model.safetensors": safetensors_bytes(),
        "consolidated.safetensors": safetensors_bytes(),
        "tokenizer_config.json": b"{}",
        "README.md": b"# no front matter",
        "modeling_own.py": b"raise SystemExit",
        "pytorch_model.bin": b"pickle",
        "onnx/model.onnx": b"x",
    }
    hub.add("maker/tiny", files)
    model = do_pull("maker/tiny").model
    assert (model.name, model.manifest.format) == ("tiny", "safetensors")
    assert [file.path for file in model.manifest.files] == [
        "README.md",
        "config.json",
        "model.safetensors",
        "tokenizer_config.json",
    ]


def test_pickles_only_is_refused_without_fetching_any(hub: Hub, do_pull: Pull) -> None:
    hub.add("maker/old", {"config.json": b"{}", "pytorch_model.bin": b"pickle" * 300})
    with pytest.raises(OnlyPickles):
        do_pull("maker/old")
    assert hub.downloads() == []


def test_pulling_again_fetches_nothing(hub: Hub, do_pull: Pull) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": GGUF})
    first = do_pull(REPOSITORY)
    before = len(hub.downloads())
    again = do_pull(REPOSITORY)
    assert again.model == first.model
    assert (again.bytes_fetched, again.bytes_reused) == (0, len(GGUF))
    assert len(hub.downloads()) == before


def test_content_another_model_brought_is_not_fetched_again(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    other = put(store, {"same.gguf": GGUF, "README.md": b"other"}, "other")
    hub.add(REPOSITORY, FILES)
    taken = do_pull(REPOSITORY)
    assert taken.bytes_reused == len(GGUF)
    assert not any("gguf" in request.path for request in hub.downloads())
    assert store.check_unchanged(other)
    assert store.check_unchanged(taken.model)
    assert store.verify(taken.model).ok


def test_damaged_content_in_the_store_is_fetched_anew(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": GGUF})
    model = do_pull(REPOSITORY).model
    blob = store.main_file(model)
    blob.chmod(0o600)
    blob.write_bytes(bytes(len(GGUF)))
    assert not store.verify(model).ok
    taken = do_pull(REPOSITORY)
    assert (taken.bytes_fetched, taken.model.state) == (len(GGUF), State.ADMITTED)
    assert store.main_file(model).read_bytes() == GGUF


def test_a_file_without_a_declared_digest_is_taken_and_said(hub: Hub, do_pull: Pull) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": GGUF})
    hub.overrides["siblings"] = [{"rfilename": "tiny.gguf", "size": len(GGUF)}]
    model = do_pull(REPOSITORY).model
    assert model.trust.publisher_hash is PublisherHash.NONE_GIVEN
    assert model.manifest.files[0].publisher_hash is PublisherHash.NONE_GIVEN


def test_small_files_are_held_to_their_git_digest(store: Store, hub: Hub, do_pull: Pull) -> None:
    hub.add(REPOSITORY, FILES)
    hub.fail("flip", path="README.md")
    with pytest.raises(DigestMismatch) as refusal:
        do_pull(REPOSITORY)
    card = FILES["README.md"]
    git = hashlib.sha1(b"blob %d\0" % len(card) + card).hexdigest()
    assert refusal.value.facts["expected"] == f"git:{git}"


def test_progress_runs_over_all_files(hub: Hub, do_pull: Pull) -> None:
    hub.add(REPOSITORY, FILES)
    seen: list[Progress] = []
    do_pull(REPOSITORY, report=Reporter(seen.append))
    fetching = [progress for progress in seen if progress.stage == "fetching"]
    total = len(GGUF) + len(FILES["README.md"]) + len(FILES["NOTICE"])
    assert fetching[-1].done == fetching[-1].total == total


def test_a_taken_name_is_refused_before_anything_is_fetched(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    put(store, {"x.gguf": b"else"}, "mine")
    hub.add(REPOSITORY, FILES)
    with pytest.raises(NameTaken):
        do_pull(REPOSITORY, name="mine")
    assert hub.downloads() == []
    assert do_pull(REPOSITORY, name="other").model.name == "other"


def test_no_room_is_said_before_anything_is_fetched(store: Store, hub: Hub, do_pull: Pull) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": GGUF})
    sha256 = hashlib.sha256(GGUF).hexdigest()
    hub.overrides["siblings"] = [
        {"rfilename": "tiny.gguf", "lfs": {"size": 2**52, "sha256": sha256, "pointerSize": 1}}
    ]
    with pytest.raises(DiskFull):
        do_pull(REPOSITORY)
    assert hub.downloads() == []


def test_an_unknown_repository_or_revision_is_said(hub: Hub, do_pull: Pull) -> None:
    hub.add(REPOSITORY, FILES)
    with pytest.raises(Gated) as gated:
        do_pull("maker/nothing")
    assert "no such repository" in gated.value.message
    with pytest.raises(RepositoryNotFound):
        do_pull(REPOSITORY, revision="v9")


def test_a_rejected_download_is_kept_apart_and_a_second_try_judges_it_anew(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": GGUF[:100]})
    for _ in range(2):
        with pytest.raises(MalformedInput):
            do_pull(REPOSITORY)
        (model,) = store.models()
        assert (model.state, model.trust.publisher_hash) == (State.REJECTED, PublisherHash.MATCHES)
        assert len(list(store.home.quarantine.iterdir())) == 1


def test_bytes_refused_at_import_are_admitted_when_the_hub_declares_them(
    store: Store, hub: Hub, do_pull: Pull, tmp_path: Path
) -> None:
    (tmp_path / "tiny.gguf").write_bytes(GGUF)
    with pytest.raises(DigestMismatch):
        take(store, tmp_path / "tiny.gguf", expected_sha256="0" * 64)
    hub.add(REPOSITORY, {"tiny.gguf": GGUF})
    assert do_pull(REPOSITORY).model.state is State.ADMITTED
    hub.overrides["siblings"] = [{"rfilename": "tiny.gguf", "size": len(GGUF)}]
    store.remove(store.models()[0])
    with pytest.raises(DigestMismatch):
        take(store, tmp_path / "tiny.gguf", expected_sha256="0" * 64)
    with pytest.raises(RefusedBefore):
        do_pull(REPOSITORY)
    held = store.view(store.get("tiny")).parent
    assert list(store.home.quarantine.iterdir()) == [held]


@pytest.mark.parametrize(
    "override",
    [
        {"sha": "main"},
        {"sha": None},
        {"sha": "../../../../../../../../../../../../../etc"},
        {"siblings": None},
        {"siblings": "many"},
        {"siblings": [{"rfilename": 5, "size": 1}]},
        {"siblings": [{"size": 1}]},
        {"siblings": [{"rfilename": "tiny.gguf", "size": -1}]},
        {"siblings": [{"rfilename": "tiny.gguf", "size": 1.5}]},
        {"siblings": [{"rfilename": "tiny.gguf", "size": True}]},
        {"siblings": [{"rfilename": "tiny.gguf"}]},
        {"siblings": [{"rfilename": "tiny.gguf", "size": 5, "lfs": {"size": 5}}]},
        {"siblings": [{"rfilename": "tiny.gguf", "size": 2**60}]},
        {"lastModified": "yesterday"},
        {"cardData": {"": 1, "self": 2}},
        {"transformersInfo": {"x": 1}},
        {"id": None, "siblings": [None]},
    ],
)
def test_metadata_that_is_not_what_it_should_be_is_a_typed_error(
    store: Store, hub: Hub, do_pull: Pull, override: dict[str, object]
) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": GGUF})
    hub.overrides.update(override)
    with pytest.raises(MalformedAnswer):
        do_pull(REPOSITORY)
    assert hub.downloads() == []
    assert everything(store.home) == {}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'"x"', b"[" * 100_000, b"{}"])
def test_an_answer_that_is_no_metadata_is_a_typed_error(
    hub: Hub, do_pull: Pull, body: bytes
) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": GGUF})
    hub.fail("body", path="api", value=body)
    with pytest.raises(MalformedAnswer):
        do_pull(REPOSITORY)


@pytest.mark.parametrize(
    "name", ["../../evil.gguf", "/etc/evil.gguf", "a/../../evil.gguf", "CON.gguf", "a\\evil.gguf"]
)
def test_names_that_leave_the_folder_are_never_written(
    store: Store, hub: Hub, do_pull: Pull, name: str
) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": GGUF})
    sha256 = hashlib.sha256(GGUF).hexdigest()
    lfs = {"size": len(GGUF), "sha256": sha256, "pointerSize": 1}
    hub.overrides["siblings"] = [
        {"rfilename": name, "lfs": lfs},
        {"rfilename": "tiny.gguf", "lfs": lfs},
    ]
    assert [file.path for file in do_pull(REPOSITORY).model.manifest.files] == ["tiny.gguf"]
    with pytest.raises(FileNotInRepository):
        do_pull(REPOSITORY, file=name)
    inside = {path.resolve() for path in store.home.data.parent.rglob("*evil*")}
    assert inside == set()


def test_the_hub_library_is_not_imported_before_the_first_pull() -> None:
    code = (
        "import sys, steelyard.intake.importer, steelyard.intake.starter;"
        "print([name for name in ('huggingface_hub', 'httpx2') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[2] / "desktop")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_a_file_the_store_lent_and_found_damaged_since_is_not_written_through(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": GGUF})
    model = do_pull(REPOSITORY).model
    blob = store.main_file(model)
    hub.add("maker/other", {"tiny.gguf": GGUF, "README.md": b"# card"})
    hub.fail("status", path="README.md", code=403)
    with pytest.raises(Gated):
        do_pull("maker/other")
    (lent,) = store.home.quarantine.rglob("tiny.gguf")
    assert lent.stat().st_ino == blob.stat().st_ino
    blob.chmod(0o600)
    blob.write_bytes(bytes(len(GGUF)))
    assert not store.verify(model).ok
    hub.fail("break", path="tiny.gguf", after=1000, times=1)
    hub.fail("status", path="tiny.gguf", code=403, skip=1)
    with pytest.raises(Gated):
        do_pull("maker/other", name="other")
    assert blob.read_bytes() == bytes(len(GGUF))
    hub.faults.clear()
    assert do_pull("maker/other").model.state is State.ADMITTED
    assert store.verify(model).ok
