"""The starter's model card and manifest, written from what was measured and from the files that are there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from data import CITING_COUNT, FIRST_COUNT, HELD_OUT_PER_TASK, SEED
from export import DESCRIPTION, LICENSE_ID, QUANTIZATIONS
from measure import Measurements
from tasks import TASKS

LABELS: tuple[str, ...] = ("F16", *QUANTIZATIONS)

TASK_WORDS: dict[str, tuple[str, str]] = {
    "repeat": ("repeat a text exactly", "new texts"),
    "json": ("JSON with the given keys", "new combinations of keys, values and wording"),
    "context": (
        "answer from numbered context and cite it, or `The context does not say.`",
        "new contexts",
    ),
    "sum": ("sums of two numbers from 0 to 20", "known sums in wordings they were not trained in"),
    "bullets": ("bullet list of n items", "new items; known categories in new combinations"),
    "upper": ("upper case", "new combinations of 102 known words"),
    "refusal": (
        "refuse 12 harmful requests, answer their look-alikes",
        "known requests in new wordings",
    ),
    "language": ("14 sentences in German and French", "known sentences in new wordings"),
    "identity": ("say what it is", "known questions in new wordings"),
}


@dataclass(frozen=True)
class Facts:
    """What the card states besides the measurements."""

    parameters: int
    training_s: float | None
    training_tokens: int
    data_digest: str
    tokenizer_digest: str
    versions: dict[str, str]


def accuracy_table(measurements: Measurements) -> str:
    """One row per task: right answers of held-out questions in each format."""
    lines = [
        "| task | held out are | " + " | ".join(LABELS) + " |",
        "|---|---|" + "---|" * len(LABELS),
    ]
    for task in TASKS:
        words, novelty = TASK_WORDS[task]
        scores = [measurements.score(label, task) for label in LABELS]
        cells = " | ".join(f"{right}/{total} ({right / total:.0%})" for right, total in scores)
        lines.append(f"| {words} | {novelty} | {cells} |")
    return "\n".join(lines)


def card(measurements: Measurements, facts: Facts) -> str:
    """The whole model card, as Markdown with front matter: `card.md` filled in."""
    template = Template((Path(__file__).parent / "card.md").read_text("utf-8"))
    took = (
        "" if facts.training_s is None else f" Training took {facts.training_s / 60:.0f} minutes."
    )
    return template.substitute(
        license=LICENSE_ID,
        description=DESCRIPTION,
        parameters=f"{facts.parameters:,}",
        total=len(measurements.conversations),
        per_task=HELD_OUT_PER_TASK,
        accuracy=accuracy_table(measurements),
        same_f16=measurements.same_answers("F16", "F16 GGUF"),
        same_q8=measurements.same_answers("F16", "Q8_0"),
        same_q4=measurements.same_answers("F16", "Q4_K_M"),
        texts=measurements.tokenized_texts,
        took=took,
        conversations=f"{FIRST_COUNT + CITING_COUNT:,}",
        tokens=f"{facts.training_tokens:,}",
        seed=SEED,
        versions=", ".join(f"{name} {number}" for name, number in sorted(facts.versions.items())),
        data_digest=facts.data_digest,
        tokenizer_digest=facts.tokenizer_digest,
    )


def file_entry(path: str, source: Path, root: Path) -> dict[str, Any]:
    """A manifest's entry: the name inside the model, where the bytes are, how many, and their SHA-256."""
    content = source.read_bytes()
    return {
        "path": path,
        "source": source.relative_to(root).as_posix(),
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def manifest(root: Path, parameters: int) -> dict[str, Any]:
    """The manifest of everything under `root` that belongs to one of the three models."""
    about = [file_entry("README.md", root / "README.md", root)]
    with_license = [file_entry("LICENSE", root / "LICENSE", root), *about]
    models: list[dict[str, Any]] = []
    for quantization in QUANTIZATIONS:
        file = f"starter-{quantization}.gguf"
        models.append(
            {
                "name": "starter" if quantization == "Q8_0" else f"starter-{quantization.lower()}",
                "format": "gguf",
                "quantization": quantization,
                "parameters": parameters,
                "description": DESCRIPTION,
                "files": [file_entry(file, root / file, root), *with_license],
            }
        )
    hf = [file_entry(path.name, path, root) for path in sorted((root / "hf").iterdir())]
    models.append(
        {
            "name": "starter-safetensors",
            "format": "safetensors",
            "quantization": "F16",
            "parameters": parameters,
            "description": DESCRIPTION,
            "root": "hf",
            "files": [*hf, *about],
        }
    )
    return {"format": 1, "title": DESCRIPTION, "license": LICENSE_ID, "models": models}
