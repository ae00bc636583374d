"""What the fuzzers feed: one entry per reader of files from outside, its seeds and its limits.

A target takes any bytes and either returns or raises; only `SteelyardError` may come out of a reader, so
anything that leaves a target is a bug. `fuzz_readers.py` drives them with atheris, `test_fuzzing.py` with
hypothesis. A target writes its input into the folder it is given: readers are judged through real files.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from formats.gguf_builder import (
    ARRAY,
    INT32,
    UINT16,
    Tensor,
    Typed,
    build_gguf,
    small_gguf,
    tiny_llama,
)
from formats.hostile_templates import ESCAPES, SILENT
from formats.safetensors_builder import CONFIG, TEMPLATE, TENSORS, build_safetensors, frame
from steelyard.base.digests import digest_of
from steelyard.base.errors import SteelyardError
from steelyard.bundles.checking import Rules
from steelyard.bundles.manifest import (
    BundleManifest,
    CarriedFile,
    CarriedModel,
    Sender,
    read_manifest,
)
from steelyard.bundles.tar import END, header, padded
from steelyard.bundles.verifying import look
from steelyard.formats.bounded_json import loads_bounded
from steelyard.formats.content import identify
from steelyard.formats.folder_scan import judge_file
from steelyard.formats.gguf import read_header as read_gguf
from steelyard.formats.gguf_facts import gguf_facts
from steelyard.formats.hf_config import read_folder
from steelyard.formats.hf_facts import hf_facts
from steelyard.formats.safetensors import read_header as read_safetensors
from steelyard.formats.template_lint import lint
from steelyard.signing.trust import TrustList
from steelyard.store.records import FileEntry, Manifest, Source, Trust

FILE_LIMIT_S = 0.1
"""Processor time for one file."""
FILE_LIMIT_BYTES = 50 * 2**20
"""Memory for one file."""
_SEPARATOR = b"\n\0\n"
"""Between the files of a folder in one input."""


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes:
        run: takes a folder to write into and the input; raises only when there is a bug.
        seeds: inputs to begin with.
        words: what the format is made of, for the mutator.
        limit_s: processor time one input may take.
        limit_bytes: memory one input may take.
    """

    run: Callable[[Path, bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...]
    largest_bytes: int = 8192
    limit_s: float = FILE_LIMIT_S
    limit_bytes: int = FILE_LIMIT_BYTES


def _gguf(folder: Path, data: bytes) -> None:
    path = folder / "x.gguf"
    path.write_bytes(data)
    try:
        header = read_gguf(path)
        if header.chat_template is None:  # a template has a target of its own
            gguf_facts((header,))
    except SteelyardError:
        pass


def _safetensors(folder: Path, data: bytes) -> None:
    path = folder / "x.safetensors"
    path.write_bytes(data)
    try:
        _ = read_safetensors(path).elements_by_dtype
    except SteelyardError:
        pass


def _content(folder: Path, data: bytes) -> None:
    path = folder / "x.json"
    path.write_bytes(data)
    identify(path)  # answers for any bytes
    try:
        judge_file(path, path.name)
    except SteelyardError:
        pass


def _template(folder: Path, data: bytes) -> None:
    del folder
    lint(data.decode(errors="replace"), "<s>", "</s>")  # it tells what is wrong, and raises nothing


def _json(folder: Path, data: bytes) -> None:
    del folder
    try:
        loads_bounded(data, what="The file")
    except SteelyardError:
        pass


_FOLDER_FILES = (
    "config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "model.safetensors.index.json",
    "chat_template.json",
)


def _folder(folder: Path, data: bytes) -> None:
    """One input is several files of a folder, with `_SEPARATOR` between them; an empty one is left out."""
    parts = data.split(_SEPARATOR)
    for name, part in zip(_FOLDER_FILES, [*parts, *[b""] * len(_FOLDER_FILES)], strict=False):
        if part:
            (folder / name).write_bytes(part)
        else:
            (folder / name).unlink(missing_ok=True)
    weights = folder / "model.safetensors"
    if not weights.exists():
        weights.write_bytes(build_safetensors(TENSORS))
    try:
        found = read_folder(folder)
        if found.chat_template is None or len(found.chat_template) < 200:
            hf_facts(found)
    except SteelyardError:
        pass


def _bundle(folder: Path, data: bytes) -> None:
    """A container as it lies on a stick, under the policy that has the most of it parsed."""
    path = folder / "x.steelyard"
    path.write_bytes(data)
    rules = Rules(TrustList(()), datetime(2026, 1, 1, tzinfo=UTC), allow_unsigned=True)
    try:
        look(path, rules, every_byte=True)
    except SteelyardError:
        pass


def _bundle_manifest(folder: Path, data: bytes) -> None:
    del folder
    try:
        read_manifest(data)
    except SteelyardError:
        pass


def _tar(*files: tuple[str, bytes]) -> bytes:
    pieces = [
        header(name, len(data)) + data + bytes(padded(len(data)) - len(data))
        for name, data in files
    ]
    return b"".join(pieces) + END


def _carried() -> bytes:
    """The manifest of a bundle with one small model."""
    entry = FileEntry("a.gguf", 5, digest_of(b"bytes"))
    described = Manifest(
        name="m", title="m", publisher="", format="gguf", quantization="", architecture="",
        parameters=None, context_length=None, tokenizer_digest=None, template_digest=None,
        files=(entry,), source=Source("file"),
    )  # fmt: skip
    return BundleManifest(
        serial=1,
        sender=Sender("", ""),
        created_at="2026-01-01T00:00:00.000Z",
        program="steelyard",
        models=(CarriedModel(described, "admitted", Trust()),),
        files=(CarriedFile("models/m/a.gguf", 5, entry.sha256, "weights"),),
    ).to_bytes()


def _split_gguf() -> bytes:
    metadata = {
        "split.no": Typed(UINT16, 0),
        "split.count": Typed(UINT16, 2),
        "split.tensors.count": Typed(INT32, 2),
        "general.architecture": "llama",
    }
    return build_gguf(metadata, [Tensor("blk.0.ffn_up.weight", (32, 4))])


def _rich_gguf() -> bytes:
    metadata = {
        "general.architecture": "llama",
        "general.name": "a",
        "general.size_label": "26K",
        "general.base_model.count": 1,
        "general.base_model.0.repo_url": "https://h/a/b",
        "general.alignment": 64,
        "llama.block_count": 1,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": ["a", "b"],
        "tokenizer.ggml.merges": ["a b"],
        "tokenizer.ggml.scores": [0.0, 1.0],
        "tokenizer.ggml.token_type": Typed(ARRAY, [1, 3], INT32),
        "tokenizer.ggml.bos_token_id": 1,
        "a.array": Typed(ARRAY, [True, False], 7),
    }
    return build_gguf(metadata, [Tensor("blk.0.x.weight", (32, 4), 8)], alignment=64)


def _config_seeds() -> tuple[bytes, ...]:
    config = json.dumps(CONFIG).encode()
    tokenizer = json.dumps({"eos_token": {"content": "</s>"}, "chat_template": TEMPLATE}).encode()
    index = json.dumps({"weight_map": dict.fromkeys(TENSORS, "model.safetensors")}).encode()
    named = json.dumps({"chat_template": [{"name": "default", "template": "{{ 1 }}"}]}).encode()
    nested = json.dumps({"text_config": CONFIG, "auto_map": {"AutoModel": "m.C"}}).encode()
    quantized = json.dumps({**CONFIG, "quantization_config": {"quant_method": "gptq", "bits": 4}})
    return (
        _SEPARATOR.join((config, tokenizer)),
        _SEPARATOR.join((config, tokenizer, b"{}", index)),
        _SEPARATOR.join((nested, named, b'{"bos_token": "<s>"}', b"", named)),
        _SEPARATOR.join((quantized.encode(), b'{"vocab_file": "a/../../b"}')),
    )


TARGETS = {
    "gguf": Target(
        _gguf,
        (small_gguf(), _split_gguf(), _rich_gguf(), tiny_llama()[:6000], small_gguf()[:90]),
        (
            *(number.to_bytes(4, "little") for number in range(13)),
            *(number.to_bytes(8, "little") for number in (0, 1, 2**31, 2**32, 2**62, 2**64 - 1)),
            b"GGUF", b"general.alignment", b"general.architecture", b"llama.block_count",
            b"tokenizer.ggml.tokens", b"tokenizer.ggml.scores", b"tokenizer.ggml.token_type",
            b"tokenizer.ggml.merges", b"general.file_type", b"general.size_label", b"blk.0.",
            b"general.base_model.count", b"split.count", b"<0x0A>", b"llama",
        ),
    ),
    "safetensors": Target(
        _safetensors,
        (
            build_safetensors(TENSORS),
            build_safetensors({"a": ("F32", (2, 2)), "b": ("I64", (0,))}, {"format": "pt"}),
            build_safetensors({"a": ("BOOL", ())}),
            frame(b'{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}', b"\0"),
        ),
        (
            b'"dtype"', b'"shape"', b'"data_offsets"', b'"__metadata__"', b'"F32"', b'"BF16"', b'"F4"',
            b"[0,", b"]}", b"1e99", b"-1", b"18446744073709551616", b"\\ud800", b"true", b"null",
            *(number.to_bytes(8, "little") for number in (0, 2, 64, 2**31, 2**63)),
        ),
    ),
    "content": Target(
        _content,
        (
            b"PK\x05\x06" + bytes(18),
            b"\x80\x04\x95\x0b\0\0\0\0\0\0\0}\x94\x8c\x01a\x94K\x01s.",
            b"(dp0\nVa\np1\nI1\ns.",
            b"cos\nsystem\n(S'id'\ntR.",
            small_gguf(),
            build_safetensors(TENSORS),
            b"\x93NUMPY\x01\0v\0{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
            b'{"a": 1}',
        ),
        (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x80\x02", b"GGUF", b"\x93NUMPY", b"|O",
         b"\x1f\x8b", b"ustar", b"\xff\xff\xff\xff"),
    ),
    "template": Target(
        _template,
        (
            TEMPLATE.encode(),
            *(source.encode() for source in (*ESCAPES.values(), *SILENT.values())),
        ),
        (
            b"{{", b"}}", b"{%", b"%}", b"{%-", b"-%}", b"{#", b"#}", b" for m in messages ", b"endfor",
            b" if ", b"elif", b"endif", b" set ", b"namespace(", b"range(", b"loop.index0", b"loop.last",
            b"|tojson", b"|trim", b"|join(", b"|map(", b"|selectattr(", b"|groupby(", b"|format(", b"|attr(",
            b".format(", b".split(", b".replace(", b"__class__", b"raise_exception(", b"strftime_now(",
            b"macro m()", b"endmacro", b"call m()", b"endcall", b"filter upper", b"endfilter", b"m.content",
            b"m['role']", b"add_generation_prompt", b" is defined", b" ~ ", b" * ", b" ** ", b" % ", b"[::-1]",
            b"|batch(", b"|slice(", b"|sort", b"|list", b"|string", b"|length", b"10**9", b"cycler(", b"dict(",
        ),
        limit_s=6.0,  # nine renders, each stopped after 0.6 s
        limit_bytes=256 * 2**20,  # THREATS 31
        largest_bytes=2048,
    ),
    "json": Target(
        _json,
        (b'{"a": [1, 2.5e3, "\\ud83c\\udf0d", null, true, {"b": []}]}', b"[" * 50 + b"]" * 50, b'"\\ud800"'),
        (b"\\ud800", b"\\u0000", b"1e999", b"-0", b"NaN", b"Infinity", b"{", b"[", b'"a":', b"\xef\xbb\xbf",
         b"\xed\xa0\x80"),
    ),
    "bundle": Target(
        _bundle,
        (
            _tar(("models/m/a.gguf", b"bytes"), ("bundle.json", _carried())),
            _tar(("models/m/" + "n" * 120, b""), ("bundle.json", b"{}"), ("signatures/a.json", b"{}")),
            header("models/m/a.gguf", 2**40),
        ),
        (
            b"ustar\x0000", b"PaxHeader", b" path=", b" size=", b"11 size=", b"0000644\0", b"x", b"0", b"\0",
            b"bundle.json", b"signatures/", b"models/m/", b"blocks/", b"../", b"77777777777\0", b"\x80",
            b'"serial":', b'"files":', b'"models":', b'"sha256:', b'"kind":', b'"format":1', bytes(512),
        ),
    ),
    "bundle-manifest": Target(
        _bundle_manifest,
        (_carried(), b"{}"),
        (b'"serial":', b'"files":', b'"models":', b'"sha256:', b'"kind":"weights"', b'"path":"models/', b"null",
         b"true", b"-1", b"9007199254740993", b"[]", b"{}", b'"size_bytes":', b'"trust":', b'"digest":'),
    ),
    "folder": Target(
        _folder,
        _config_seeds(),
        (
            _SEPARATOR, b'"auto_map"', b'"chat_template"', b'"weight_map"', b'"name"', b'"default"',
            b'"text_config"', b'"quantization_config"', b'"architectures"', b'"model_type"', b'"bos_token"',
            b'"content"', b'"vocab_file"', b'"_attn_implementation"', b'"backbone"', b'"../x"', b'"a--b"',
            b"[]", b"{}", b"null", b"true", b"1e99", b"-1", b'[{"name":', b'"bits"', b'"hidden_size"',
        ),
    ),
}  # fmt: skip
