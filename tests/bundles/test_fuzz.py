"""Any bytes at all: a typed error or a bundle, never a crash, 50 MB or a tenth of a second (THREATS 55).

The longer half is `tests/torture/fuzz_readers.py bundle`.
"""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bundles.carrying import Keys, container, pack, trusting
from steelyard.base.errors import SteelyardError
from steelyard.bundles import manifest, receipts, tar, verifying
from steelyard.bundles.checking import Rules
from steelyard.signing.own_keys import OwnKey
from torture.fuzz_targets import FILE_LIMIT_BYTES, FILE_LIMIT_S

QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="session")
def rules(keys: Keys) -> Rules:
    """As open as policy can make it, so that the most is parsed."""
    return trusting(keys.make("other"), allow_unsigned=True)


def look_at(path: Path, rules: Rules) -> None:
    started_s = time.process_time()
    try:
        verifying.look(path, rules, every_byte=True)
    except SteelyardError:
        pass
    assert (
        time.process_time() - started_s < 10 * FILE_LIMIT_S
    )  # the machine may be busy; see the next test


def mutated(data: bytes, edits: list[tuple[float, bytes, int]]) -> bytes:
    """Replace, insert or cut at relative places."""
    changed = bytearray(data)
    for where, what, kind in edits:
        at = int(where * len(changed))
        if kind == 0:
            changed[at : at + len(what)] = what
        elif kind == 1:
            changed[at:at] = what
        else:
            del changed[at : at + len(what) * 37]
    return bytes(changed)


EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=12), st.integers(0, 2)),
    min_size=1,
    max_size=6,
)


@QUICK
@given(data=st.binary(max_size=3000))
def test_any_bytes_as_a_container(tmp_path: Path, rules: Rules, data: bytes) -> None:
    path = tmp_path / "x.steelyard"
    path.write_bytes(data)
    look_at(path, rules)


@QUICK
@given(edits=EDITS)
def test_a_container_changed_anywhere(
    tmp_path: Path, good: dict[str, bytes], rules: Rules, edits: list[tuple[float, bytes, int]]
) -> None:
    small = {path: data[:600] if path.endswith(".gguf") else data for path, data in good.items()}
    path = tmp_path / "x.steelyard"
    path.write_bytes(mutated(container(small), edits))
    look_at(path, rules)


@QUICK
@given(edits=EDITS)
def test_a_manifest_changed_anywhere(
    tmp_path: Path, good: dict[str, bytes], rules: Rules, edits: list[tuple[float, bytes, int]]
) -> None:
    data = mutated(good["bundle.json"], edits)
    bare = {p: d for p, d in good.items() if not p.startswith("signatures/")}
    look_at(pack(tmp_path / "x.steelyard", {**bare, "bundle.json": data}), rules)


@QUICK
@given(edits=EDITS)
def test_a_signature_changed_anywhere(
    tmp_path: Path, good: dict[str, bytes], rules: Rules, edits: list[tuple[float, bytes, int]]
) -> None:
    name = next(path for path in good if path.startswith("signatures/"))
    look_at(pack(tmp_path / "x.steelyard", {**good, name: mutated(good[name], edits)}), rules)


@QUICK
@given(data=st.binary(max_size=2000))
def test_any_bytes_as_header_manifest_and_receipt(data: bytes, anna: OwnKey) -> None:
    for read in (tar.read_header, manifest.read_manifest, receipts._read):
        try:
            read(data)
        except (SteelyardError, EOFError):
            pass


HEAVY = {
    "a header bomb": tar.header("bundle.json", 8 * 2**20),
    "empty objects": container({"bundle.json": b"[" + b"{}," * 1_000_000 + b"{}]"}),
    "deep nesting": container({"bundle.json": b"[" * 200_000}),
    "short strings": container({"bundle.json": b"[" + b'"ab",' * 1_000_000 + b'""]'}),
    "a signature of lists": container({"signatures/a.json": b"[" + b"[]," * 1_000_000 + b"[]]"}),
    "a signature of text": container(
        {"signatures/a.json": b'{"mediaType":"' + b"A" * 4_000_000 + b'"}'}
    ),
    "many files": b"".join(tar.header(f"models/m/{n}", 0) for n in range(2100)) + tar.END,
    "one long number": container({"bundle.json": b'{"serial":' + b"9" * 4_000 + b"}"}),
}


@pytest.mark.parametrize("data", HEAVY.values(), ids=HEAVY.keys())
def test_what_is_made_to_be_heavy_is_not(tmp_path: Path, rules: Rules, data: bytes) -> None:
    path = tmp_path / "x.steelyard"
    path.write_bytes(data)
    look_at(path, rules)  # imports what it needs
    best_s = 1e9
    for _ in range(3):
        started_s = time.process_time()
        look_at(path, rules)
        best_s = min(best_s, time.process_time() - started_s)
    assert best_s < FILE_LIMIT_S
    tracemalloc.start()
    look_at(path, rules)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < FILE_LIMIT_BYTES
