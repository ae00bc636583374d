"""Export of trained weights: a Hugging Face folder in F16, and GGUF files in Q8_0 and Q4_K_M made from it.

All three hold the same numbers: weights are rounded to F16 once, and the GGUF files are quantized from those.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import torch
from gguf import GGUFWriter, LlamaFileType, TokenType
from safetensors.torch import load_file
from tokenizer import CHAT_TEMPLATE, CONTROL, END, UNUSED, save_tokenizer
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

DESCRIPTION = "Starter: checks this installation, not for work"
NAME = "Steelyard Starter"
LICENSE_ID = "apache-2.0"

QUANTIZATIONS: dict[str, int] = {
    "Q8_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0,
    "Q4_K_M": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M,
}


def save_hf(
    model: LlamaForCausalLM, tokenizer: Tokenizer, folder: Path, license_file: Path
) -> None:
    """Write config, F16 weights, tokenizer and license to `folder`, loadable without remote code."""
    folder.mkdir(parents=True, exist_ok=True)
    model.to(torch.float16).save_pretrained(str(folder))
    save_tokenizer(tokenizer, folder)
    rewrite(
        folder / "tokenizer_config.json",
        drop=("backend",),
        tokenizer_class="PreTrainedTokenizerFast",
    )
    # The library's version says nothing about the model, and would change the bytes with every upgrade.
    rewrite(folder / "config.json", drop=("transformers_version",))
    rewrite(folder / "generation_config.json", drop=("transformers_version",))
    shutil.copyfile(license_file, folder / "LICENSE")


def rewrite(path: Path, drop: tuple[str, ...] = (), **changes: Any) -> None:
    """Change some keys of a JSON file and write it with sorted keys."""
    content = {
        key: value for key, value in json.loads(path.read_text("utf-8")).items() if key not in drop
    }
    content.update(changes)
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def rope_order(weight: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """Rows of a query or key matrix in llama.cpp's order.

    transformers rotates the two halves of a head against each other, llama.cpp neighbouring pairs;
    so rows (half, pair) become (pair, half) within each head, as llama.cpp's own converter does for
    this architecture.
    """
    rows, columns = weight.shape
    return (
        weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)
    )


def write_f16_gguf(hf: Path, target: Path) -> int:
    """Write the F16 GGUF of a Hugging Face folder; returns the number of parameters."""
    config = json.loads((hf / "config.json").read_text("utf-8"))
    weights = {name: tensor.numpy() for name, tensor in load_file(hf / "model.safetensors").items()}
    writer = GGUFWriter(str(target), "llama")
    writer.add_name(NAME)
    writer.add_description(DESCRIPTION)
    writer.add_license(LICENSE_ID)
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    writer.add_vocab_size(config["vocab_size"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    add_tokenizer(writer, json.loads((hf / "tokenizer.json").read_text("utf-8")))
    add_tensors(writer, config, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return sum(weight.size for weight in weights.values())


def add_tokenizer(writer: GGUFWriter, tokenizer: dict[str, Any]) -> None:
    """Vocabulary, merges, control tokens and chat template from the text of `tokenizer.json`."""
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    tokens = sorted(vocabulary, key=lambda token: vocabulary[token])
    merges = [m if isinstance(m, str) else " ".join(m) for m in tokenizer["model"]["merges"]]
    types = [TokenType.CONTROL if token in CONTROL else TokenType.NORMAL for token in tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    # llama.cpp takes id 11 for a missing BOS; naming one that no prompt contains avoids that.
    writer.add_bos_token_id(vocabulary[UNUSED])
    writer.add_add_bos_token(value=False)
    writer.add_eos_token_id(vocabulary[END])
    writer.add_eot_token_id(vocabulary[END])
    writer.add_pad_token_id(vocabulary[UNUSED])
    writer.add_chat_template(CHAT_TEMPLATE)


def add_tensors(
    writer: GGUFWriter, config: dict[str, Any], weights: dict[str, np.ndarray[Any, Any]]
) -> None:
    """All tensors under llama.cpp's names; norms as F32, which every engine expects."""
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    writer.add_tensor("token_embd.weight", weights["model.embed_tokens.weight"])
    writer.add_tensor("output_norm.weight", weights["model.norm.weight"].astype(np.float32))
    for layer in range(config["num_hidden_layers"]):
        ours, theirs = f"blk.{layer}", f"model.layers.{layer}"
        attention, mlp = f"{theirs}.self_attn", f"{theirs}.mlp"
        query, key = weights[f"{attention}.q_proj.weight"], weights[f"{attention}.k_proj.weight"]
        attention_norm = weights[f"{theirs}.input_layernorm.weight"].astype(np.float32)
        mlp_norm = weights[f"{theirs}.post_attention_layernorm.weight"].astype(np.float32)
        writer.add_tensor(f"{ours}.attn_norm.weight", attention_norm)
        writer.add_tensor(f"{ours}.attn_q.weight", rope_order(query, heads))
        writer.add_tensor(f"{ours}.attn_k.weight", rope_order(key, kv_heads))
        writer.add_tensor(f"{ours}.attn_v.weight", weights[f"{attention}.v_proj.weight"])
        writer.add_tensor(f"{ours}.attn_output.weight", weights[f"{attention}.o_proj.weight"])
        writer.add_tensor(f"{ours}.ffn_norm.weight", mlp_norm)
        writer.add_tensor(f"{ours}.ffn_gate.weight", weights[f"{mlp}.gate_proj.weight"])
        writer.add_tensor(f"{ours}.ffn_up.weight", weights[f"{mlp}.up_proj.weight"])
        writer.add_tensor(f"{ours}.ffn_down.weight", weights[f"{mlp}.down_proj.weight"])


def quantize(source: Path, target: Path, quantization: str) -> None:
    """Quantize a GGUF file with llama.cpp. Raises OSError when llama.cpp refuses."""
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = QUANTIZATIONS[quantization]
    parameters.nthread = 2
    refused = llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), parameters)
    if refused:
        raise OSError(f"llama.cpp could not quantize {source} to {quantization}")
