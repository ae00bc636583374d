"""Which files make up a model, by their names alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.base.errors import SteelyardError
from steelyard.connections.errors import FileNotInRepository
from steelyard.formats.file_names import MOST_PARTS, split_parts, stem_of
from steelyard.intake.choosing import WITNESS_BYTES, choose
from steelyard.intake.errors import ChooseFile


def sizes(*paths: str) -> dict[str, int | None]:
    return dict.fromkeys(paths, 10)


def test_a_projector_beside_a_model_is_no_choice() -> None:
    choice = choose(sizes("mmproj-model-f16.gguf", "model-Q4_K_M.gguf"))
    assert choice.weights == ("model-Q4_K_M.gguf",)


def test_safetensors_weights_are_taken_once() -> None:
    choice = choose(
        sizes(
            "config.json",
            "model.safetensors.index.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "consolidated.00.safetensors",
            "tokenizer.json",
            "vae/model.safetensors",
        )
    )
    assert choice.weights == (
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    )
    assert "model.safetensors.index.json" in choice.paths
    assert not any("consolidated" in path or "/" in path for path in choice.paths)


def test_gguf_beside_safetensors_asks_which() -> None:
    files = sizes("config.json", "model.safetensors", "model-Q8_0.gguf")
    with pytest.raises(ChooseFile):
        choose(files)
    assert choose(files, "model-Q8_0.gguf").format == "gguf"
    assert choose(files, "model.safetensors").format == "safetensors"
    assert choose(files, "safetensors").format == "safetensors"


def test_a_quantization_that_several_have_asks_which() -> None:
    files = sizes("a-Q4_K_M.gguf", "a-Q4_K_S.gguf", "sub/a-Q8_0.gguf")
    with pytest.raises(ChooseFile) as refusal:
        choose(files, "Q4_K")
    assert len(refusal.value.facts["choices"]) == 2  # type: ignore[arg-type]  # a list
    assert choose(files, "a-Q8_0.gguf").weights == ("sub/a-Q8_0.gguf",)
    with pytest.raises(FileNotInRepository):
        choose(files, "Q5_K_M")


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "readme.md",
        "LICENSE",
        "LICENCE.txt",
        "LICENSE-MIT.md",
        "COPYING",
        "NOTICE",
        "USE_POLICY.md",
    ],
)
def test_witnesses_go_along(path: str) -> None:
    assert choose(sizes("m.gguf", path)).paths == ("m.gguf", path)


@pytest.mark.parametrize(
    "path", ["LICENSE.py", "README.md.exe", "sub/LICENSE", "license.bin", "x.py"]
)
def test_others_do_not(path: str) -> None:
    assert choose(sizes("m.gguf", path)).paths == ("m.gguf",)


def test_a_witness_of_unlikely_size_stays_behind() -> None:
    for size in (None, WITNESS_BYTES + 1):
        assert choose({"m.gguf": 10, "README.md": size}).paths == ("m.gguf",)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("m.gguf", 1),
        ("m-00002-of-00003.gguf", 3),
        ("m-00001-of-99999.gguf", 1),
        ("m-00004-of-00003.gguf", 1),
        ("m-00000-of-00003.gguf", 1),
        ("M-00001-OF-00002.GGUF", 2),
    ],
)
def test_parts_of_a_split_file(path: str, parts: int) -> None:
    found = split_parts(path)
    assert len(found) == parts
    assert path in found or parts > 1
    assert len(found) <= MOST_PARTS


def test_a_stem_has_no_folder_part_or_ending() -> None:
    assert stem_of("sub/m-00002-of-00003.gguf") == "m"
    assert stem_of("m-00004-of-00003.gguf") == "m-00004-of-00003"


@given(
    st.dictionaries(
        st.text(max_size=40) | st.from_regex(r"[a-c]-0000[1-3]-of-0000[1-3]\.gguf", fullmatch=True),
        st.none() | st.integers(0, 2**50),
        max_size=8,
    ),
    st.none() | st.text(max_size=20),
)
def test_every_listing_gives_a_choice_of_its_own_files_or_a_typed_error(
    files: dict[str, int | None], wanted: str | None
) -> None:
    try:
        choice = choose(files, wanted)
    except SteelyardError:
        return
    assert set(choice.weights) <= set(choice.paths) <= set(files)
