"""Fixtures of bundles: a sender, a receiver, and keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bundles.carrying import Keys, Side, make, unpacked
from steelyard.signing.own_keys import OwnKey


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The heavy half runs only when asked for: `pytest -m torture tests/bundles`."""
    if "torture" not in config.getoption("markexpr"):
        heavy = pytest.mark.skip(reason="takes minutes; pytest -m torture tests/bundles")
        for item in items:
            if item.get_closest_marker("torture") is not None:
                item.add_marker(heavy)


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Side]:
    side = Side.at(tmp_path / "sender")
    yield side
    side.close()


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Side]:
    side = Side.at(tmp_path / "receiver")
    yield side
    side.close()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def anna(keys: Keys) -> OwnKey:
    return keys.make("anna")


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory, anna: OwnKey) -> dict[str, bytes]:
    """The files of a good bundle of one tiny model, signed by anna."""
    folder = tmp_path_factory.mktemp("good")
    side = Side.at(folder)
    side.put()
    make(side, folder / "good.steelyard", anna)
    side.close()
    return unpacked(folder / "good.steelyard")


@pytest.fixture
def files(good: dict[str, bytes]) -> dict[str, bytes]:
    """A copy of `good` to be changed."""
    return dict(good)
