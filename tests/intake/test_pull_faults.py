"""A hub that lies, breaks, stalls and redirects: typed errors, nothing wrong admitted, what verifies is kept
(THREATS 33-45)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from formats.gguf_builder import Tensor, build_gguf, tiny_llama
from intake.conftest import Pull
from intake.judging import OpenGate
from simulators.hub import ENDLESS_BYTES, Hub
from steelyard.base.errors import Cancelled, RefusedByPolicy, RemoteFailure
from steelyard.base.progress import CancelToken, Progress, Reporter
from steelyard.connections.errors import (
    FileNotInRepository,
    Gated,
    HostUnreachable,
    HubFailed,
    MalformedAnswer,
    RateLimited,
    RedirectRefused,
    Stalled,
    UnexpectedEncoding,
)
from steelyard.connections.failures import retry_after_s
from steelyard.connections.hub import Timeouts
from steelyard.connections.retries import Patience
from steelyard.intake.download import Manner
from steelyard.intake.errors import DigestMismatch, WrongLength
from steelyard.intake.pull import PullLimits, pull
from steelyard.intake.records import PullSpec
from steelyard.store.records import PublisherHash, State
from steelyard.store.store import Store
from store.model_samples import everything

REPOSITORY = "maker/tiny"
GGUF = build_gguf({"general.architecture": "llama"}, [Tensor("x.weight", (256, 512))])
HALF = len(GGUF) // 2


@pytest.fixture(autouse=True)
def repository(hub: Hub) -> None:
    hub.add(REPOSITORY, {"tiny.gguf": GGUF, "README.md": b"# card"})


def nothing_admitted(store: Store) -> bool:
    return not (store.home.store / "blobs").exists() and not any(
        model.state in (State.ADMITTED, State.VERIFIED) for model in store.models()
    )


@pytest.mark.parametrize("at", [0.0, 0.5, 0.999999])
def test_33_one_flipped_bit_is_refused_quarantined_and_said(
    store: Store, hub: Hub, do_pull: Pull, at: float
) -> None:
    hub.fail("flip", path="tiny.gguf", at=at)
    with pytest.raises(DigestMismatch) as refusal:
        do_pull(REPOSITORY)
    assert nothing_admitted(store)
    (model,) = store.models()
    assert (model.state, model.trust.publisher_hash) == (
        State.QUARANTINED,
        PublisherHash.DIFFERS,
    )
    assert refusal.value.facts["digest"] == model.digest
    assert "quarantine" in refusal.value.message
    assert len((store.view(model) / "tiny.gguf").read_bytes()) == len(GGUF)


def test_33_after_a_mismatch_the_good_files_are_not_fetched_again(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    fault = hub.fail("flip", path="README.md")
    with pytest.raises(DigestMismatch):
        do_pull(REPOSITORY, limits=_one_connection())
    hub.faults.remove(fault)
    taken = do_pull(REPOSITORY)
    assert taken.model.state is State.ADMITTED
    assert taken.bytes_reused == len(GGUF)
    assert taken.bytes_fetched == len(b"# card")


def test_34_a_shorter_file_is_a_typed_error(store: Store, hub: Hub, do_pull: Pull) -> None:
    hub.fail("short", path="tiny.gguf")
    with pytest.raises(WrongLength) as refusal:
        do_pull(REPOSITORY)
    assert refusal.value.facts["expected_bytes"] == len(GGUF)
    assert nothing_admitted(store)


def test_34_a_longer_file_is_a_typed_error(store: Store, hub: Hub, do_pull: Pull) -> None:
    hub.fail("longer", path="tiny.gguf")
    with pytest.raises(WrongLength):
        do_pull(REPOSITORY)
    assert nothing_admitted(store)


def test_34_an_endless_body_is_cut_off_at_the_expected_size(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("endless", path="tiny.gguf")
    with pytest.raises(WrongLength):
        do_pull(REPOSITORY)
    assert nothing_admitted(store)
    on_disk = sum(len(data) for data in everything(store.home).values())
    assert on_disk < len(GGUF) + 10_000 < ENDLESS_BYTES


@pytest.mark.parametrize("value", [10, 10**15, 0, "9" * 30, "-5", "abc", "1e3"])
def test_35_a_lying_content_length_admits_nothing_wrong(
    store: Store, hub: Hub, do_pull: Pull, value: int | str
) -> None:
    hub.fail("length", path="tiny.gguf", value=value)
    with pytest.raises(RemoteFailure):
        do_pull(REPOSITORY)
    assert nothing_admitted(store)


@pytest.mark.parametrize(
    "value", ['"../../../evil"', '"/etc/evil"', "evil", 'W/"weak"', '"' + "e" * 5000 + '"', ""]
)
def test_36_an_etag_never_names_a_file(store: Store, hub: Hub, do_pull: Pull, value: str) -> None:
    hub.fail("etag", value=value)
    assert do_pull(REPOSITORY).model.state is State.ADMITTED
    assert not list(store.home.data.parent.parent.rglob("*evil*"))


def test_37_a_whole_file_in_answer_to_a_range_starts_over(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("break", path="tiny.gguf", after=HALF, times=1)
    hub.fail("ignore-range", path="tiny.gguf")
    taken = do_pull(REPOSITORY)
    assert store.main_file(taken.model).read_bytes() == GGUF
    assert taken.bytes_fetched == HALF + len(GGUF) + len(b"# card")


def test_37_a_range_that_begins_elsewhere_is_not_appended(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("break", path="tiny.gguf", after=HALF, times=1)
    hub.fail("wrong-range", path="tiny.gguf", times=1)
    model = do_pull(REPOSITORY).model
    assert store.main_file(model).read_bytes() == GGUF


@pytest.mark.parametrize("honest", [True, False])
def test_38_a_file_that_changes_in_the_middle_is_never_put_together_from_two(
    store: Store, hub: Hub, do_pull: Pull, honest: bool
) -> None:
    hub.fail("break", path="tiny.gguf", after=HALF, times=1)
    with pytest.raises(HostUnreachable):
        do_pull(REPOSITORY, limits=_no_retries())
    hub.fail("replace", path="tiny.gguf", honest=honest)
    with pytest.raises(DigestMismatch):
        do_pull(REPOSITORY)
    assert nothing_admitted(store)
    hub.faults.clear()
    assert do_pull(REPOSITORY).model.state is State.ADMITTED


def test_38_another_entity_tag_on_a_range_is_not_appended(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("break", path="tiny.gguf", after=HALF, times=1)
    hub.fail("etag", path="tiny.gguf", value='"one"', times=1)
    hub.fail("ignore-if-range", path="tiny.gguf")
    taken = do_pull(REPOSITORY)
    assert store.main_file(taken.model).read_bytes() == GGUF
    # The second answer was dropped unread, so its half was never put behind the first.
    assert taken.bytes_fetched == HALF + len(GGUF) + len(b"# card")
    assert [r.start for r in hub.downloads() if r.path.endswith(".gguf")] == [0, HALF, 0]


def test_38_a_silent_change_that_is_undone_costs_one_more_fetch(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("break", path="tiny.gguf", after=HALF, times=1)
    with pytest.raises(HostUnreachable):
        do_pull(REPOSITORY, limits=_no_retries())
    hub.fail("replace", path="tiny.gguf", honest=False, times=1)
    model = do_pull(REPOSITORY).model
    assert store.main_file(model).read_bytes() == GGUF


def test_39_a_compressed_body_is_refused(store: Store, hub: Hub, do_pull: Pull) -> None:
    hub.fail("gzip", path="tiny.gguf")
    with pytest.raises(UnexpectedEncoding):
        do_pull(REPOSITORY)
    assert nothing_admitted(store)
    assert {request.headers["accept-encoding"] for request in hub.requests} == {"identity"}


def test_39_compressed_metadata_is_refused(hub: Hub, do_pull: Pull) -> None:
    hub.fail("gzip", path="api")
    with pytest.raises(UnexpectedEncoding):
        do_pull(REPOSITORY)


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/x",
        "javascript:alert(1)",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/x",
        "http://0.0.0.0:1/x",
        "http://224.0.0.1/x",
        "http://[::1/x",
    ],
)
@pytest.mark.parametrize("path", ["api", "tiny.gguf"])
def test_40_redirects_elsewhere_are_not_followed(
    store: Store, hub: Hub, gate: OpenGate, do_pull: Pull, to: str, path: str
) -> None:
    hub.fail("redirect", path=path, to=to)
    with pytest.raises(RedirectRefused):
        do_pull(REPOSITORY)
    assert nothing_admitted(store)


@pytest.mark.parametrize("to", ["http://", "\\\\host\\share", "", "?", "#x", "\x7f", "//"])
def test_40_a_redirect_to_nowhere_is_a_typed_error(
    store: Store, hub: Hub, do_pull: Pull, to: str
) -> None:
    hub.fail("redirect", path="tiny.gguf", to=to)
    with pytest.raises((RemoteFailure, FileNotInRepository)):
        do_pull(REPOSITORY)
    assert nothing_admitted(store)


def test_40_a_redirect_is_asked_for_at_the_gate(store: Store, hub: Hub) -> None:
    with Hub() as elsewhere:
        hub.fail("redirect", path="tiny.gguf", to=f"{elsewhere.origin}/content/x")
        gate = OpenGate(elsewhere.origin)
        with pytest.raises(RefusedByPolicy):
            pull(store, PullSpec(REPOSITORY, endpoint=hub.endpoint), gate)
        assert elsewhere.requests == []
    assert nothing_admitted(store)


def test_40_a_circle_of_redirects_ends(hub: Hub, do_pull: Pull) -> None:
    hub.fail("redirect", path="tiny.gguf", to=f"/{REPOSITORY}/resolve/main/tiny.gguf")
    with pytest.raises(MalformedAnswer):
        do_pull(REPOSITORY)
    assert len(hub.requests) < 20


def test_41_the_token_goes_to_the_endpoint_and_nowhere_else(hub: Hub, do_pull: Pull) -> None:
    with Hub() as elsewhere:
        elsewhere.repositories = hub.repositories
        commit = hub.repositories[REPOSITORY].names["main"]
        to = f"{elsewhere.origin}/content/{REPOSITORY}/{commit}/tiny.gguf"
        hub.fail("redirect", path="tiny.gguf", to=to)
        do_pull(REPOSITORY, token="hf_secret")
        assert {r.headers.get("authorization") for r in hub.requests} == {"Bearer hf_secret"}
        assert [r.status for r in elsewhere.requests] == [200]
        assert "authorization" not in elsewhere.requests[0].headers


def test_41_no_token_is_read_from_the_environment(
    hub: Hub, do_pull: Pull, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_from_environment")
    monkeypatch.setenv("HF_ENDPOINT", "http://169.254.1.1")
    do_pull(REPOSITORY)
    assert all("authorization" not in request.headers for request in hub.requests)


def test_41_an_error_does_not_show_the_token(hub: Hub, do_pull: Pull) -> None:
    for fault in ({"code": 403}, {"code": 500}):
        hub.faults.clear()
        hub.fail("status", path="tiny.gguf", **fault)
        with pytest.raises(RemoteFailure) as failure:
            do_pull(REPOSITORY, token="hf_secret")
        assert "secret" not in str(failure.value.as_json())


def test_42_a_tag_that_moved_brings_the_new_commit_and_keeps_equal_content(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("break", path="tiny.gguf", after=HALF, times=1)
    with pytest.raises(HostUnreachable):
        do_pull(REPOSITORY, limits=_no_retries())
    commit = hub.add(REPOSITORY, {"tiny.gguf": GGUF, "README.md": b"# a newer card"})
    taken = do_pull(REPOSITORY)
    assert taken.model.manifest.source.commit == commit
    assert (store.view(taken.model) / "README.md").read_bytes() == b"# a newer card"
    assert taken.bytes_reused == HALF
    assert list(store.home.quarantine.iterdir()) == []


def test_44_a_corrupt_partial_file_is_replaced_not_admitted(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("break", path="tiny.gguf", after=HALF, times=1)
    with pytest.raises(HostUnreachable):
        do_pull(REPOSITORY, limits=_no_retries())
    (partial,) = store.home.quarantine.rglob("tiny.gguf")
    data = bytearray(partial.read_bytes())
    data[1000] ^= 1
    partial.write_bytes(data)
    model = do_pull(REPOSITORY).model
    assert model.state is State.ADMITTED
    assert store.main_file(model).read_bytes() == GGUF


@pytest.mark.parametrize("extra", [b"", b"more than there should be"])
def test_44_a_partial_file_that_is_whole_or_too_long_is_judged_like_any(
    store: Store, hub: Hub, do_pull: Pull, extra: bytes
) -> None:
    hub.fail("break", path="tiny.gguf", after=HALF, times=1)
    with pytest.raises(HostUnreachable):
        do_pull(REPOSITORY, limits=_no_retries())
    (partial,) = store.home.quarantine.rglob("tiny.gguf")
    partial.write_bytes(GGUF + extra)
    taken = do_pull(REPOSITORY)
    assert store.main_file(taken.model).read_bytes() == GGUF
    assert taken.bytes_reused == (0 if extra else len(GGUF))


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("path", ["api", "tiny.gguf"])
def test_45_a_gated_repository_is_said_clearly(
    hub: Hub, do_pull: Pull, status: int, path: str
) -> None:
    hub.fail("status", path=path, code=status, headers={"X-Error-Code": "GatedRepo"})
    with pytest.raises(Gated) as refusal:
        do_pull(REPOSITORY)
    assert refusal.value.facts["status"] == status
    assert "accept its terms" in refusal.value.next_step


def test_45_a_file_that_is_gone_after_all_is_not_found(hub: Hub, do_pull: Pull) -> None:
    hub.fail("status", path="tiny.gguf", code=404)
    with pytest.raises(FileNotInRepository):
        do_pull(REPOSITORY)


def test_45_range_not_satisfiable_starts_over(store: Store, hub: Hub, do_pull: Pull) -> None:
    hub.fail("break", path="tiny.gguf", after=HALF, times=1)
    with pytest.raises(HostUnreachable):
        do_pull(REPOSITORY, limits=_no_retries())
    hub.fail("status", path="tiny.gguf", code=416, times=1)
    model = do_pull(REPOSITORY).model
    assert store.main_file(model).read_bytes() == GGUF


@pytest.mark.parametrize("path", ["api", "tiny.gguf"])
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_45_a_passing_error_is_tried_again(
    hub: Hub, do_pull: Pull, waits: list[float], status: int, path: str
) -> None:
    hub.fail("status", path=path, code=status, times=2)
    assert do_pull(REPOSITORY).model.state is State.ADMITTED
    assert waits == [1.0, 2.0]


def test_45_a_lasting_error_ends(hub: Hub, do_pull: Pull, waits: list[float]) -> None:
    hub.fail("status", path="tiny.gguf", code=503)
    with pytest.raises(HubFailed) as failure:
        do_pull(REPOSITORY)
    assert failure.value.facts["status"] == 503
    assert len(waits) == 2


def test_45_an_error_that_is_not_passing_is_not_tried_again(
    hub: Hub, do_pull: Pull, waits: list[float]
) -> None:
    hub.fail("status", path="tiny.gguf", code=501)
    with pytest.raises(HubFailed):
        do_pull(REPOSITORY)
    assert waits == []


def test_45_retry_after_is_obeyed_up_to_a_limit(
    hub: Hub, do_pull: Pull, waits: list[float]
) -> None:
    fault = hub.fail("status", path="api", code=429, times=1, headers={"Retry-After": "7"})
    do_pull(REPOSITORY)
    assert waits == [7.0]
    fault.times, fault.options["headers"] = 1, {"Retry-After": "86400"}
    with pytest.raises(RateLimited) as refusal:
        do_pull(REPOSITORY)
    assert refusal.value.facts["retry_after_s"] == 86400.0
    assert waits == [7.0]


def test_45_retry_after_may_be_a_date() -> None:
    now = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
    later = format_datetime(now.replace(minute=2), usegmt=True)
    assert retry_after_s(later, now) == 120.0
    assert retry_after_s(format_datetime(now.replace(hour=1), usegmt=True), now) == 0.0
    assert retry_after_s("3", now) == 3.0
    assert retry_after_s("9" * 5000, now) == 10.0**8
    for nonsense in (None, "", "soon", "-5", "²"):
        assert retry_after_s(nonsense, now) is None


@pytest.mark.parametrize("path", ["api", "tiny.gguf"])
def test_45_a_stalled_socket_is_given_up(hub: Hub, do_pull: Pull, path: str) -> None:
    hub.fail("stall", path=path, after=1000)
    with pytest.raises(Stalled):
        do_pull(REPOSITORY)


def test_45_after_a_stall_the_next_attempt_goes_on(store: Store, hub: Hub, do_pull: Pull) -> None:
    hub.fail("stall", path="tiny.gguf", after=HALF, times=1)
    taken = do_pull(REPOSITORY)
    assert store.main_file(taken.model).read_bytes() == GGUF
    # The silent answer is logged only when it ends.
    assert [r.start for r in hub.downloads() if r.path.endswith(".gguf")] == [HALF]
    assert taken.bytes_fetched == len(GGUF) + len(b"# card")


def test_45_nobody_there_is_said(do_pull: Pull) -> None:
    with Hub() as gone:
        endpoint = gone.endpoint
    with pytest.raises(HostUnreachable) as failure:
        do_pull(REPOSITORY, endpoint=endpoint)
    assert failure.value.facts["host"] == "127.0.0.1"


def test_a_connection_that_breaks_again_and_again_still_arrives_while_it_progresses(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    large = build_gguf({"general.architecture": "llama"}, [Tensor("x.weight", (4096, 512))])
    hub.add(REPOSITORY, {"tiny.gguf": large})
    hub.fail("break", path="tiny.gguf", after=1_200_000)
    taken = do_pull(REPOSITORY)
    assert taken.bytes_fetched == len(large)
    assert store.main_file(taken.model).read_bytes() == large


def test_cancelling_a_silent_connection_does_not_wait_for_it(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("stall", path="tiny.gguf", after=HALF)
    token = CancelToken()

    def cancel_when_silent() -> None:
        assert hub.stalling.wait(30)
        token.cancel()

    thread = threading.Thread(target=cancel_when_silent)
    thread.start()
    patient = PullLimits(Timeouts(connect_s=5, read_s=600))
    with pytest.raises(Cancelled) as cancelled:
        do_pull(REPOSITORY, report=Reporter(cancel=token), limits=patient)
    thread.join()
    assert "kept" in cancelled.value.message
    hub.faults.clear()
    taken = do_pull(REPOSITORY)
    assert 0 < taken.bytes_reused <= HALF + len(b"# card")
    assert store.main_file(taken.model).read_bytes() == GGUF


def test_cancelling_while_it_arrives_keeps_what_arrived(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    token = CancelToken()

    def listen(progress: Progress) -> None:
        if progress.stage == "fetching":
            token.cancel()

    with pytest.raises(Cancelled):
        do_pull(REPOSITORY, report=Reporter(listen, token))
    assert nothing_admitted(store)
    assert do_pull(REPOSITORY).bytes_reused > 0


def test_cancelling_while_it_is_judged_keeps_the_download(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    def cancelled(path: object, report: Reporter) -> Any:
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        do_pull(REPOSITORY, judge=cancelled)
    taken = do_pull(REPOSITORY)
    assert (taken.bytes_fetched, taken.model.state) == (0, State.ADMITTED)


def test_an_unknown_file_in_a_known_state_does_not_confuse_a_pull(
    store: Store, hub: Hub, do_pull: Pull
) -> None:
    hub.fail("break", path="tiny.gguf", after=HALF, times=1)
    with pytest.raises(HostUnreachable):
        do_pull(REPOSITORY, limits=_no_retries())
    (folder,) = store.home.quarantine.iterdir()
    (folder / "validators.json").write_bytes(b"\xff not json")
    (folder / "expected.json").write_bytes(b"{")
    (folder / "files" / "stray.py").write_text("raise SystemExit")
    model = do_pull(REPOSITORY).model
    assert [file.path for file in model.manifest.files] == ["README.md", "tiny.gguf"]
    assert list(store.home.quarantine.iterdir()) == []


def _no_retries() -> PullLimits:
    return replace(_one_connection(), patience=Patience(attempts=1))


def _one_connection() -> PullLimits:
    """One file after the other, so that a test knows what was fetched when another failed."""
    timeouts = Timeouts(connect_s=5, read_s=0.5)
    return PullLimits(timeouts, Patience(attempts=3), Manner(connections=1))


def test_a_tiny_model_is_still_fetched(hub: Hub, do_pull: Pull) -> None:
    hub.add("maker/other", {"tiny.gguf": tiny_llama()})
    assert do_pull("maker/other").model.state is State.ADMITTED
