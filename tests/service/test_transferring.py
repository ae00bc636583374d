"""Transfers: listed as they stand, gone on with by their id, removed; and a token that is written nowhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from connections.test_access import Drawer
from formats.gguf_builder import Tensor, build_gguf
from simulators.hub import Hub
from steelyard.base.canonical import canonical_bytes
from steelyard.base.errors import Cancelled, NotFound, RemoteFailure
from steelyard.base.paths import Home
from steelyard.base.progress import CancelToken
from steelyard.connections.errors import Gated
from steelyard.intake.errors import DigestMismatch, NotResumable, TransferUnderWay
from steelyard.policy.errors import InvalidSetting
from steelyard.service import Steelyard
from steelyard.service import requests as ask
from steelyard.store.errors import QuarantineBusy

REPOSITORY = "maker/tiny"
GGUF = build_gguf({"general.architecture": "llama"}, [Tensor("x.weight", (1024, 512))])
FILES = {"tiny.gguf": GGUF, "README.md": b"# card"}
TOKEN = "hf_VerySecretToken0123456789"


@pytest.fixture
def desk(home: Home, tmp_path: Path) -> Iterator[Steelyard]:
    with Steelyard.open(home, environment={}, managed=tmp_path / "none.json") as opened:
        yield opened


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.add(REPOSITORY, FILES)
        yield hub


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before = keyring.get_keyring()
    drawer = Drawer()
    keyring.set_keyring(drawer)
    yield drawer
    keyring.set_keyring(before)


def rows(desk: Steelyard) -> list[ask.TransferRow]:
    listed: ask.TransferList = desk.run(ask.ListTransfers())
    return list(listed.transfers)


def pull(hub: Hub, **fields: object) -> ask.PullModel:
    return ask.PullModel(REPOSITORY, endpoint=hub.endpoint, **fields)  # type: ignore[arg-type]  # by name


def broken(desk: Steelyard, hub: Hub) -> ask.TransferRow:
    """A pull of which the large file came half, and the card whole."""
    hub.fail("break", path="tiny.gguf", after=len(GGUF) // 2, times=1)
    hub.fail("status", path="tiny.gguf", code=403, skip=1)
    with pytest.raises(Gated):
        desk.run(pull(hub, connections=1))
    hub.faults.clear()
    (row,) = rows(desk)
    return row


def test_a_broken_pull_is_listed_with_its_files_and_the_reason(desk: Steelyard, hub: Hub) -> None:
    row = broken(desk, hub)
    assert (row.kind, row.title, row.state) == ("pull", REPOSITORY, "paused")
    assert (row.done_bytes, row.total_bytes) == (len(GGUF) // 2, len(GGUF) + 6)
    assert (row.files_done, row.files) == (0, 2)
    assert "accept its terms" in row.reason
    assert row.request == {
        "operation": "model.pull",
        "reference": REPOSITORY,
        "endpoint": hub.endpoint,
    }
    states = {part.path: part.state for part in row.parts}
    assert states == {"tiny.gguf": "partial", "README.md": "waiting"}
    assert row.updated_at


def test_going_on_by_id_fetches_the_rest_of_the_same_commit(desk: Steelyard, hub: Hub) -> None:
    row = broken(desk, hub)
    commit = hub.repositories[REPOSITORY].names["main"]
    hub.add(REPOSITORY, {"tiny.gguf": GGUF, "README.md": b"# a newer card"})
    resumed: ask.TransferResumed = desk.run(ask.ResumeTransfer(row.id))
    assert resumed.operation == "model.pull"
    assert resumed.model is not None
    assert resumed.model.state == "admitted"
    assert resumed.bytes_fetched + resumed.bytes_reused == row.total_bytes
    assert resumed.bytes_reused == row.done_bytes
    detail: ask.ModelDetail = desk.run(ask.ShowModel(resumed.model.name))
    assert detail.source["commit"] == commit
    assert rows(desk) == []


def test_a_pull_that_was_called_off_is_paused(desk: Steelyard, hub: Hub) -> None:
    hub.fail("stall", path="tiny.gguf", after=1000)
    token = CancelToken()

    def cancel_when_silent() -> None:
        assert hub.stalling.wait(30)
        token.cancel()

    thread = threading.Thread(target=cancel_when_silent)
    thread.start()
    with pytest.raises(Cancelled):
        desk.run(pull(hub), cancel=token)
    thread.join()
    (row,) = rows(desk)
    assert row.state == "paused"
    assert "resume" in row.reason
    parts = {part.path: part for part in row.parts}
    assert parts["README.md"].state in ("matches", "here")


def test_a_pull_under_way_is_listed_so_and_left_alone(desk: Steelyard, hub: Hub) -> None:
    hub.fail("stall", path="tiny.gguf", after=100_000, times=1)
    ended: list[object] = []

    def run() -> None:
        ended.append(desk.run(pull(hub)))

    thread = threading.Thread(target=run)
    thread.start()
    assert hub.stalling.wait(30)
    (row,) = rows(desk)
    assert (row.state, row.reason) == ("fetching", "")
    with pytest.raises(TransferUnderWay):
        desk.run(ask.ResumeTransfer(row.id))
    with pytest.raises(TransferUnderWay):
        desk.run(ask.DiscardTransfer(row.id))
    with pytest.raises(QuarantineBusy):
        desk.run(pull(hub))
    hub.released.set()
    thread.join()
    assert len(ended) == 1


def test_removing_a_broken_pull_frees_its_bytes(desk: Steelyard, hub: Hub, home: Home) -> None:
    row = broken(desk, hub)
    removed: ask.TransferDiscarded = desk.run(ask.DiscardTransfer(row.id))
    assert removed.freed_bytes >= row.done_bytes
    assert rows(desk) == []
    assert list(home.quarantine.iterdir()) == []


def test_refused_bytes_are_held_shown_and_removable_but_cannot_go_on(
    desk: Steelyard, hub: Hub
) -> None:
    hub.fail("flip", path="tiny.gguf")
    with pytest.raises(DigestMismatch):
        desk.run(pull(hub, connections=1))
    held = next(row for row in rows(desk) if row.kind == "held")
    assert (held.state, held.model, held.request) == ("quarantined", "tiny", {})
    assert [(part.path, part.state) for part in held.parts] == [("tiny.gguf", "differs")]
    with pytest.raises(NotResumable):
        desk.run(ask.ResumeTransfer(held.id))
    desk.run(ask.DiscardTransfer(held.id))
    assert [row.kind for row in rows(desk)] == ["pull"]


def test_an_unknown_id_is_said(desk: Steelyard) -> None:
    for request in (ask.ResumeTransfer("../../etc"), ask.DiscardTransfer("nothing")):
        with pytest.raises(NotFound):
            desk.run(request)


@pytest.mark.parametrize(
    "request_of_it",
    [
        {"operation": "model.remove", "model": "starter"},
        {"operation": "model.pull"},
        {"operation": "model.pull", "reference": REPOSITORY, "nonsense": "1"},
        {},
    ],
)
def test_a_record_cannot_ask_for_anything_else(
    desk: Steelyard, hub: Hub, home: Home, request_of_it: dict[str, str]
) -> None:
    row = broken(desk, hub)
    record = home.quarantine / row.id / "transfer.json"
    value = json.loads(record.read_bytes())
    record.write_bytes(canonical_bytes({**value, "request": request_of_it, "pinned": {}}))
    with pytest.raises(NotResumable):
        desk.run(ask.ResumeTransfer(row.id))


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"format":1,"paused":1}', b"\xff"])
def test_a_damaged_record_still_lists_what_is_expected(
    desk: Steelyard, hub: Hub, home: Home, content: bytes
) -> None:
    row = broken(desk, hub)
    (home.quarantine / row.id / "transfer.json").write_bytes(content)
    (again,) = rows(desk)
    assert (again.title, again.done_bytes) == (REPOSITORY, row.done_bytes)
    resumed: ask.TransferResumed = desk.run(ask.ResumeTransfer(row.id))
    assert resumed.model is not None


def test_a_bundles_import_is_listed_by_its_own_record(desk: Steelyard, home: Home) -> None:
    desk.run(ask.ListModels())
    folder = home.quarantine / ("bundle-" + "0" * 24)
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "x.gguf").write_bytes(b"1234")
    files = [
        {"path": "x.gguf", "size_bytes": 10, "sha256": "sha256:" + "0" * 64},
        {"path": "../../etc/passwd", "size_bytes": 1, "sha256": ""},
    ]
    record = {
        "format": 1,
        "kind": "bundle-in",
        "title": "x from A #3",
        "files": files,
        "request": {"operation": "bundle.import", "path": "/stick/b.steelyard"},
    }
    (folder / "expected.json").write_bytes(canonical_bytes(record))  # type: ignore[arg-type]  # it is JSON
    (row,) = rows(desk)
    assert (row.kind, row.title, row.state) == ("bundle-in", "x from A #3", "paused")
    assert [(p.path, p.here_bytes, p.state) for p in row.parts] == [("x.gguf", 4, "partial")]
    with pytest.raises(NotFound):  # it goes on with the bundle, which is not there now
        desk.run(ask.ResumeTransfer(row.id))


# ------------------------------------------------------------------ options and tokens


@pytest.mark.parametrize(
    "fields", [{"connections": 0}, {"connections": 99}, {"limit_bytes_per_s": -1}]
)
def test_options_are_held_to_the_settings_bounds(
    desk: Steelyard, hub: Hub, fields: dict[str, int]
) -> None:
    with pytest.raises(InvalidSetting):
        desk.run(pull(hub, **fields))
    assert hub.requests == []


def everything_written(home: Home) -> bytes:
    return b"".join(
        path.read_bytes() for path in sorted(home.data.parent.rglob("*")) if path.is_file()
    )


def test_71_a_token_from_the_keyring_is_sent_and_written_nowhere(
    desk: Steelyard, hub: Hub, home: Home, drawer: Drawer
) -> None:
    keyring.set_password("steelyard", "127.0.0.1", TOKEN)
    hub.fail("status", path="tiny.gguf", code=403, times=1)
    with pytest.raises(Gated) as refusal:
        desk.run(pull(hub))
    assert refusal.value.facts["token_sent"] is True
    assert "system keyring" in refusal.value.diagnosis()
    assert TOKEN not in str(refusal.value.as_json()) + repr(refusal.value)
    assert TOKEN.encode() not in everything_written(home)
    assert TOKEN not in str(rows(desk))
    taken: ask.ModelTaken = desk.run(pull(hub))
    assert taken.model.state == "admitted"
    assert {r.headers["authorization"] for r in hub.requests} == {f"Bearer {TOKEN}"}
    assert TOKEN.encode() not in everything_written(home)
    assert all(TOKEN.encode() not in entry.line for entry in desk.installation.log.entries())


def test_a_named_source_brings_its_own_token_variable(
    desk: Steelyard, hub: Hub, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_TOKEN", TOKEN)
    desk.run(ask.AddSource("site", "hub", hub.endpoint, token_variable="SITE_TOKEN"))
    taken: ask.ModelTaken = desk.run(ask.PullModel(REPOSITORY, source="site"))
    assert taken.model.state == "admitted"
    assert {r.headers["authorization"] for r in hub.requests} == {f"Bearer {TOKEN}"}
    assert TOKEN.encode() not in everything_written(home)


def test_without_a_token_it_is_said_where_to_put_one(
    desk: Steelyard, hub: Hub, drawer: Drawer
) -> None:
    hub.fail("status", path="api", code=401)
    with pytest.raises(RemoteFailure) as refusal:
        desk.run(pull(hub))
    assert refusal.value.facts["token_sent"] is False
    assert "service steelyard, user 127.0.0.1" in refusal.value.next_step
