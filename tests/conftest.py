"""Fixtures for every room: a home of one's own, and the reference material where a checkout has it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from steelyard.base.paths import Home

# Tests never inherit a developer's settings, tokens or endpoint.
for _name in [n for n in os.environ if n.startswith(("STEELYARD_", "HF_", "HUGGING"))]:
    del os.environ[_name]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Nor do they ask the keyring of whoever runs them.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

# The same examples every time: a check that fails one day in ten tells nobody what changed.
settings.register_profile("steady", derandomize=True)
settings.load_profile("steady")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty, prepared home under this test's own folder."""
    home = Home(tmp_path / "home" / "data", tmp_path / "home" / "config")
    home.prepare()
    return home


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Reference vectors and models beside the checkout; tests that need them skip where there are none."""
    if not SHARED.is_dir():
        pytest.skip("the reference folder ../shared is absent")
    return SHARED
