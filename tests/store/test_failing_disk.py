"""Every operation on files fails once, first the first, then the second, and so on (THREATS 47).

Each time: a typed error, nothing of it remains, what was there is whole, and a second try succeeds. The method is
SQLite's own.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from formats.gguf_builder import tiny_llama
from intake.judging import judge_here
from steelyard.base.paths import Home
from steelyard.intake.errors import SourceUnreadable
from steelyard.intake.importer import import_path
from steelyard.store.errors import DiskFailed, DiskFull
from steelyard.store.records import State
from steelyard.store.store import Store
from store.model_samples import everything, put

CALLS = ("fsync", "link", "rename", "replace", "mkdir", "chmod", "unlink", "rmdir", "scandir")
SHARED = {"tiny.gguf": tiny_llama(), "README.md": b"other"}


class Failing:
    """Lets every call through but the n-th, which fails with `code`."""

    def __init__(self, number: int, code: int) -> None:
        self.left = number
        self._code = code

    def wrap(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                raise OSError(self._code, os.strerror(self._code))
            return call(*arguments, **named)

        return counted


@contextmanager
def failing(number: int, code: int) -> Iterator[Failing]:
    """The n-th of `CALLS` fails."""
    fault = Failing(number, code)
    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, fault.wrap(getattr(os, name)))
        yield fault


def check_whole(home: Home, names: set[str]) -> None:
    with Store(home) as store:
        live = {model.name for model in store.models() if model.state is State.ADMITTED}
        assert live == names
        for name in live:
            assert store.verify(store.get(name)).ok
        assert {path.name for path in (home.store / "models").iterdir()} == names
        assert list(home.quarantine.iterdir()) == []
        assert store.index.intents() == ()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_an_import_survives_the_failure_of_each_operation(
    tmp_path: Path, code: int, gguf: Path
) -> None:
    home = Home(tmp_path / "data", tmp_path / "config")
    home.prepare()
    with Store(home) as store:
        put(store, SHARED, "other")
    Store(home).close()
    for number in range(1, 200):
        with Store(home) as store, failing(number, code) as fault:
            try:
                import_path(store, gguf, judge=judge_here)
            except (DiskFull, DiskFailed, SourceUnreadable):
                assert fault.left <= 0
        with Store(home) as store:
            live = {model.name for model in store.models() if model.state is State.ADMITTED}
        check_whole(home, live)
        if fault.left > 0:
            break
        if "gguf-model" in live:  # it failed after the record, or where a failure does not matter
            with Store(home) as store:
                store.remove(store.get("gguf-model"))
    assert fault.left > 0
    assert number > 10
    check_whole(home, {"other", "gguf-model"})


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "gguf-model.gguf"
    path.write_bytes(tiny_llama(general__name="another"))
    return path


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO])
def test_a_removal_survives_the_failure_of_each_operation(tmp_path: Path, code: int) -> None:
    for number in range(1, 100):
        home = Home(tmp_path / str(number) / "data", tmp_path / str(number) / "config")
        home.prepare()
        with Store(home) as store:
            put(store, SHARED, "other")
            model = put(store, {**SHARED, "README.md": b"mine"}, "mine")
            with failing(number, code) as fault:
                try:
                    store.remove(model)
                except DiskFailed:
                    assert fault.left <= 0
                else:
                    if fault.left > 0:
                        break
        with Store(home) as store:
            kept = {model.name for model in store.models() if model.state is State.ADMITTED}
        check_whole(home, kept)
    assert fault.left > 0
    assert number > 4


def test_an_index_that_cannot_be_written_is_a_typed_error(home: Home) -> None:
    with Store(home) as store:
        put(store, SHARED, "other")
        before = {p: d for p, d in everything(home).items() if not p.startswith("quarantine")}

        def refuse(*_: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(store.index, "announce", refuse)
            with pytest.raises(DiskFull):
                put(store, {"b.gguf": b"new"}, "new")
        after = {p: d for p, d in everything(home).items() if not p.startswith("quarantine")}
        assert after == before


def test_once_the_disk_is_back_a_model_gets_the_name_that_a_failed_try_had(home: Home) -> None:
    with Store(home) as store:
        put(store, SHARED, "other")
        # What is left when not even the undoing could be written.
        store.index.announce("tiny", [])
        (store.views / "tiny").mkdir()
        (store.views / "tiny" / "half.gguf").write_bytes(b"half")
        assert put(store, {"tiny.gguf": b"whole"}, "tiny").name == "tiny"
    check_whole(home, {"other", "tiny"})


def test_a_failed_transaction_leaves_the_index_usable(home: Home) -> None:
    with Store(home) as store:
        with pytest.raises(sqlite3.OperationalError), store.index.change():
            store.index._connection.execute("ROLLBACK")  # as SQLite does when the disk is full
            raise sqlite3.OperationalError("database or disk is full")
        put(store, SHARED, "other")
    check_whole(home, {"other"})
