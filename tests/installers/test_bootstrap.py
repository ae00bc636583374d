"""The setup says what it does, is quick the second time, and names what is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "installers" / "bootstrap.py"
sys.path.insert(0, str(ROOT / "installers"))

import environment  # noqa: E402  # lies beside the script, not in the package
import system_packages  # noqa: E402
from steps import SetupFailed  # noqa: E402


def bootstrap(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(BOOTSTRAP), *map(str, arguments)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """An environment that claims to be set up for this checkout, with a program that prints."""
    venv = tmp_path / "venv"
    program = environment.Environment(venv).program("steelyard")
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho started "$@"\nexit 8\n')
    program.chmod(0o755)
    stamp = environment._stamp({"transformers"}, "cpu")
    (venv / "steelyard-setup.json").write_text(json.dumps(stamp))
    return venv


@pytest.mark.skipif(os.name == "nt", reason="the stand-in program is a shell script")
def test_a_second_run_only_starts_the_program_and_passes_arguments_on(prepared: Path) -> None:
    done = bootstrap("run", "--venv", prepared, "--", "model", "list", "--json")
    assert (done.returncode, done.stdout) == (8, "started model list --json\n")
    assert "is ready" in done.stderr
    assert "installing" not in done.stderr


def test_what_is_installed_covers_less_but_not_more(prepared: Path) -> None:
    assert environment.is_ready(prepared, set(), "cpu")
    assert environment.is_ready(prepared, {"transformers"}, "cpu")
    assert not environment.is_ready(prepared, {"transformers", "test"}, "cpu")
    assert not environment.is_ready(prepared, set(), "cuda")


@pytest.mark.parametrize("stamp", ["", "[]", '{"project": 1}', '{"project": "other"}'])
def test_a_damaged_or_foreign_stamp_means_not_ready(prepared: Path, stamp: str) -> None:
    (prepared / "steelyard-setup.json").write_text(stamp)
    assert not environment.is_ready(prepared, set(), "cpu")


def test_a_wheelhouse_that_is_no_folder_is_said(tmp_path: Path) -> None:
    done = bootstrap(
        "run", "--venv", tmp_path / "venv", "--wheelhouse", tmp_path / "none", "--", "--version"
    )
    assert done.returncode == 1
    assert "is not a folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_wheelhouse_fails_offline_instead_of_fetching(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = bootstrap(
        "run", "--venv", tmp_path / "venv", "--wheelhouse", tmp_path / "empty",
        "--", "--version", XDG_CACHE_HOME=str(tmp_path / "cache"),
    )  # fmt: skip
    assert done.returncode == 1
    assert "could not be built" in done.stderr


def test_the_engine_is_pinned_and_its_cache_kept_apart_by_accelerator() -> None:
    assert environment.engine_requirement().startswith("llama-cpp-python==")
    folders = {environment.wheel_cache(name) for name in environment.ACCELERATORS}
    assert len(folders) == len(environment.ACCELERATORS)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Debian's package names")
def test_missing_tools_and_libraries_are_named_by_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(
        system_packages, "WINDOW_LIBRARIES", {"libdoes-not-exist.so.7": "libdoes-not-exist7"}
    )
    names = system_packages._missing(Path(sys.executable), window=True, build=True, testing=True)
    assert {"g++", "make", "libdoes-not-exist7", "xvfb"} <= set(names)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin")
    with pytest.raises(SetupFailed, match="libdoes-not-exist7"):
        system_packages.require(Path(sys.executable), window=True, build=False, testing=False)


def test_an_unsupported_python_is_said_with_the_next_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupFailed, match=r"3\.11, 3\.12 or 3\.13"):
        environment.find_python()


@pytest.mark.parametrize("arguments", [[], ["walk"], ["run", "--accelerator", "steam"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert bootstrap(*arguments).returncode == 2
