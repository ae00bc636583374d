"""`scan` gives one record for a model, and refuses or reports everything else in a folder."""

from __future__ import annotations

import json
import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.gguf_builder import FLOAT64, UINT64, Typed, build_gguf, llama_8b_header, tiny_llama
from formats.safetensors_builder import TEMPLATE, frame, write_folder
from steelyard.base.digests import digest_of
from steelyard.base.errors import MalformedInput, SteelyardError
from steelyard.formats import errors
from steelyard.formats.model_facts import ModelFacts, scan


def write_gguf(path: Path, **changes: Any) -> Path:
    path.write_bytes(tiny_llama(**changes))
    return path


def test_a_gguf_file_becomes_a_record(tmp_path: Path) -> None:
    path = write_gguf(
        tmp_path / "m.gguf",
        general__license="apache-2.0",
        general__organization="Maker",
        general__base_model__count=2,
        general__base_model__0__name="Base",
        general__base_model__0__organization="Other",
        general__base_model__0__repo_url="https://hub.example/other/base-7b",
        general__base_model__1__name="Second",
        tokenizer__chat_template=TEMPLATE,
        general__description="x" * 1000,
        a__large=Typed(UINT64, 2**60),
        a__nan=Typed(FLOAT64, float("nan")),
    )
    facts = scan(path)
    assert (facts.format, facts.title, facts.publisher) == ("gguf", "tiny", "Maker")
    assert (facts.quantization, facts.architecture, facts.parameters) == ("F32", "llama", 26_016)
    assert facts.context_length == 128
    assert facts.header_license == "apache-2.0"
    assert facts.base_models == ("other/base-7b", "Second")
    assert (facts.chat_template, facts.template_digest) == (TEMPLATE, digest_of(TEMPLATE.encode()))
    assert facts.findings == ()
    assert facts.notes == ()
    assert facts.metadata["tokenizer.ggml.tokens"] == "261 x string"
    assert facts.metadata["a.large"] == str(2**60)
    assert facts.metadata["a.nan"] == "nan"
    assert len(str(facts.metadata["general.description"])) == 301
    assert "tokenizer.chat_template" not in facts.metadata


def test_a_folder_becomes_a_record(tmp_path: Path) -> None:
    facts = scan(write_folder(tmp_path / "m", LICENSE="text", **{"README.md": "# card"}))
    assert (facts.format, facts.quantization, facts.architecture) == (
        "safetensors",
        "BF16",
        "llama",
    )
    assert (facts.parameters, facts.context_length) == (136, 64)
    assert (facts.header_license, facts.title) == (None, "")
    assert facts.template_digest == digest_of(TEMPLATE.encode())
    assert facts.metadata["hidden_size"] == 8
    assert facts.metadata["architectures"] == "1 entries"
    assert facts.findings == ()


def test_a_record_crosses_a_pipe(tmp_path: Path) -> None:
    facts = scan(write_gguf(tmp_path / "m.gguf", tokenizer__chat_template="{{ bos_token }}ü"))
    facts = replace(facts, findings=("one",), notes=("two",))
    assert ModelFacts.from_json(json.loads(json.dumps(facts.as_json()))) == facts


@pytest.mark.parametrize(
    ("field", "value"),
    [("format", None), ("title", 3), ("parameters", "many"), ("parameters", True), ("findings", "one"),
     ("findings", [1]), ("metadata", []), ("base_models", None), ("chat_template", 7)],
)  # fmt: skip
def test_a_garbled_record_is_refused(tmp_path: Path, field: str, value: Any) -> None:
    document = scan(write_gguf(tmp_path / "m.gguf")).as_json()
    with pytest.raises(MalformedInput):
        ModelFacts.from_json({**document, field: value})


def test_a_sparse_8b_is_recorded_with_its_full_size(tmp_path: Path) -> None:
    facts = scan(llama_8b_header(vocab=2048).write(tmp_path / "8b.gguf"))
    assert facts.parameters == 8_030_261_248 - 2 * 4096 * (128_256 - 2048)


def test_21_a_split_model_is_one_record_and_a_missing_part_is_refused(tmp_path: Path) -> None:
    from formats.gguf_builder import INT32, UINT16, Tensor

    for number in range(2):
        metadata: dict[str, Any] = {
            "split.no": Typed(UINT16, number),
            "split.count": Typed(UINT16, 2),
            "split.tensors.count": Typed(INT32, 2),
        }
        if number == 0:
            metadata["general.architecture"] = "llama"
        path = tmp_path / f"m-{number + 1:05}-of-00002.gguf"
        path.write_bytes(build_gguf(metadata, [Tensor(f"t{number}", (32, 4))]))
    assert scan(tmp_path).parameters == scan(path).parameters == 256
    path.unlink()
    for target in (tmp_path, tmp_path / "m-00001-of-00002.gguf"):
        with pytest.raises(errors.ShardMissing):
            scan(target)


