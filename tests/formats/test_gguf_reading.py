"""Well-formed GGUF files read exactly as the reference package reads them, quickly and in little memory."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import gguf
import pytest

from formats.gguf_builder import (
    ARRAY,
    BOOL,
    F16,
    FLOAT64,
    INT8,
    INT16,
    INT64,
    Q4_K,
    Q6_K,
    Q8_0,
    UINT8,
    UINT16,
    UINT64,
    Tensor,
    Typed,
    build_gguf,
    llama_8b_header,
    tiny_llama,
)
from formats.measured import run_measured
from steelyard.formats import gguf_types
from steelyard.formats.gguf import GgufHeader, read_header, write_sparse_twin
from steelyard.formats.gguf_checks import odd_things, spare_bytes
from steelyard.formats.gguf_cursor import NumberArray, StringArray
from steelyard.formats.gguf_tokenizer import tokenizer_digest

MODELS = {
    "ggml-vocab-gpt-2.gguf": "6a6f43383097ede2133132f615d01e32fb20d112d8b8c31f0114cafa0bee236c",
    "ggml-vocab-llama-spm.gguf": "8bbec7f1876930e4ef4a474ac830161647da97863d68a066426a5ffc68bb1662",
    "ggml-vocab-phi-3.gguf": "7b504391b75d49ba5b275e52bf8aa8eb7042c345e8bf301b3a0557697b39ee21",
    "ggml-vocab-qwen2.gguf": "e402673cc5f72c5f2628248e7c23f0aaaa9c5d61f6fb8d33e056f44bf3ba74b9",
    "stories260K-F32.gguf": "b741e0e3f46c7dfba23897a366efc9e1058777d3947fdca1591b48e74f321881",
}
"""`fingerprint` of each file as gguf 0.19.0 reads it: SHA-256 over every key, type, value and tensor."""

FAST_IN_THE_REFERENCE = sorted(set(MODELS) - {"ggml-vocab-qwen2.gguf"})
"""The package takes 11 s of processor time for the other one."""


def fingerprint(header: GgufHeader) -> str:
    hasher = hashlib.sha256()
    for key, value in header.metadata.items():
        plain = list(value) if isinstance(value, NumberArray | StringArray) else value
        hasher.update(json.dumps([key, header.value_types[key], plain]).encode())
    for tensor in header.tensors:
        place = header.data_offset + tensor.offset
        entry = [tensor.name, tensor.shape, tensor.type.name, tensor.size_bytes, place]
        hasher.update(json.dumps(entry).encode())
    return hasher.hexdigest()


def assert_reads_as_reference(path: Path) -> None:
    ours, theirs = read_header(path), gguf.GGUFReader(path)
    fields = {key: f for key, f in theirs.fields.items() if not key.startswith("GGUF.")}
    assert list(ours.metadata) == list(fields)
    assert ours.version == theirs.fields["GGUF.version"].contents()
    assert ours.alignment == theirs.alignment
    for key, field in fields.items():
        value = ours.metadata[key]
        assert ours.value_types[key] == field.types[0], key
        if isinstance(value, NumberArray | StringArray):
            assert list(value) == field.contents(), key
            assert not len(value) or value.item_type == field.types[1], key
        else:
            assert value == field.contents(), key
    assert len(ours.tensors) == len(theirs.tensors)
    for mine, reference in zip(ours.tensors, theirs.tensors, strict=True):
        assert mine.name == reference.name
        assert mine.shape == tuple(int(length) for length in reference.shape)
        assert mine.type.name == reference.tensor_type.name
        assert mine.size_bytes == reference.n_bytes
        assert mine.elements == reference.n_elements
        assert ours.data_offset + mine.offset == reference.data_offset


@pytest.mark.parametrize("name", MODELS)
def test_a_published_file_reads_as_it_was_recorded(shared_folder: Path, name: str) -> None:
    assert fingerprint(read_header(shared_folder / "models" / name)) == MODELS[name]


@pytest.mark.parametrize("name", FAST_IN_THE_REFERENCE)
def test_a_published_file_reads_as_the_reference_package_reads_it(
    shared_folder: Path, name: str
) -> None:
    assert_reads_as_reference(shared_folder / "models" / name)


def test_every_value_type_reads_as_the_reference_package_reads_it(tmp_path: Path) -> None:
    metadata = {
        "general.architecture": "llama",
        "a.u8": Typed(UINT8, 255),
        "a.i8": Typed(INT8, -128),
        "a.u16": Typed(UINT16, 65_535),
        "a.i16": Typed(INT16, -32_768),
        "a.u32": 4_294_967_295,
        "a.i32": -5,
        "a.f32": 0.1,
        "a.bool": True,
        "a.text": "grüße 🌍",
        "a.u64": Typed(UINT64, 2**64 - 1),
        "a.i64": Typed(INT64, -(2**63)),
        "a.f64": Typed(FLOAT64, 0.1),
        "a.numbers": Typed(ARRAY, [1, 2, 3], INT64),
        "a.bools": Typed(ARRAY, [True, False], BOOL),
        "a.texts": ["", "ß", "x" * 300],
        "a.none": [],
    }
    tensors = [
        Tensor("a", (256, 3), Q4_K),
        Tensor("b", (5,)),
        Tensor("c", (32, 2, 2), Q8_0),
        Tensor("d", (7, 1, 1, 3), F16),
        Tensor("e", (512,), Q6_K),
    ]
    for version in (2, 3):
        path = tmp_path / f"{version}.gguf"
        path.write_bytes(build_gguf(metadata, tensors, version=version, alignment=64))
        assert_reads_as_reference(path)


def test_the_type_table_agrees_with_the_reference_package() -> None:
    reference = {
        int(kind): (kind.name, *sizes) for kind, sizes in gguf.constants.GGML_QUANT_SIZES.items()
    }
    ours = {
        number: (kind.name, kind.block_elements, kind.type_bytes)
        for number, kind in gguf_types.TENSOR_TYPES.items()
    }
    # The package says 40 bytes for Q8_1; ggml-common.h has two half floats and 32 bytes.
    assert reference.pop(9) == ("Q8_1", 32, 40)
    assert reference.items() <= ours.items()
    names = {int(kind): kind.name for kind in gguf.LlamaFileType}
    for number, name in gguf_types.FILE_TYPES.items():
        if number in names:
            assert names[number] in (f"MOSTLY_{name}", f"ALL_{name}")
    assert set(names) - {1024} <= set(gguf_types.FILE_TYPES)


@pytest.mark.parametrize(
    ("number", "bits"),
    [(12, 4.5), (14, 6.5625), (8, 8.5), (39, 4.25), (16, 2.0625), (34, 1.6875), (19, 1.5625)],
)
def test_bits_per_weight_are_the_published_ones(number: int, bits: float) -> None:
    assert gguf_types.TENSOR_TYPES[number].bits_per_weight == bits


def test_a_sparse_8b_header_with_a_128k_vocabulary_is_read_fast_and_small(tmp_path: Path) -> None:
    path = llama_8b_header().write(tmp_path / "8b.gguf")
    assert path.stat().st_blocks * 512 < 16 * 2**20
    header = read_header(path)
    assert header.parameters == 8_030_261_248
    assert header.context_length == 131_072
    assert header.block_count == 32
    assert header.vocabulary_size == 128_256
    assert header.quantization == "F16"
    assert header.license == "llama3.1"
    assert header.weights_bytes == 2 * (8_030_261_248 - 65 * 4096) + 4 * 65 * 4096
    code = (
        "from pathlib import Path\n"
        "from steelyard.formats.gguf import read_header\n"
        "print(json.dumps(measured(lambda: len(read_header(Path(sys.argv[1])).tensors))))"
    )
    # Whatever else runs on the same cores only adds to the time.
    costs = [run_measured(code, str(path)) for _ in range(3)]
    assert {cost["result"] for cost in costs} == {291}
    assert max(cost["grown_bytes"] for cost in costs) < 60 * 2**20  # 19 MiB measured
    assert min(cost["cpu_s"] for cost in costs) < 0.5  # 0.26 s measured


def test_a_sparse_twin_has_the_header_the_size_and_no_data(tmp_path: Path) -> None:
    source = tmp_path / "tiny.gguf"
    source.write_bytes(tiny_llama())
    twin = write_sparse_twin(source, tmp_path / "twin.gguf")
    original = read_header(source)
    copied = twin.path.read_bytes()
    assert len(copied) == source.stat().st_size
    assert copied[: original.data_offset] == source.read_bytes()[: original.data_offset]
    assert twin.tensors == original.tensors
    with pytest.raises(Exception, match="could not be read"):
        write_sparse_twin(source, twin.path)


def test_facts_come_from_the_header(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(tiny_llama(general__license="mit", tokenizer__chat_template="{{ x }}"))
    header = read_header(path)
    assert (header.architecture, header.name, header.license) == ("llama", "tiny", "mit")
    assert (header.block_count, header.embedding_length, header.context_length) == (1, 32, 128)
    assert header.chat_template == "{{ x }}"
    assert header.parameters == sum(tensor.elements for tensor in header.tensors) == 26_016
    assert odd_things(header) == ()


def test_without_a_file_type_the_dominant_tensor_type_names_the_quantization(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(
        build_gguf(
            {"general.architecture": "x"}, [Tensor("a", (256, 9), Q4_K), Tensor("b", (256, 8))]
        )
    )
    assert read_header(path).quantization == "Q4_K"


def test_odd_but_harmless_things_are_told(tmp_path: Path) -> None:
    path = tmp_path / "odd.gguf"
    path.write_bytes(
        tiny_llama(general__file_type=15, tokenizer__ggml__bos_token_id=9999) + b"x" * 64
    )
    told = "\n".join(odd_things(read_header(path)))
    assert "Q4_K_M, but most weights are F32" in told
    assert "bos_token_id is 9999" in told
    assert spare_bytes(read_header(path)) == 64


def test_the_tokenizer_digest_follows_the_definition_and_nothing_else(tmp_path: Path) -> None:
    def digest(**changes: object) -> str | None:
        path = tmp_path / "t.gguf"
        path.write_bytes(tiny_llama(**changes))
        return tokenizer_digest(read_header(path))

    base = digest()
    assert base is not None
    assert base.startswith("sha256:")
    assert digest(general__name="another", general__file_type=1) == base
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁the", "▁b"]
    assert digest(tokenizer__ggml__tokens=tokens) != base
    assert digest(tokenizer__ggml__merges=["a b"]) != base
    assert digest(tokenizer__ggml__model="gpt2") != base
    path = tmp_path / "none.gguf"
    path.write_bytes(build_gguf({"general.architecture": "x"}))
    assert tokenizer_digest(read_header(path)) is None
