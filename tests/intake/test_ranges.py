"""Several ranges of one file and several files at once: put together right whatever order they come in, whatever
the server can, and whatever breaks."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from formats.gguf_builder import Tensor, build_gguf
from intake.conftest import Pull
from simulators.hub import Hub
from steelyard.base.progress import Progress, Reporter
from steelyard.connections.errors import HostUnreachable, RateLimited
from steelyard.connections.hub import Timeouts
from steelyard.connections.retries import Patience
from steelyard.intake.download import Manner
from steelyard.intake.errors import DigestMismatch
from steelyard.intake.pull import PullLimits
from steelyard.intake.stages import BLOCK_BYTES
from steelyard.store.records import PublisherHash, State
from steelyard.store.store import Store

REPOSITORY = "maker/big"
SEGMENT = 256 * 1024
GGUF = build_gguf({"general.architecture": "llama"}, [Tensor("x.weight", (1024, 1024))])
BIG = GGUF[:-4_000_000] + random.Random(33).randbytes(4_000_000)
SIZE = len(BIG)


@pytest.fixture(autouse=True)
def repository(hub: Hub) -> None:
    hub.add(REPOSITORY, {"big.gguf": BIG})


def limits(connections: int = 4, attempts: int = 3, limit: int = 0) -> PullLimits:
    """Ranges so small that a test's file has many."""
    return PullLimits(
        Timeouts(connect_s=5, read_s=0.5),
        Patience(attempts=attempts),
        Manner(connections, limit, SEGMENT),
    )


def starts(hub: Hub) -> list[int]:
    return [request.start for request in hub.downloads()]


def admitted(store: Store) -> bytes:
    (model,) = store.models()
    assert model.state is State.ADMITTED
    return store.main_file(model).read_bytes()