def test_what_is_no_model_is_named_for_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "text.gguf").write_text("not a model")
    (tmp_path / "m.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    (tmp_path / "empty").mkdir()
    for path, content in (
        ("text.gguf", "text"),
        ("m.safetensors", "safetensors"),
        ("empty", "folder"),
    ):
        with pytest.raises(errors.NotAModel) as caught:
            scan(tmp_path / path)
        assert caught.value.facts["content"] == content
    with pytest.raises(errors.FileMissing):
        scan(tmp_path / "absent")


def test_a_folder_with_several_models_asks_for_a_choice(tmp_path: Path) -> None:
    write_gguf(tmp_path / "a.gguf")
    write_gguf(tmp_path / "b.gguf")
    with pytest.raises(errors.AmbiguousModel) as caught:
        scan(tmp_path)
    assert caught.value.facts["candidates"] == ["a.gguf", "b.gguf"]
    both = write_folder(tmp_path / "both")
    write_gguf(both / "c.gguf")
    with pytest.raises(errors.AmbiguousModel, match="both as GGUF and as safetensors"):
        scan(both)


def test_a_projector_beside_its_model_is_no_second_model(tmp_path: Path) -> None:
    write_gguf(tmp_path / "model.gguf")
    (tmp_path / "mmproj.gguf").write_bytes(
        build_gguf({"general.architecture": "clip", "general.type": "mmproj"})
    )
    assert scan(tmp_path).title == "tiny"


def test_28_a_pickle_beside_the_weights_is_a_finding_and_alone_a_refusal(tmp_path: Path) -> None:
    data = pickle.dumps({"w": [1.0] * 9}, protocol=2)
    facts = scan(write_folder(tmp_path / "a", **{"optimizer.pt": data, "pytorch_model.bin": data}))
    assert [finding.split()[0] for finding in facts.findings] == [
        "optimizer.pt",
        "pytorch_model.bin",
    ]
    with pytest.raises(errors.PickleRefused):
        scan(write_folder(tmp_path / "b", model__safetensors=None, **{"pytorch_model.bin": data}))
    with pytest.raises(errors.PickleRefused):
        scan(tmp_path / "b" / "pytorch_model.bin")


@pytest.mark.parametrize(
    "name", ["tokenizer.json", "notes.txt", "model.safetensors", "sub/vocab.json"]
)
def test_28_a_disguised_pickle_anywhere_in_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    data = pickle.dumps({"w": [1.0] * 9}, protocol=4)
    with pytest.raises(errors.PickleRefused) as caught:
        scan(write_folder(tmp_path / "m", **{name: data}))
    assert name in caught.value.message


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("modeling_x.py", "import os\n", "holds code"),
        ("run", "#!/bin/sh\nid\n", "holds code"),
        ("tool", b"\x7fELF\x02\x01\x01", "is a program"),
        ("extra.tar.gz", b"\x1f\x8b\x08\0" + bytes(9), "gzip archive"),
        ("model.h5", b"\x89HDF\r\n\x1a\n", "HDF5"),
        ("weights.bin", bytes(range(256)), "could not be judged"),
    ],
)
def test_what_else_lies_in_the_folder_is_told(
    tmp_path: Path, name: str, data: Any, words: str
) -> None:
    (finding,) = scan(write_folder(tmp_path / "m", **{name: data})).findings
    assert name in finding
    assert words in finding


def test_bytes_after_the_last_tensor_are_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(tiny_llama() + b"payload " * 8)
    (finding,) = scan(path).findings
    assert finding.startswith("64 bytes follow")


def test_a_template_that_attacks_is_a_finding_and_an_odd_one_a_note(tmp_path: Path) -> None:
    attack = scan(
        write_gguf(tmp_path / "a.gguf", tokenizer__chat_template="{{ ''.__class__.mro() }}")
    )
    assert len(attack.findings) == 1
    odd = scan(write_gguf(tmp_path / "b.gguf", tokenizer__chat_template="{% if %}"))
    assert odd.findings == ()
    assert "cannot be read" in odd.notes[0]


@pytest.mark.skipif(
    not hasattr(os, "symlink") or os.name == "nt", reason="links need rights on Windows"
)
def test_links_that_lead_outside_are_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m")
    secret = tmp_path / "secret"
    secret.write_text("x")
    (folder / "notes.txt").symlink_to(secret)
    with pytest.raises(errors.UnsafePath):
        scan(folder)
    (folder / "notes.txt").unlink()
    (folder / "inside.txt").symlink_to(folder / "config.json")
    assert scan(folder).findings == ()
    (folder / "linked").symlink_to(tmp_path)
    with pytest.raises(errors.UnsafePath):
        scan(folder)


@pytest.mark.skipif(
    not hasattr(os, "symlink") or os.name == "nt", reason="links need rights on Windows"
)
def test_a_snapshot_of_the_hub_cache_may_link_to_its_blobs(tmp_path: Path) -> None:
    real = write_folder(tmp_path / "models--a--b" / "blobs")
    snapshot = tmp_path / "models--a--b" / "snapshots" / "0123abc"
    snapshot.mkdir(parents=True)
    for path in real.iterdir():
        (snapshot / path.name).symlink_to(path)
    assert scan(snapshot).parameters == 136


def test_pipes_and_too_many_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_folder(tmp_path / "m")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")
        with pytest.raises(errors.NotAModel):
            scan(folder)
        (folder / "pipe").unlink()
    monkeypatch.setattr("steelyard.formats.folder_files.MAX_FILES", 3)
    with pytest.raises(errors.TooLarge):
        scan(folder)
    deep = write_folder(tmp_path / "deep", **{"a/b/c/d/e/f/g.txt": "x"})
    with pytest.raises(errors.TooLarge):
        scan(deep)


@settings(max_examples=60, deadline=None)
@given(edits=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=5))
def test_any_mutation_of_a_model_scans_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int]]
) -> None:
    data = bytearray(tiny_llama(tokenizer__chat_template=TEMPLATE))
    for position, byte in edits:
        data[position] = byte
    path = tmp_path_factory.getbasetemp() / "scanned.gguf"
    path.write_bytes(bytes(data))
    try:
        facts = scan(path)
    except SteelyardError:
        return
    assert ModelFacts.from_json(json.loads(json.dumps(facts.as_json()))) == facts


def test_weights_that_the_index_does_not_name_are_judged_too(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m")
    scan(folder)
    (folder / "more.safetensors").write_bytes(frame(b'{"a": 1}'))
    with pytest.raises(errors.SafetensorsMalformed):
        scan(folder)
