"""Any bytes end in an answer or a typed error, at once and in little memory: every reader of files from outside.

The short form is always on, with hypothesis. The long form (`pytest -m torture`) lets atheris follow the
readers' own branches, for `STEELYARD_FUZZ_S` seconds a target, 60 where it is not set.
"""

from __future__ import annotations

import importlib.util
import os
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torture.fuzz_readers import fuzz
from torture.fuzz_targets import TARGETS

QUICK = [name for name in TARGETS if name != "template"]
EXAMPLES = 100


@st.composite
def inputs(draw: st.DrawFn, name: str) -> bytes:
    """A seed with some places overwritten, cut, filled with the format's own words, or spliced with another."""
    target = TARGETS[name]
    data = bytearray(draw(st.sampled_from(target.seeds)))
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(data)))
        piece = draw(st.one_of(st.sampled_from(target.words), st.binary(max_size=9)))
        if draw(st.booleans()):
            data[at : at + len(piece)] = piece
        else:
            data[at:at] = piece
    if draw(st.integers(0, 3)) == 0:
        other = draw(st.sampled_from(target.seeds))
        data[draw(st.integers(0, len(data))) :] = other[draw(st.integers(0, len(other))) :]
    return bytes(data)


@pytest.mark.parametrize("name", QUICK)
def test_damaged_files_are_read_or_refused_in_a_tenth_of_a_second(
    name: str, tmp_path: Path
) -> None:
    target = TARGETS[name]
    target.run(tmp_path, target.seeds[0])

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(data=inputs(name))
    def check(data: bytes) -> None:
        started_s = time.process_time()
        target.run(tmp_path, data)
        assert time.process_time() - started_s < target.limit_s

    check()


@pytest.mark.parametrize("name", QUICK)
def test_damaged_files_take_little_memory(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    target.run(tmp_path, target.seeds[0])

    @settings(max_examples=EXAMPLES // 5, deadline=None)
    @given(data=inputs(name))
    def check(data: bytes) -> None:
        tracemalloc.reset_peak()
        target.run(tmp_path, data)
        assert tracemalloc.get_traced_memory()[1] < target.limit_bytes

    tracemalloc.start()
    try:
        check()
    finally:
        tracemalloc.stop()


@settings(max_examples=60, deadline=None)
@given(data=inputs("template"))
def test_damaged_templates_are_told_about(data: bytes) -> None:
    started_s = time.process_time()
    TARGETS["template"].run(Path(), data)
    assert time.process_time() - started_s < TARGETS["template"].limit_s


@pytest.mark.torture
@pytest.mark.parametrize("name", TARGETS)
def test_the_fuzzer_finds_nothing(name: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed")
    figures = fuzz(name, int(os.environ.get("STEELYARD_FUZZ_S", "60")), tmp_path)
    print(figures)  # noqa: T201  # figures for the note
    assert figures["executions"]
    assert figures["crashes"] == figures["over_limits"] == []
    assert figures["fuzzer_status"] == 0
