"""Looking in the places where other programs keep models, or in one folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from steelyard.intake.elsewhere import folders, hub_cache, ollama
from steelyard.intake.elsewhere.records import Budget, Elsewhere, Origin


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        models: by path.
        looked_in: the folders that were there.
        complete: False where there was more than a search looks at.
    """

    models: tuple[Elsewhere, ...]
    looked_in: tuple[Path, ...]
    complete: bool


def usual_places(environment: Mapping[str, str], person: Path) -> tuple[tuple[Origin, Path], ...]:
    """Where Hugging Face's client, Ollama and LM Studio keep models, whether it is there or not.

    Args:
        person: the home folder.
    """
    cache = Path(environment.get("XDG_CACHE_HOME") or person / ".cache")
    hugging_face = Path(environment.get("HF_HOME") or cache / "huggingface")
    hub = environment.get("HF_HUB_CACHE") or environment.get("HUGGINGFACE_HUB_CACHE")
    places = (
        (Origin.HUGGING_FACE, Path(hub) if hub else hugging_face / "hub"),
        (Origin.OLLAMA, Path(environment.get("OLLAMA_MODELS") or person / ".ollama" / "models")),
        (Origin.OLLAMA, Path("/usr/share/ollama/.ollama/models")),
        (Origin.LM_STUDIO, person / ".lmstudio" / "models"),
        (Origin.LM_STUDIO, cache / "lm-studio" / "models"),
    )
    return tuple((origin, path.expanduser().absolute()) for origin, path in places)


def find(
    folder: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    person: Path | None = None,
    budget: Budget | None = None,
) -> Found:
    """Look for models in one folder, or in the usual places of other programs."""
    budget = budget or Budget()
    if folder is not None:
        places: tuple[tuple[Origin, Path], ...] = ((Origin.FOLDER, folder.absolute()),)
    else:
        environment = os.environ if environment is None else environment
        places = usual_places(environment, person or Path.home())
    found: dict[Path, Elsewhere] = {}
    looked_in = []
    for origin, place in dict.fromkeys(places):
        if not place.is_dir():
            continue
        looked_in.append(place)
        for model in folders.models(place, budget, origin):
            found.setdefault(model.path, model)
    return Found(
        tuple(found[path] for path in sorted(found)), tuple(looked_in), complete=budget.left > 0
    )


def at(path: Path) -> Elsewhere | None:
    """The model that a path names in another program's layout; None: it is a plain file or folder."""
    path = path.absolute()
    if (root := ollama.root_of(path)) is not None:
        return ollama.read(root, path)
    repository = hub_cache.repository_folder(path)
    if repository is None:
        return None
    inside = path.relative_to(repository).parts
    if len(inside) < 2 or inside[0] != "snapshots":
        return None
    snapshot = repository / "snapshots" / inside[1]
    wanted = "/".join(inside[2:])
    for model in hub_cache.in_snapshot(repository, snapshot, Budget()):
        weights = [part.path for part in model.parts[: model.weights]]
        if wanted in weights or (not wanted and model.format == "safetensors"):
            return model
    return None
