"""A scrub reads what was not verified for longest, gives way, stops at once, and goes on where it stopped."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from steelyard.base.errors import Cancelled
from steelyard.base.paths import Home
from steelyard.base.progress import CancelToken, Progress, Reporter
from steelyard.store.records import State
from steelyard.store.scrubbing import due, scrub
from steelyard.store.store import Store
from steelyard.store.verification import Reverify
from store.model_samples import put

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class EveryReport(Reporter):
    """Passes everything on, where the real one would leave some out for following too soon."""

    def __call__(
        self, stage: str, done: int, total: int | None = None, unit: str = "bytes", detail: str = ""
    ) -> None:
        self.cancel.check()
        assert self._listener is not None
        self._listener(Progress(stage, done, total, unit, detail))


class Calendar:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def store(home: Home, calendar: Calendar) -> Store:
    store = Store(home, calendar)
    for name in ("one", "two", "three"):
        put(store, {f"{name}.gguf": name.encode() * 500}, name)
        calendar.now += DAY
    return store


def test_the_longest_unverified_comes_first_and_what_is_fresh_is_left(
    store: Store, calendar: Calendar
) -> None:
    calendar.now = START + timedelta(days=31)
    seen: list[str] = []
    done = scrub(store, calendar.now - 30 * DAY, Reporter(lambda p: seen.append(p.detail)))
    assert (done.models, done.damaged, done.remaining) == (2, (), 0)
    assert list(dict.fromkeys(seen)) == ["one.gguf", "two.gguf"]
    assert scrub(store, calendar.now - 30 * DAY, Reporter()).models == 0
    assert [e.model.name for e in due(store, calendar.now)] == ["three", "one", "two"]


def test_a_limit_of_bytes_ends_it_after_a_whole_model(store: Store, calendar: Calendar) -> None:
    calendar.now += 60 * DAY
    done = scrub(store, calendar.now - 30 * DAY, Reporter(), max_bytes=1)
    assert (done.models, done.checked_bytes, done.remaining) == (1, 1500, 2)
    assert scrub(store, calendar.now - 30 * DAY, Reporter()).models == 2


def test_damage_is_found_and_named_and_cannot_be_loaded(store: Store, calendar: Calendar) -> None:
    calendar.now += 60 * DAY
    target = store.main_file(store.get("two"))
    target.chmod(0o600)
    with target.open("r+b") as stream:
        stream.write(b"X")
    done = scrub(store, calendar.now - 30 * DAY, Reporter())
    assert (done.models, done.damaged) == (3, ("two",))
    assert store.get("two").state is State.QUARANTINED
    # It stays due until it is whole again.
    assert scrub(store, calendar.now - 30 * DAY, Reporter()).damaged == ("two",)


def test_called_off_it_stops_at_once_and_the_next_one_goes_on(
    store: Store, calendar: Calendar
) -> None:
    calendar.now += 60 * DAY
    token = CancelToken()

    def stop_at_second(progress: Progress) -> None:
        if progress.detail == "two.gguf":
            token.cancel()

    with pytest.raises(Cancelled):
        scrub(store, calendar.now - 30 * DAY, EveryReport(stop_at_second, token))
    assert [e.model.name for e in due(store, calendar.now - 30 * DAY)] == ["two", "three"]


def test_it_rests_while_others_work_and_goes_on_after(store: Store, calendar: Calendar) -> None:
    calendar.now += 60 * DAY
    answers = iter([True, True, False])
    stages: list[str] = []
    done = scrub(
        store,
        calendar.now - 30 * DAY,
        Reporter(lambda p: stages.append(p.stage)),
        busy=lambda: next(answers, False),
    )
    assert done.models == 3
    assert stages[0] == "waiting"
    assert stages[-1] == "verifying"


def test_resting_it_can_be_called_off(store: Store, calendar: Calendar) -> None:
    calendar.now += 60 * DAY
    token = CancelToken()

    def listen(progress: Progress) -> None:
        if progress.stage == "waiting":
            token.cancel()

    with pytest.raises(Cancelled):
        scrub(store, calendar.now - 30 * DAY, Reporter(listen, token), busy=lambda: True)
    assert len(due(store, calendar.now - 30 * DAY)) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux")
def test_its_thread_has_the_lowest_priority_and_the_callers_keeps_its_own(
    store: Store, calendar: Calendar
) -> None:
    calendar.now += 60 * DAY
    found: list[tuple[int, str]] = []

    def listen(_: Progress) -> None:
        number = threading.get_native_id()
        found.append((os.getpriority(os.PRIO_PROCESS, number), threading.current_thread().name))

    before = os.getpriority(os.PRIO_PROCESS, 0)
    scrub(store, calendar.now - 30 * DAY, Reporter(listen))
    assert {nice for nice, _ in found} == {19}
    assert all(name.startswith("scrub") for _, name in found)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_a_model_removed_meanwhile_is_no_damage(store: Store, calendar: Calendar) -> None:
    calendar.now += 60 * DAY

    def remove_next(progress: Progress) -> None:
        if progress.detail == "one.gguf" and store.get("two").state is State.ADMITTED:
            store.remove(store.get("two"))

    done = scrub(store, calendar.now - 30 * DAY, Reporter(remove_next))
    assert (done.models, done.damaged) == (2, ())


def hashed(store: Store, run: Callable[[Reporter], object]) -> bool:
    """Whether files were read."""
    seen: list[Progress] = []
    run(Reporter(seen.append))
    return bool(seen)


@pytest.mark.parametrize(
    ("policy", "after", "again"),
    [
        (Reverify("always"), 0, True),
        (Reverify("when-changed"), 400, False),
        (Reverify("days", 30), 29, False),
        (Reverify("days", 30), 31, True),
        (Reverify("days", 30), -1, True),  # a clock that was set back proves nothing
    ],
)
def test_policy_says_when_untouched_files_are_hashed_again_before_a_load(
    home: Home, calendar: Calendar, policy: Reverify, after: int, again: bool
) -> None:
    with Store(home, calendar) as store:
        model = put(store, {"m.gguf": b"w" * 99}, "m")
        calendar.now += after * DAY

        def load(report: Reporter) -> object:
            return store.verify_before_load(model, report, reverify=policy)

        assert hashed(store, load) is again
        # Reading it through was a verification: within the days it holds.
        assert hashed(store, load) is (policy.mode == "always")


def test_always_finds_what_no_signature_shows(home: Home, calendar: Calendar) -> None:
    with Store(home, calendar) as store:
        model = put(store, {"m.gguf": b"w" * 99}, "m")
        target = store.main_file(model)
        target.chmod(0o600)
        target.write_bytes(b"w" * 98 + b"X")
        # As a failing disk does it: other bytes, the same stat.
        now = target.stat()
        text = f"{now.st_size}:{now.st_mtime_ns}:{now.st_ctime_ns}:{now.st_ino}"
        sha256 = model.manifest.files[0].sha256
        store.index.set_file(model.digest, "m.gguf", sha256, text)
        assert store.check_unchanged(model)
        store.verify_before_load(model)
        from steelyard.store.errors import Damaged

        with pytest.raises(Damaged):
            store.verify_before_load(model, reverify=Reverify("always"))
