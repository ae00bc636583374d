"""The ground holds: digests, canonical JSON, durable files, migrations, the lock."""

from __future__ import annotations

import hashlib
import json
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

import steelyard
from steelyard.base import durable
from steelyard.base.canonical import canonical_bytes, strict_loads
from steelyard.base.clock import iso_utc, parse_utc, utc_now
from steelyard.base.database import open_database, transaction
from steelyard.base.digests import CHUNK_BYTES, digest_file, parse_digest
from steelyard.base.errors import (
    Cancelled,
    ExitCode,
    FolderNotUsable,
    MalformedInput,
    NotFound,
    OutOfResources,
)
from steelyard.base.lock import data_lock
from steelyard.base.paths import Home, resource
from steelyard.base.progress import CancelToken, Progress, Reporter

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_canonical_json_reads_back_and_is_stable(value: object) -> None:
    data = canonical_bytes(value)  # type: ignore[arg-type]  # drawn as JSON
    assert json.loads(data) == value
    assert canonical_bytes(json.loads(data)) == data


@given(JSON | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: [number]))
def test_canonical_json_is_that_of_the_reference_whichever_encoder_writes_it(value: object) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # drawn as JSON


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), "\ud800"])
def test_what_has_no_canonical_form_is_typed(value: object) -> None:
    with pytest.raises(MalformedInput):
        canonical_bytes({"v": value})  # type: ignore[dict-item]  # that is the point


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', '{"a":NaN}', "[" * 100_000, b"\xff", "\ufeff{}", "{"]
)
def test_sloppy_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(MalformedInput):
        strict_loads(text)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_a_file_is_hashed_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    assert digest_file(path) == f"sha256:{hashlib.sha256(b'x' * size).hexdigest()}"


def test_hashing_stops_when_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        digest_file(path, Reporter(cancel=token))


@pytest.mark.parametrize("text", ["", "sha256:", "sha1:" + "a" * 64, "g" * 64, "a" * 63, "a" * 65])
def test_what_is_not_a_digest_is_typed(text: str) -> None:
    with pytest.raises(MalformedInput):
        parse_digest(text)


def test_a_digest_is_taken_in_either_form_and_case() -> None:
    assert parse_digest("AB" * 32) == parse_digest("sha256:" + "ab" * 32) == "sha256:" + "ab" * 32


def test_time_reads_back_to_the_millisecond() -> None:
    now = utc_now()
    assert abs((parse_utc(iso_utc(now)) - now).total_seconds()) < 0.001
    assert iso_utc(now).endswith("Z")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    durable.write_bytes(path, b"old")
    with pytest.raises(ZeroDivisionError), durable.replacing(path) as stream:
        stream.write(b"half")
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_migrations_run_once_each_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "db"
    first = ["CREATE TABLE a (x);\nINSERT INTO a VALUES (1);"]
    open_database(path, first).close()
    with_second = [*first, "ALTER TABLE a ADD COLUMN y;"]
    connection = open_database(path, with_second)
    assert [tuple(row) for row in connection.execute("SELECT * FROM a")] == [(1, None)]
    connection.close()
    with pytest.raises(MalformedInput, match="newer Steelyard"):
        open_database(path, first)


def test_a_failed_migration_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "db"
    with pytest.raises(FolderNotUsable):
        open_database(path, ["CREATE TABLE a (x);\nINSERT INTO missing VALUES (1);"])
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    connection.close()


def test_a_database_that_cannot_be_opened_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    with pytest.raises(FolderNotUsable):
        open_database(tmp_path / "db", [])


def test_a_home_that_is_a_file_is_typed(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(FolderNotUsable) as caught:
        Home(tmp_path / "home" / "data", tmp_path / "home" / "config").prepare()
    assert caught.value.facts["path"] == str(tmp_path / "home" / "data")


def test_a_file_that_is_no_database_is_typed(tmp_path: Path) -> None:
    (tmp_path / "db").write_bytes(b"not a database, certainly" * 100)
    with pytest.raises(MalformedInput):
        open_database(tmp_path / "db", [])


def test_a_transaction_that_fails_is_rolled_back(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "db", ["CREATE TABLE a (x);"])
    with pytest.raises(ZeroDivisionError), transaction(connection):
        connection.execute("INSERT INTO a VALUES (1)")
        raise ZeroDivisionError
    assert connection.execute("SELECT count(*) FROM a").fetchone()[0] == 0
    connection.close()


HOLDER = """
import sys
from pathlib import Path
from steelyard.base.lock import data_lock
with data_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_lock_keeps_another_process_out_and_dies_with_it(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(Path(steelyard.__file__).parents[1]), "PATH": ""},
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(OutOfResources), data_lock(tmp_path, wait_s=0.05):
        pass
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    with data_lock(tmp_path, wait_s=5), data_lock(tmp_path, wait_s=5):
        pass


def test_progress_is_thinned_but_the_end_always_comes() -> None:
    seen: list[Progress] = []
    report = Reporter(seen.append)
    for done in range(10_001):
        report("hashing", done, 10_000)
    assert len(seen) < 100
    assert seen[-1].done == 10_000


def test_a_home_is_where_the_variable_says(tmp_path: Path) -> None:
    home = Home.locate({"STEELYARD_HOME": str(tmp_path)})
    assert home.data == tmp_path / "data"
    assert home.settings == tmp_path / "config" / "settings.toml"


def test_a_missing_resource_is_typed() -> None:
    with pytest.raises(NotFound):
        resource("no", "such", "thing")


def test_errors_carry_facts_and_survive_a_pipe() -> None:
    error = NotFound("No such model.", next_step="See model list.", model="x")
    again = pickle.loads(pickle.dumps(error))
    assert again.as_json() == error.as_json()
    assert error.exit_code is ExitCode.NOT_FOUND
    assert error.diagnosis() == "No such model. See model list."
