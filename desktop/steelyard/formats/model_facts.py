"""Judges a file or folder that claims to be a model, and says what it is in one record.

`scan` is what an inspection worker runs on everything that comes in. It raises where bytes are malformed or
dangerous; what a person or policy must weigh is a finding; what is only worth knowing is a note.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from steelyard.formats.content import Content, identify
from steelyard.formats.errors import AmbiguousModel, NotAModel, PickleRefused
from steelyard.formats.facts_record import ModelFacts
from steelyard.formats.folder_files import list_files
from steelyard.formats.folder_scan import judge_file, judge_files, pickle_refused
from steelyard.formats.gguf_facts import gguf_facts, is_companion
from steelyard.formats.gguf_shards import read_model, shard_paths
from steelyard.formats.hf_config import HfFolder, read_folder
from steelyard.formats.hf_facts import hf_facts
from steelyard.formats.safetensors import read_header

__all__ = ["ModelFacts", "scan"]


def scan(path: Path) -> ModelFacts:
    """Judge a `.gguf` file (any part of a split model), or a folder with one model in it.

    Raises:
        FileMissing: nothing is there.
        NotAModel: it is something else.
        AmbiguousModel: the folder has several models.
        PickleRefused, Polyglot, RemoteCode, UnsafePath: it is dangerous.
        GgufMalformed, SafetensorsMalformed, ConfigMalformed, TooLarge, Truncated: it is malformed.
    """
    if path.is_dir():
        return _scan_folder(path)
    found = identify(path)
    if found.content is Content.PICKLE:
        raise pickle_refused(path, path.name, found.detail)
    if found.content is not Content.GGUF:
        raise NotAModel(
            f"{path.name} is not a GGUF file.",
            next_step="Choose a .gguf file, or the folder that has config.json and safetensors weights.",
            path=str(path),
            content=found.content.value,
        )
    headers = read_model(path)
    for header in headers:
        judge_file(header.path, header.path.name)
    return gguf_facts(headers)


def _scan_folder(folder: Path) -> ModelFacts:
    files = list_files(folder)
    judged = judge_files(folder, files)
    models = _gguf_models(files)
    if len(models) > 1:
        names = [path.name for path in models]
        raise AmbiguousModel(
            f"{folder.name} has {len(models)} models: {', '.join(names[:4])}.",
            next_step="Choose one of the files.",
            path=str(folder),
            candidates=[*names[:50]],
        )
    safetensors = any(path.suffix == ".safetensors" and path.parent == folder for path in files)
    if models and not safetensors:
        facts = gguf_facts(read_model(models[0]))
    elif safetensors and not models:
        facts = hf_facts(_read_all(folder, files))
    elif models:
        raise AmbiguousModel(
            f"{folder.name} has the model both as GGUF and as safetensors.",
            next_step="Choose the .gguf file, or move it out of the folder.",
            path=str(folder),
            candidates=[models[0].name, folder.name],
        )
    else:
        raise _no_model(folder, judged.pickles)
    return replace(facts, findings=(*facts.findings, *judged.findings))


def _read_all(folder: Path, files: tuple[Path, ...]) -> HfFolder:
    """Read the model, and the headers of weights that its index does not name: an engine may still open them."""
    found = read_folder(folder)
    read = {header.path for header in found.weights}
    for path in files:
        if path.suffix == ".safetensors" and path not in read:
            read_header(path)
    return found


def _gguf_models(files: tuple[Path, ...]) -> list[Path]:
    """One path per GGUF model: the first part of a split one, and not the projectors that go with one."""
    firsts = {
        shard_paths(path)[0]: path for path in reversed(files) if path.suffix.lower() == ".gguf"
    }
    paths = sorted(firsts.values())
    return [path for path in paths if len(paths) == 1 or not is_companion(path)]


def _no_model(folder: Path, pickles: tuple[str, ...]) -> NotAModel | PickleRefused:
    if pickles:
        return PickleRefused(
            f"{folder.name} has its weights only as Python pickles ({', '.join(pickles[:3])}). "
            "Opening one runs whatever code its maker put there; none was opened.",
            next_step="Take the model in GGUF or safetensors form.",
            path=str(folder),
            inside=pickles[0],
        )
    return NotAModel(
        f"{folder.name} has no model in it: no .gguf file, and no safetensors weights.",
        next_step="Choose a .gguf file, or the folder that has config.json and safetensors weights.",
        path=str(folder),
        content="folder",
    )
