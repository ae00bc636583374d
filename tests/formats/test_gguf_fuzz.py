"""Mutated and random GGUF bytes: they read, or are refused with a typed error, within a tenth of a second."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.gguf_builder import small_gguf
from steelyard.base.errors import ExitCode, SteelyardError
from steelyard.formats.gguf import read_header
from steelyard.formats.gguf_checks import odd_things


def outcome(path: Path) -> SteelyardError | None:
    """The typed refusal, or None when the file reads; anything else escapes and fails the test."""
    try:
        odd_things(read_header(path))
    except SteelyardError as error:
        return error
    return None


BASE = small_gguf()


@settings(max_examples=400, deadline=None)
@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, len(BASE) - 1),
            st.one_of(
                st.binary(min_size=1, max_size=1),
                st.sampled_from([struct.pack("<Q", n) for n in (0, 1, 2**31, 2**62, 2**64 - 1)]),
            ),
        ),
        min_size=1,
        max_size=6,
    ),
    cut=st.one_of(st.none(), st.integers(0, len(BASE))),
)
def test_any_mutation_reads_or_is_refused_quickly(
    tmp_path_factory: pytest.TempPathFactory,
    edits: list[tuple[int, bytes]],
    cut: int | None,
) -> None:
    data = bytearray(BASE)
    for position, replacement in edits:
        data[position : position + len(replacement)] = replacement
    path = tmp_path_factory.getbasetemp() / "mutated.gguf"
    path.write_bytes(bytes(data[:cut]))
    started_s = time.process_time()
    error = outcome(path)
    assert time.process_time() - started_s < 0.1
    assert error is None or error.exit_code is ExitCode.MALFORMED_INPUT


@settings(max_examples=200, deadline=None)
@given(tail=st.binary(max_size=300))
def test_random_bytes_after_the_magic_are_refused(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "random.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<I", 3) + tail)
    error = outcome(path)
    assert error is None or error.exit_code is ExitCode.MALFORMED_INPUT
