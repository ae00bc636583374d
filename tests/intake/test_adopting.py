"""Adopting is an import: hashed, judged, admitted; by link it shares the bytes and nothing else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from formats.gguf_builder import tiny_llama
from intake import other_programs
from intake.judging import judge_here
from intake.test_importing import safetensors_bytes
from steelyard.base.errors import Cancelled, MalformedInput
from steelyard.base.progress import CancelToken, Progress, Reporter
from steelyard.formats.model_facts import ModelFacts
from steelyard.intake.adopting import adopt, weigh
from steelyard.intake.elsewhere.finding import find
from steelyard.intake.errors import ClaimDiffers, SourceChanged
from steelyard.intake.records import Taken
from steelyard.store.errors import UnsafePath
from steelyard.store.records import PublisherHash, State
from steelyard.store.store import Store
from store.model_samples import everything

GGUF = tiny_llama()
LICENSE = b"Permission is hereby granted"


def take(store: Store, path: Path, **more: object) -> Taken:
    return adopt(store, path, judge=judge_here, **more)  # type: ignore[arg-type]  # as adopt takes them


def names(path: Path) -> int:
    return path.stat().st_nlink


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A model of Ollama's."""
    layers = {"model": GGUF, "license": LICENSE, "template": b"{{ .Prompt }}"}
    return other_programs.ollama(tmp_path / "ollama", "llama3", "8b", layers)


def blob_of(manifest: Path) -> Path:
    (model,) = find(manifest.parents[4]).models
    return model.parts[0].location


def test_an_ollama_model_gets_its_own_name_and_keeps_its_license_text(
    store: Store, manifest: Path
) -> None:
    taken = take(store, manifest)
    model = taken.model
    assert (model.name, model.state) == ("llama3-8b", State.ADMITTED)
    assert [e.path for e in model.manifest.files] == ["LICENSE", "llama3-8b.gguf"]
    assert model.manifest.license.file_path == "LICENSE"
    source = model.manifest.source
    assert (source.kind, source.path, source.linked) == ("adopted", str(manifest), False)
    assert names(blob_of(manifest)) == 1
    assert taken.bytes_fetched == model.manifest.size_bytes


def test_a_name_that_says_the_right_digest_is_still_no_publishers_word(
    store: Store, manifest: Path
) -> None:
    model = take(store, manifest).model
    assert model.trust.publisher_hash is PublisherHash.NONE_GIVEN


def test_a_file_that_is_not_what_its_name_says_is_refused_and_nothing_kept(
    store: Store, manifest: Path
) -> None:
    blob = blob_of(manifest)
    data = bytearray(GGUF)
    data[-1] ^= 1
    blob.write_bytes(data)
    for link in (False, True):
        with pytest.raises(ClaimDiffers) as refusal:
            take(store, manifest, link=link)
        assert str(refusal.value.facts["claimed"]).endswith(blob.name[-64:])
    assert store.models() == ()
    assert everything(store.home) == {}
    assert names(blob) == 1


def test_a_snapshot_of_the_hubs_cache_says_where_it_claims_to_be_from(
    store: Store, tmp_path: Path
) -> None:
    config = b'{"model_type": "llama", "architectures": ["LlamaForCausalLM"]}'
    files = {"config.json": config, "model.safetensors": safetensors_bytes()}
    snapshot = other_programs.hub_cache(tmp_path / "hub", "owner/Tiny-Model", files)
    model = take(store, snapshot).model
    assert (model.name, model.manifest.format) == ("Tiny-Model", "safetensors")
    source = model.manifest.source
    assert (source.repository, source.commit) == ("owner/Tiny-Model", other_programs.COMMIT)
    assert source.endpoint is None  # nobody asked the hub
    assert model.trust.publisher_hash is PublisherHash.NONE_GIVEN


def test_one_file_of_a_snapshot_and_a_plain_file_and_folder_are_taken_too(
    store: Store, tmp_path: Path
) -> None:
    other = tiny_llama(general__name="another")
    snapshot = other_programs.hub_cache(
        tmp_path / "hub", "owner/quants", {"q4.gguf": GGUF, "q8.gguf": other}
    )
    assert take(store, snapshot / "q8.gguf").model.name == "q8"
    third = tiny_llama(general__name="third")
    folder = other_programs.lm_studio(tmp_path / "lm", "pub", "name", {"m.gguf": third})
    assert take(store, folder / "m.gguf").model.manifest.source.kind == "adopted"
    assert take(store, folder).bytes_reused == len(third)


