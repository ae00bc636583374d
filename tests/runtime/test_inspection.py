"""What the inspect worker is asked: each question a fresh process, each failure a typed error."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from formats.gguf_builder import tiny_llama
from steelyard.base.errors import Cancelled, MalformedInput
from steelyard.base.progress import CancelToken, Reporter
from steelyard.formats import model_facts
from steelyard.runtime import inspection
from steelyard.runtime.errors import EngineMissing, EngineRefusedModel
from steelyard.runtime.supervisor import Worker

DESKTOP = Path(__file__).resolve().parents[2] / "desktop"


def test_a_scan_in_a_worker_is_the_scan(starter: Path) -> None:
    found = inspection.scan_in_worker(starter, Reporter())
    assert found == model_facts.scan(starter)
    assert found.parameters
    assert found.parameters > 1_000_000


def test_a_folder_is_scanned_too(starter: Path) -> None:
    folder = starter.with_name("hf")
    assert inspection.scan_in_worker(folder, Reporter()) == model_facts.scan(folder)


def test_a_refusal_crosses_the_pipe_with_its_code_and_facts(tmp_path: Path) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(tiny_llama()[:200])
    with pytest.raises(MalformedInput) as here:
        model_facts.scan(path)
    with pytest.raises(MalformedInput) as there:
        inspection.scan_in_worker(path, Reporter())
    assert there.value.as_json() == here.value.as_json()
    assert type(there.value) is type(here.value)


def test_a_scan_can_be_called_off(starter: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        inspection.scan_in_worker(starter, Reporter(cancel=token))


def test_no_process_remains_after_a_question(starter: Path) -> None:
    # Another test's worker may still be on its way out.
    before = set(threading.enumerate())
    inspection.scan_in_worker(starter, Reporter())
    left = set(threading.enumerate()) - before
    assert not any(thread.name.startswith("inspect worker") for thread in left)


def test_the_engine_sees_this_machines_processor() -> None:
    devices = inspection.engine_devices()
    processors = [device for device in devices if device.kind == "cpu"]
    assert len(processors) == 1
    assert processors[0].total_bytes > 0
    assert processors[0].description


def test_a_dry_load_answers_in_bytes(starter: Path) -> None:
    answer = inspection.dry_load(starter, context_tokens=1000)
    assert answer.context_tokens == 1024
    assert answer.trained_context_tokens == 1024
    assert sum(device.kv_bytes for device in answer.devices) == 1024 * 4 * 2 * 2 * 64 * 2


def test_a_dry_load_of_what_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(EngineRefusedModel):
        inspection.dry_load(path, context_tokens=256)


@pytest.mark.parametrize(
    ("kind", "package", "op", "hint"),
    [
        ("llama", "llama_cpp", "load", "bootstrap.py run"),
        ("inspect", "llama_cpp", "engine_devices", "bootstrap.py run"),
        ("inspect", "llama_cpp", "dry_load", "bootstrap.py run"),
        ("transformers", "torch", "load", "bootstrap.py run --with transformers"),
        ("transformers", "transformers", "load", 'pip install "steelyard[transformers]"'),
    ],
)
def test_an_engine_that_is_not_installed_says_how_to_get_it(
    kind: str, package: str, op: str, hint: str, tmp_path: Path
) -> None:
    words = f"No module named '{package}'"
    (tmp_path / f"{package}.py").write_text(f"raise ModuleNotFoundError({words!r})")
    path = os.pathsep.join([str(tmp_path), str(DESKTOP)])
    worker = Worker.start(kind, environment={"PYTHONPATH": path})
    try:
        with pytest.raises(EngineMissing) as caught:
            worker.call(op, {}, timeout_s=120)
    finally:
        worker.kill()
    assert hint in caught.value.next_step
    assert "not installed" in caught.value.message


HEAVY = {
    "llama_cpp",
    "torch",
    "transformers",
    "numpy",
    "jinja2",
    "huggingface_hub",
    "scipy",
    "pydantic",
}


def test_asking_engines_from_the_parent_imports_no_engine() -> None:
    script = (
        "import sys; import steelyard.runtime.engine, steelyard.runtime.inspection; "
        "print(' '.join(sorted(set(name.split('.')[0] for name in sys.modules))))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(DESKTOP)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not HEAVY & set(run.stdout.split())
