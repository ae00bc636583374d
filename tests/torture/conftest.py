"""The heavy half of this folder runs only when asked for: `pytest -m torture tests/torture`."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what takes many minutes unless `-m` names it; `-m "not torture"` leaves it out altogether."""
    if "torture" in config.getoption("markexpr"):
        return
    heavy = pytest.mark.skip(reason="takes many minutes; pytest -m torture tests/torture")
    for item in items:
        if item.get_closest_marker("torture") is not None:
            item.add_marker(heavy)