def test_by_link_the_bytes_are_shared_and_the_other_programs_file_is_as_it_was(
    store: Store, manifest: Path
) -> None:
    blob = blob_of(manifest)
    blob.chmod(0o640)
    taken = take(store, manifest, link=True)
    assert taken.linked
    assert taken.model.manifest.source.linked
    assert store.get(taken.model.digest).manifest.source.linked
    assert store.main_file(taken.model).samefile(blob)
    assert stat.S_IMODE(blob.stat().st_mode) == 0o640
    assert store.verify_before_load(taken.model).state is State.ADMITTED
    store.remove(taken.model)
    assert blob.read_bytes() == GGUF
    assert names(blob) == 1


def test_a_later_write_by_the_other_program_shows_before_the_next_load(
    store: Store, manifest: Path
) -> None:
    blob = blob_of(manifest)
    model = take(store, manifest, link=True).model
    assert store.check_unchanged(model)
    with blob.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"X")
    assert not store.check_unchanged(model)
    assert not store.verify(model).ok
    assert store.get(model.digest).state is State.QUARANTINED


def test_the_other_program_removing_its_name_costs_one_reading_and_no_more(
    store: Store, manifest: Path
) -> None:
    model = take(store, manifest, link=True).model
    blob_of(manifest).unlink()
    seen: list[Progress] = []
    assert store.verify_before_load(model, Reporter(seen.append)).state is State.ADMITTED
    assert seen
    assert store.check_unchanged(model)


def test_written_to_while_it_is_judged_it_is_not_admitted(store: Store, manifest: Path) -> None:
    blob = blob_of(manifest)

    def judge(path: Path, report: Reporter) -> ModelFacts:
        facts = judge_here(path, report)
        os.utime(blob, ns=(1, 1))
        return facts

    with pytest.raises(SourceChanged):
        adopt(store, manifest, link=True, judge=judge)
    assert store.models() == ()
    assert names(blob) == 1


def test_where_links_are_forbidden_it_is_copied(
    store: Store, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = blob_of(manifest)
    real = os.link

    def refuse(source: object, target: object, **more: object) -> None:
        if Path(str(source)) == blob:
            raise OSError(1, "Operation not permitted")  # fs.protected_hardlinks, or another disk
        real(source, target, **more)  # type: ignore[arg-type]  # as os.link takes them

    monkeypatch.setattr(os, "link", refuse)
    model = take(store, manifest, link=True).model
    assert not store.main_file(model).samefile(blob)
    assert store.verify(model).ok


def test_cancelled_nothing_stays_behind(store: Store, manifest: Path) -> None:
    token = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.done:
            token.cancel()

    for link in (False, True):
        with pytest.raises(Cancelled):
            take(store, manifest, link=link, report=Reporter(stop, token))
        assert everything(store.home) == {}
        assert names(blob_of(manifest)) == 1


def test_what_the_scan_refuses_is_held_and_the_other_programs_file_stays(
    store: Store, tmp_path: Path
) -> None:
    manifest = other_programs.ollama(tmp_path, "bad", "1", {"model": GGUF[:100]})
    with pytest.raises(MalformedInput):
        take(store, manifest, link=True)
    held = store.models()[0]
    assert held.state is State.REJECTED
    assert held.manifest.source.kind == "adopted"
    store.remove(held)
    assert blob_of(manifest).read_bytes() == GGUF[:100]


def test_a_name_no_platform_can_hold_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "x\u202e.gguf").write_bytes(GGUF)
    with pytest.raises(UnsafePath):
        take(store, tmp_path / "x\u202e.gguf")


def test_found_models_say_whether_they_are_in_the_store_and_can_be_linked(
    store: Store, manifest: Path, tmp_path: Path
) -> None:
    folder = other_programs.lm_studio(tmp_path / "lm", "pub", "name", {"m.gguf": GGUF})
    (there,) = find(manifest.parents[4]).models
    assert weigh(store, there).known is None
    assert weigh(store, there).linkable
    take(store, manifest)
    assert weigh(store, there).known == "llama3-8b"
    (plain,) = find(folder).models
    assert weigh(store, plain).known is None  # the same bytes, but nothing there says so
    take(store, folder / "m.gguf", name="plain")
    assert weigh(store, plain).known == "plain"
