"""Folders in Hugging Face layout (THREATS 24 to 29): read for what they are, refused where they point elsewhere."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from formats.safetensors_builder import CONFIG, TEMPLATE, TENSORS, build_safetensors, write_folder
from steelyard.base.digests import digest_of
from steelyard.base.errors import Json, SteelyardError
from steelyard.formats import errors
from steelyard.formats.hf_config import read_folder
from steelyard.formats.hf_references import check_references, stays_inside


def test_a_complete_folder_is_read(tmp_path: Path) -> None:
    folder = read_folder(write_folder(tmp_path / "m"))
    config = folder.config
    assert (config.model_type, config.architectures) == ("llama", ("LlamaForCausalLM",))
    assert (config.hidden_size, config.layers, config.heads, config.kv_heads) == (8, 1, 2, 1)
    assert (config.vocab_size, config.context_length, config.dtype) == (16, 64, "bfloat16")
    assert folder.parameters == 16 * 8 + 8
    assert folder.dominant_dtype == "BF16"
    assert folder.chat_template == TEMPLATE
    assert (folder.bos_token, folder.eos_token) == (None, "</s>")
    assert folder.tokenizer_digest == digest_of((tmp_path / "m" / "tokenizer.json").read_bytes())
    assert folder.findings == ()


def test_an_escaped_emoji_is_whole_text(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m", config__json='{"model_type": "a\\ud83c\\udf0d"}')
    assert read_folder(folder).config.model_type == "a🌍"


def test_other_spellings_and_nested_text_configs_are_understood(tmp_path: Path) -> None:
    old = {
        "model_type": "gpt2",
        "n_embd": 4,
        "n_layer": 2,
        "n_head": 1,
        "n_positions": 32,
        "dtype": "float16",
    }
    config = read_folder(write_folder(tmp_path / "old", config__json=old)).config
    assert (config.hidden_size, config.layers, config.heads, config.context_length) == (4, 2, 1, 32)
    assert config.dtype == "float16"
    nested = {"model_type": "vision", "text_config": {**CONFIG, "max_position_embeddings": 77}}
    assert (
        read_folder(write_folder(tmp_path / "v", config__json=nested)).config.context_length == 77
    )


def test_tokens_may_be_objects_or_lie_in_the_special_tokens_map(tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "m",
        tokenizer_config__json={"bos_token": {"content": "<s>", "lstrip": False}},
        special_tokens_map__json={"eos_token": {"content": "</s>"}, "bos_token": "<other>"},
    )
    read = read_folder(folder)
    assert (read.bos_token, read.eos_token) == ("<s>", "</s>")


def test_the_chat_template_is_found_where_transformers_finds_it(tmp_path: Path) -> None:
    listed = [{"name": "tool_use", "template": "T"}, {"name": "default", "template": "D"}]
    folder = write_folder(tmp_path / "m", tokenizer_config__json={"chat_template": listed})
    assert read_folder(folder).chat_template == "D"
    write_folder(folder, chat_template__json={"chat_template": "J"})
    assert read_folder(folder).chat_template == "J"
    write_folder(folder, chat_template__jinja="file ü")
    assert read_folder(folder).chat_template == "file ü"
    write_folder(folder, chat_template__jinja=b"\xff")
    with pytest.raises(errors.ConfigMalformed):
        read_folder(folder)


def test_the_tokenizer_digest_takes_the_files_that_define_it(tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "m", tokenizer__json=None, vocab__json="{}", merges__txt="a b\n"
    )
    digests = [digest_of(b"{}"), digest_of(b"a b\n")]
    joined = "".join(f"{digest}\n" for digest in digests).encode()
    assert read_folder(folder).tokenizer_digest == f"sha256:{hashlib.sha256(joined).hexdigest()}"
    write_folder(folder, tokenizer__json=None, tokenizer__model=b"\x0a\x0bspm")
    assert read_folder(folder).tokenizer_digest == digest_of(b"\x0a\x0bspm")
    bare = write_folder(tmp_path / "bare", tokenizer__json=None)
    assert read_folder(bare).tokenizer_digest is None


def test_packed_weights_have_no_parameter_count(tmp_path: Path) -> None:
    packed = {**CONFIG, "quantization_config": {"quant_method": "gptq", "bits": 4}}
    folder = read_folder(write_folder(tmp_path / "m", config__json=packed))
    assert folder.parameters is None
    assert folder.config.quantization == "GPTQ 4-bit"


def test_what_a_folder_must_have(tmp_path: Path) -> None:
    with pytest.raises(errors.NotAModel, match=r"no config\.json"):
        read_folder(write_folder(tmp_path / "a", config__json=None))
    with pytest.raises(errors.NotAModel, match=r"no model\.safetensors"):
        read_folder(write_folder(tmp_path / "b", model__safetensors=None))
    part = {"model-00001-of-00002.safetensors": build_safetensors(TENSORS)}
    with pytest.raises(errors.ShardMissing, match=r"index\.json"):
        read_folder(write_folder(tmp_path / "c", model__safetensors=None, **part))


@pytest.mark.parametrize(
    "config",
    ["[]", '{"a": 1, "a": 2}', "not json", '{"hidden_size": NaN}', "\ufeff{}", '{"hidden_size": -1}',
     '{"num_hidden_layers": "many"}', '{"vocab_size": 1.5}', '{"model_type": 3}', '{"architectures": [1]}',
     '{"hidden_size": true}', '{"model_type": "\\ud800"}', '{"x": ["\\uDFFF"]}'],
)  # fmt: skip
def test_a_malformed_config_is_refused(tmp_path: Path, config: str) -> None:
    with pytest.raises(errors.ConfigMalformed):
        read_folder(write_folder(tmp_path / "m", config__json=config))


@pytest.mark.parametrize(
    "config",
    ['{"num_hidden_layers": 100000}', '{"vocab_size": 99999999999999999999}', "[" * 100_000,
     '{"a": [' + "0," * 600_000 + "0]}", '{"a": "' + "x" * 9_000_000 + '"}'],
    ids=["layers", "vocabulary", "nesting", "values", "size"],
)  # fmt: skip
def test_an_absurd_config_is_refused(tmp_path: Path, config: str) -> None:
    with pytest.raises((errors.TooLarge, errors.ConfigMalformed)):
        read_folder(write_folder(tmp_path / "m", config__json=config))


def test_25_code_beside_the_config_is_a_finding(tmp_path: Path) -> None:
    auto_map = {"AutoConfig": "configuration_x.XConfig", "AutoTokenizer": ["tok.Slow", None]}
    folder = read_folder(
        write_folder(tmp_path / "m", config__json={**CONFIG, "auto_map": auto_map})
    )
    (finding,) = folder.findings
    assert "configuration_x.XConfig" in finding
    assert "never run" in finding
    tokenizer = {"auto_map": {"AutoTokenizer": ["tok.Slow", None]}}
    folder = read_folder(write_folder(tmp_path / "t", tokenizer_config__json=tokenizer))
    assert "tok.Slow" in folder.findings[0]


@pytest.mark.parametrize(
    ("file", "value"),
    [
        ("config.json", {"auto_map": {"AutoModel": "someone/else--modeling.Model"}}),
        (
            "config.json",
            {"text_config": {"auto_map": {"AutoModel": "someone/else--modeling.Model"}}},
        ),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": [None, "a/b--tok.Fast"]}}),
        ("config.json", {"custom_pipelines": {"x": {"impl": "a/b--pipeline.P"}}}),
        ("adapter_config.json", {"base_model_name_or_path": "someone/base", "peft_type": "LORA"}),
        ("config.json", {"backbone": "microsoft/resnet-50", "use_pretrained_backbone": True}),
        ("config.json", {"backbone": "resnet50", "use_pretrained_backbone": True}),
        ("generation_config.json", {"custom_generate": "someone/generate"}),
    ],
)
def test_29_another_repository_is_refused(
    tmp_path: Path, file: str, value: dict[str, Json]
) -> None:
    base = CONFIG if file == "config.json" else {}
    folder = write_folder(tmp_path / "m", **{file: {**base, **value}})
    with pytest.raises(errors.RemoteCode) as caught:
        read_folder(folder)
    assert caught.value.facts["file"] == file


@pytest.mark.parametrize(
    "value",
    ["kernels-community/flash-attn3", "kernels-community/flash-attn3:func", "a/b@main", "os.system",
     {"text_config": "evil/kernel"}, ["sdpa", "evil/kernel"], "paged|evil/kernel", "Flash Attention", ""],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize(
    "key", ["_attn_implementation", "attn_implementation", "experts_implementation"]
)
def test_26_an_implementation_that_names_code_is_refused(
    tmp_path: Path, key: str, value: Any
) -> None:
    for config in ({**CONFIG, key: value}, {**CONFIG, "text_config": {key: value}}):
        with pytest.raises(errors.RemoteCode):
            read_folder(write_folder(tmp_path / "m", config__json=config))


@pytest.mark.parametrize(
    "value", ["sdpa", "eager", "flash_attention_2", "paged|sdpa", None, {"vision": "sdpa"}], ids=str
)
def test_a_built_in_implementation_is_no_code(value: Any) -> None:
    assert check_references("config.json", {"_attn_implementation": value}) == ()


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../../secrets", "a/../../b", "C:\\Users\\x", "\\\\host\\share", "~/x", "..\\x",
     "file:///etc/passwd", "https://host/x", "x\0y"],
)  # fmt: skip
@pytest.mark.parametrize("key", ["vocab_file", "merges_file", "tokenizer_file", "sp_model_file"])
def test_27_a_vocabulary_outside_the_folder_is_refused(tmp_path: Path, key: str, name: str) -> None:
    folder = write_folder(tmp_path / "m", tokenizer_config__json={key: name})
    with pytest.raises(errors.UnsafePath):
        read_folder(folder)
    assert not stays_inside(name)


def test_references_that_stay_inside_are_no_findings(tmp_path: Path) -> None:
    tokenizer = {
        "vocab_file": "vocab.json", "merges_file": "sub/merges.txt", "tokenizer_file": None,
        "name_or_path": "/home/someone/model", "special_tokens_map_file": "/root/.cache/x.json",
    }  # fmt: skip
    folder = write_folder(
        tmp_path / "m",
        tokenizer_config__json=tokenizer,
        config__json={**CONFIG, "_name_or_path": "someone/base", "backbone": None},
    )
    assert read_folder(folder).findings == ()


def test_asking_for_trust_is_a_finding() -> None:
    assert len(check_references("config.json", {"trust_remote_code": True})) == 1
    assert check_references("config.json", {"trust_remote_code": False}) == ()


def test_references_nested_too_deeply_are_refused() -> None:
    value: Json = {}
    for _ in range(100):
        value = {"a": value}
    assert isinstance(value, dict)
    with pytest.raises(errors.TooLarge):
        check_references("config.json", value)


def test_an_index_with_shards_is_read(tmp_path: Path) -> None:
    names = {
        "model-00001-of-00002.safetensors": build_safetensors({"a": ("F16", (2, 4))}),
        "model-00002-of-00002.safetensors": build_safetensors({"b": ("F16", (3,))}),
        "model.safetensors.index.json": json.dumps(
            {
                "weight_map": {
                    "a": "model-00001-of-00002.safetensors",
                    "b": "model-00002-of-00002.safetensors",
                }
            }
        ),
    }
    folder = read_folder(write_folder(tmp_path / "m", model__safetensors=None, **names))
    assert (len(folder.weights), folder.parameters) == (2, 11)


def test_every_refusal_has_words_and_a_code(tmp_path: Path) -> None:
    config = {**CONFIG, "auto_map": {"AutoModel": "a/b--c.D"}}
    with pytest.raises(SteelyardError) as caught:
        read_folder(write_folder(tmp_path / "m", config__json=config))
    assert caught.value.code == "remote-code"
    assert "Nothing was fetched or run" in caught.value.diagnosis()


@pytest.mark.parametrize("name", [[], {"a": 1}, None, 7])
def test_a_template_named_by_no_text_is_passed_over(tmp_path: Path, name: Any) -> None:
    templates = [{"name": name, "template": "x"}, "no entry", {"name": "default", "template": "y"}]
    tokenizer = {"chat_template": templates}
    folder = read_folder(write_folder(tmp_path / "m", tokenizer_config__json=tokenizer))
    assert folder.chat_template == "y"
