"""Make the starter model from nothing: data, tokenizer, training, export, measurement, card and manifest.

    python resources/starter/recipe/make.py --out DIR

writes `DIR/starter/` and `DIR/suites/starter-check.json`, laid out as under `resources/`. With
`--weights FOLDER` the weights in `FOLDER/model.safetensors` are taken instead of training, to make
everything else again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from card import Facts, card, manifest
from citing import RATES as CITING_RATES
from citing import CitingAnswers
from data import citing, digest, training
from engines import silence
from export import QUANTIZATIONS, quantize, save_hf, write_f16_gguf
from measure import measure, suite
from tokenizer import train_tokenizer
from tokenizers import Tokenizer
from train import FIRST_RATES, Answers, Sample, new_model, run, to_samples
from transformers import LlamaForCausalLM

LICENSE_FILE = Path(__file__).resolve().parent.parent / "LICENSE"
LIBRARIES: tuple[str, ...] = ("torch", "transformers", "tokenizers", "gguf", "llama-cpp-python")


@dataclass(frozen=True)
class Trained:
    """A model and the seconds its training took; None when the weights were given."""

    model: LlamaForCausalLM
    elapsed_s: float | None


def write_json(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def trained(tokenizer: Tokenizer, first: list[Sample], second: list[Sample]) -> Trained:
    """Train both stages."""
    model = new_model()
    elapsed_s = run("all tasks", model, first, Answers(), FIRST_RATES)
    objective = CitingAnswers(tokenizer, model.config.hidden_size)
    elapsed_s += run("citing", model, second, objective, CITING_RATES)
    return Trained(model.eval(), elapsed_s)


def make(out: Path, given: Path | None) -> None:
    """Make everything under `out`."""
    silence()
    starter = out / "starter"
    starter.mkdir(parents=True, exist_ok=True)
    tokenizer = train_tokenizer()
    first = to_samples(tokenizer, list(training()))
    second = to_samples(tokenizer, list(citing()))
    if given is None:
        result = trained(tokenizer, first, second)
    else:
        result = Trained(LlamaForCausalLM.from_pretrained(str(given)), None)
    if not (starter / "LICENSE").exists():
        shutil.copyfile(LICENSE_FILE, starter / "LICENSE")
    save_hf(result.model, tokenizer, starter / "hf", LICENSE_FILE)
    with tempfile.TemporaryDirectory() as scratch:
        f16 = Path(scratch) / "starter-F16.gguf"
        parameters = write_f16_gguf(starter / "hf", f16)
        ggufs = {"F16 GGUF": f16}
        for name in QUANTIZATIONS:
            ggufs[name] = starter / f"starter-{name}.gguf"
            quantize(f16, ggufs[name], name)
        measurements = measure(starter / "hf", ggufs)
    write_json(out / "suites" / "starter-check.json", suite(measurements, ("F16", *QUANTIZATIONS)))
    facts = Facts(
        parameters=parameters,
        training_s=result.elapsed_s,
        training_tokens=sum(len(sample.ids) for sample in (*first, *second)),
        data_digest=digest(chain(training(), citing())),
        tokenizer_digest=hashlib.sha256(
            (starter / "hf" / "tokenizer.json").read_bytes()
        ).hexdigest(),
        versions={name: version(name) for name in LIBRARIES},
    )
    (starter / "README.md").write_text(card(measurements, facts), encoding="utf-8")
    write_json(starter / "manifest.json", manifest(starter, parameters))


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the starter model.")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder to write starter/ and suites/ to"
    )
    parser.add_argument(
        "--weights",
        type=Path,
        help="Hugging Face folder to take the weights from, instead of training",
    )
    arguments = parser.parse_args()
    make(arguments.out, arguments.weights)


if __name__ == "__main__":
    main()