def test_a_large_file_comes_in_ranges_that_cover_it_once(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    taken = do_pull(REPOSITORY, limits=limits())
    assert admitted(store) == BIG
    assert taken.bytes_fetched == SIZE
    asked = sorted((r.start, r.end or SIZE) for r in hub.downloads())
    assert len(asked) > 4
    assert [start for start, _ in asked] == [0, *(end for _, end in asked[:-1])]
    assert {r.status for r in hub.downloads()} == {206}


def test_ranges_are_answered_at_the_same_time(hub: Hub, do_pull: Pull) -> None:
    # Each of the first four answers waits in its middle; only together they are all there.
    hub.fail("meet", path="big.gguf", times=3, skip=1, parties=3)
    assert do_pull(REPOSITORY, limits=limits()).bytes_fetched == SIZE


def test_with_one_connection_it_comes_in_one_answer(hub: Hub, do_pull: Pull) -> None:
    do_pull(REPOSITORY, limits=limits(connections=1))
    assert [(r.start, r.status) for r in hub.downloads()] == [(0, 200)]


def test_small_files_come_beside_the_large_one(store: Store, hub: Hub, do_pull: Pull) -> None:
    files = {f"LICENSE.{n}": b"text %d" % n for n in range(9)}
    hub.add(REPOSITORY, {"big.gguf": BIG, "README.md": b"# card", **files})
    hub.fail("stall", path="big.gguf", after=1000, times=1)
    taken = do_pull(REPOSITORY, limits=limits())
    assert taken.model.state is State.ADMITTED
    done = [r.path.rsplit("/", 1)[-1] for r in hub.downloads()]
    assert done.index("README.md") < done.index("big.gguf")


def test_a_server_without_ranges_sends_one_stream(store: Store, hub: Hub, do_pull: Pull) -> None:
    hub.fail("ignore-range", path="big.gguf")
    taken = do_pull(REPOSITORY, limits=limits())
    assert admitted(store) == BIG
    assert (taken.bytes_fetched, len(hub.downloads())) == (SIZE, 1)


def test_a_server_that_stops_giving_ranges_still_gives_the_file(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("ignore-range", path="big.gguf", skip=3)
    do_pull(REPOSITORY, limits=limits())
    assert admitted(store) == BIG


def test_a_server_that_refuses_every_range_is_asked_for_all(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("status", path="big.gguf", code=416, times=1)
    do_pull(REPOSITORY, limits=limits())
    assert admitted(store) == BIG
    assert [(r.start, r.status) for r in hub.downloads()] == [(0, 200)]


def test_a_server_may_give_less_than_was_asked_for(store: Store, hub: Hub, do_pull: Pull) -> None:
    hub.fail("short-range", path="big.gguf", most=100_000)
    taken = do_pull(REPOSITORY, limits=limits())
    assert admitted(store) == BIG
    assert taken.bytes_fetched == SIZE


def test_without_a_tag_or_a_digest_ranges_are_not_put_together(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.overrides["siblings"] = [{"rfilename": "big.gguf", "size": SIZE}]
    hub.fail("no-tag", path="big.gguf")
    model = do_pull(REPOSITORY, limits=limits()).model
    assert model.trust.publisher_hash is PublisherHash.NONE_GIVEN
    assert admitted(store) == BIG
    assert hub.downloads()[-1].status == 200


@pytest.mark.parametrize("fault", ["break", "stall"])
def test_every_range_may_break_and_goes_on_where_it_did(
    store: Store, hub: Hub, do_pull: Pull, fault: str
) -> None:
    hub.fail(fault, path="big.gguf", after=100_000, times=4)
    taken = do_pull(REPOSITORY, limits=limits(attempts=5))
    assert admitted(store) == BIG
    assert taken.bytes_fetched == SIZE


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_range_in_the_middle_is_refused_and_asked_for_again(
    store: Store, hub: Hub, do_pull: Pull, waits: list[float], status: int
) -> None:
    hub.fail("status", path="big.gguf", code=status, times=1, skip=3, headers={"Retry-After": "4"})
    do_pull(REPOSITORY, limits=limits())
    assert admitted(store) == BIG
    assert waits == [4.0]


def test_a_server_that_allows_two_connections_gets_two(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("crowded", path="big.gguf", most=2)
    do_pull(REPOSITORY, limits=limits())
    assert admitted(store) == BIG


def test_when_every_connection_fails_it_ends(hub: Hub, do_pull: Pull, store: Store) -> None:
    hub.fail("status", path="big.gguf", code=429, skip=2)
    with pytest.raises(RateLimited):
        do_pull(REPOSITORY, limits=limits())
    hub.faults.clear()
    before = len(hub.downloads())
    taken = do_pull(REPOSITORY, limits=limits())
    assert taken.bytes_reused > 0
    assert taken.bytes_fetched + taken.bytes_reused == SIZE
    assert admitted(store) == BIG
    assert all(r.headers["if-range"] for r in hub.downloads()[before:])


def test_38_a_file_that_changes_under_several_ranges_is_never_put_together_from_two(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("replace", path="big.gguf", skip=4)
    with pytest.raises(DigestMismatch):
        do_pull(REPOSITORY, limits=limits())
    held = next(store.home.quarantine.rglob("big.gguf")).read_bytes()
    assert held == bytes(byte ^ 0xFF for byte in BIG)


def test_38_a_silent_change_of_a_range_is_found_and_undone(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("replace", path="big.gguf", honest=False, skip=2, times=1)
    taken = do_pull(REPOSITORY, limits=limits())
    assert admitted(store) == BIG
    assert taken.bytes_fetched < 3 * SIZE


@pytest.mark.parametrize("ranges", [True, False])
def test_33_a_damaged_block_is_found_and_alone_replaced(
    store: Store, hub: Hub, do_pull: Pull, ranges: bool
) -> None:
    if not ranges:
        hub.fail("ignore-range", path="big.gguf")
    hub.fail("flip", path="big.gguf", byte=2_500_000, times=1)
    before = len(hub.downloads())
    taken = do_pull(REPOSITORY, limits=limits())
    assert admitted(store) == BIG
    assert taken.model.trust.publisher_hash is PublisherHash.MATCHES
    # The whole file is compared once; then only the block that differed is read again, or what leads up to it.
    assert taken.bytes_fetched - 2 * SIZE == (1 if ranges else 3) * BLOCK_BYTES
    assert len(hub.downloads()) > before


def test_33_blocks_that_never_read_the_same_twice_are_given_up(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    for count in range(8):
        hub.fail("flip", path="big.gguf", byte=2_500_000 + count, times=1)
    with pytest.raises(DigestMismatch):
        do_pull(REPOSITORY, limits=limits())
    assert store.models()[0].state is State.QUARANTINED


def test_33_a_file_that_is_really_another_is_held_after_one_look(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("flip", path="big.gguf", byte=7)
    with pytest.raises(DigestMismatch):
        do_pull(REPOSITORY, limits=limits())
    assert sum(r.sent_bytes for r in hub.downloads()) == 2 * SIZE


def test_44_bytes_that_rotted_between_two_tries_are_repaired(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("status", path="big.gguf", code=503, skip=3)
    with pytest.raises(Exception, match="503"):
        do_pull(REPOSITORY, limits=limits(attempts=1))
    hub.faults.clear()
    (partial,) = store.home.quarantine.rglob("big.gguf")
    with partial.open("r+b") as stream:
        stream.seek(1000)
        stream.write(b"rotten")
    taken = do_pull(REPOSITORY, limits=limits())
    assert admitted(store) == BIG
    assert taken.bytes_reused > 0


def test_a_broken_pull_may_go_on_with_other_connections(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("break", path="big.gguf", after=200_000, times=6)
    with pytest.raises(HostUnreachable):
        do_pull(REPOSITORY, limits=limits(attempts=1))
    hub.faults.clear()
    taken = do_pull(REPOSITORY, limits=limits(connections=1))
    assert taken.bytes_fetched + taken.bytes_reused == SIZE
    assert taken.bytes_reused > 0
    assert admitted(store) == BIG


def test_a_limit_spreads_what_arrives_over_time(hub: Hub, do_pull: Pull) -> None:
    import time

    began = time.monotonic()
    do_pull(REPOSITORY, limits=limits(limit=8_000_000))
    assert time.monotonic() - began > SIZE / 8_000_000 - 0.1


def test_progress_never_counts_more_than_there_is(hub: Hub, do_pull: Pull) -> None:
    seen: list[Progress] = []
    do_pull(REPOSITORY, limits=limits(), report=Reporter(seen.append))
    fetching = [progress for progress in seen if progress.stage == "fetching"]
    assert all(0 <= progress.done <= SIZE == progress.total for progress in fetching)
    assert fetching[-1].done == SIZE


def test_quarantine_is_empty_when_all_is_done(store: Store, do_pull: Pull, tmp_path: Path) -> None:
    do_pull(REPOSITORY, limits=limits())
    assert list(store.home.quarantine.iterdir()) == []
