"""NVIDIA cards through a real (compiled) stand-in for the driver's library, loaded as the driver's is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import steelyard
from simulators.nvml.build import build_fake_nvml, c_compiler

GIB = 2**30

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the stand-in library is built for Linux"
)

_ASK = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from steelyard.machine.nvidia import read_nvidia
gpus, problems = read_nvidia(Path(sys.argv[1]), deadline_s=float(sys.argv[2]))
print(json.dumps({"gpus": [asdict(gpu) for gpu in gpus], "problems": problems}))
"""


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = c_compiler()
    if compiler is None:
        pytest.skip("no C compiler (cc, gcc or clang) to build the stand-in driver with")
    return build_fake_nvml(tmp_path_factory.mktemp("nvml"), compiler)


def ask(
    folder: Path, *, deadline_s: float = 20.0, root: Path = Path("/"), **settings: object
) -> Any:
    """What a fresh process finds when its NVIDIA library is the one in `folder`."""
    package = Path(steelyard.__file__).parent.parent
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(package),
        "LD_LIBRARY_PATH": str(folder),
    } | {f"FAKE_NVML_{name.upper()}": str(value) for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-c", _ASK, str(root), str(deadline_s)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_each_card_is_listed_with_its_free_memory_and_the_driver(library: Path) -> None:
    found = ask(library, gpus=2)
    assert [gpu["name"] for gpu in found["gpus"]] == ["Fake Card 0", "Fake Card 1"]
    assert found["gpus"][0] | {"name": ""} == {
        "name": "",
        "backend": "cuda",
        "total_bytes": 24 * GIB,
        "free_bytes": 21 * GIB,
        "driver": "999.01",
        "used_by": [],
    }
    assert found["problems"] == []


def test_a_driver_without_cards_is_no_problem(library: Path) -> None:
    assert ask(library, gpus=0) == {"gpus": [], "problems": []}


def test_processes_that_hold_memory_are_named_most_first(library: Path) -> None:
    own = os.getpid()
    name = Path(f"/proc/{own}/comm").read_text().strip()
    found = ask(library, pids=f"999999999:5,{own}:{3 * GIB}")
    used_by = found["gpus"][0]["used_by"]
    assert used_by == [f"{name} ({own})", "a process not visible from here (999999999)"]


def test_a_card_that_shares_main_memory_tells_no_bytes_and_a_sentence_says_so(
    library: Path,
) -> None:
    found = ask(library, memory_error=3)
    assert found["gpus"][0]["total_bytes"] is None
    assert found["gpus"][0]["free_bytes"] is None
    assert found["problems"] == [
        "Fake Card 0 does not tell its memory. It probably shares the machine's: main memory counts."
    ]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"free": 25 * GIB}, "is not believed"),
        ({"total": 0, "free": 0}, "is not believed"),
        ({"total": 2**60}, "is not believed"),
    ],
)
def test_a_driver_that_lies_about_memory_is_not_believed(
    library: Path, settings: dict[str, int], words: str
) -> None:
    found = ask(library, **settings)
    assert (found["gpus"][0]["total_bytes"], found["gpus"][0]["free_bytes"]) == (None, None)
    assert words in found["problems"][0]


def test_a_driver_that_claims_absurdly_many_cards_is_not_believed(library: Path) -> None:
    found = ask(library, gpus=4_000_000_000)
    assert found["gpus"] == []
    assert "which cannot be" in found["problems"][0]


@pytest.mark.parametrize(("error", "words"), [(9, "Driver Not Loaded"), (18, "version mismatch")])
def test_a_broken_driver_is_a_sentence(library: Path, error: int, words: str) -> None:
    found = ask(library, init_error=error)
    assert found["gpus"] == []
    assert len(found["problems"]) == 1
    assert words in found["problems"][0]


def test_a_card_that_disappears_leaves_the_others(library: Path) -> None:
    found = ask(library, gpus=2, handle_error=15)
    assert [gpu["name"] for gpu in found["gpus"]] == ["Fake Card 0"]
    assert found["problems"] == ["NVIDIA device 1 does not answer: GPU is lost."]


def test_a_card_that_disappears_while_it_is_asked_is_a_sentence(library: Path) -> None:
    found = ask(library, memory_error=15)
    assert found["gpus"][0]["free_bytes"] is None
    assert found["problems"] == ["The memory of Fake Card 0 cannot be read: GPU is lost."]


def test_a_driver_that_loses_its_cards_is_a_sentence(library: Path) -> None:
    found = ask(library, count_error=15)
    assert found["gpus"] == []
    assert found["problems"] == ["The NVIDIA driver does not tell its devices: GPU is lost."]


def test_a_split_card_is_listed_instance_by_instance(library: Path) -> None:
    found = ask(library, mig=2, used=0, reserved=0)
    names = [gpu["name"] for gpu in found["gpus"]]
    assert names == ["Fake Card 0 MIG 0", "Fake Card 0 MIG 1"]
    assert [gpu["total_bytes"] for gpu in found["gpus"]] == [12 * GIB, 12 * GIB]


def test_a_driver_that_hangs_is_given_up_on(library: Path) -> None:
    found = ask(library, hang=1, deadline_s=0.2)
    assert found == {"gpus": [], "problems": ["The NVIDIA driver did not answer within 0.2 s."]}


def test_a_driver_from_before_version_2_of_the_memory_call_still_answers(tmp_path: Path) -> None:
    compiler = c_compiler()
    if compiler is None:
        pytest.skip("no C compiler (cc, gcc or clang) to build the stand-in driver with")
    found = ask(build_fake_nvml(tmp_path, compiler, old_driver=True))
    assert found["gpus"][0]["free_bytes"] == 21 * GIB
    assert found["problems"] == []


def test_without_a_driver_there_is_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "libnvidia-ml.so.1").write_bytes(b"not a library")
    assert ask(tmp_path, root=tmp_path) == {"gpus": [], "problems": []}


def test_a_loaded_driver_without_its_library_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "libnvidia-ml.so.1").write_bytes(b"not a library")
    version = tmp_path / "proc/driver/nvidia/version"
    version.parent.mkdir(parents=True)
    version.write_text("NVRM version: 999.01\n")
    found = ask(tmp_path, root=tmp_path)
    assert found["gpus"] == []
    assert "libnvidia-ml.so.1" in found["problems"][0]
