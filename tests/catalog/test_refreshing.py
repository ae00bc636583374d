"""Asking sources: a real hub over HTTP, folders and bundles; what is said is kept, and what is hostile is bounded."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from formats.gguf_builder import small_gguf
from simulators.hub import Hub
from steelyard.base.errors import (
    Cancelled,
    MalformedInput,
    NotFound,
    RefusedByPolicy,
    RemoteFailure,
)
from steelyard.base.paths import Home
from steelyard.base.progress import CancelToken, Progress
from steelyard.catalog.errors import SourceAway, SourceUnknown
from steelyard.service import Steelyard
from steelyard.service import requests as ask

GGUF = small_gguf()
COMPANY = {"sources.list": [{"name": "company", "kind": "hub", "location": ""}]}
OpenDesk = Callable[..., Steelyard]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.add(
            "maker/tiny-GGUF",
            {
                "tiny-Q4_K_M.gguf": GGUF,
                "big-Q8_0-00001-of-00002.gguf": GGUF,
                "big-Q8_0-00002-of-00002.gguf": GGUF,
                "mmproj-tiny.gguf": GGUF,
                "README.md": b"---\nlicense: mit\n---\n# Tiny\n<img src=file:///etc/passwd>",
            },
        )
        hub.describe(
            "maker/tiny-GGUF",
            downloads=70,
            pipeline_tag="text-generation",
            tags=[
                "gguf",
                "license:mit",
                "base_model:maker/tiny",
                "base_model:quantized:maker/tiny",
            ],
            cardData={"license": "mit"},
            gguf={"total": 1234, "architecture": "llama", "context_length": 4096},
        )
        hub.add("maker/tiny", {"config.json": b"{}", "model.safetensors": b"x" * 3000})
        hub.describe(
            "maker/tiny",
            downloads=900,
            gated="manual",
            safetensors={"parameters": {"BF16": 1200, "F32": 34}, "total": 1234},
            cardData={"license": "other", "license_name": "llama3.1", "base_model": ["maker/base"]},
        )
        yield hub


@pytest.fixture
def desk(home: Home, hub: Hub, tmp_path: Path) -> Iterator[OpenDesk]:
    opened: list[Steelyard] = []

    def make(**flags: Any) -> Steelyard:
        flags = {
            "sources.endpoint": hub.endpoint,
            **{k.replace("__", "."): v for k, v in flags.items()},
        }
        desk = Steelyard.open(home, environment={}, flags=flags, managed=tmp_path / "none.json")
        opened.append(desk)
        return desk

    yield make
    for one in opened:
        one.close()


def source(name: str, kind: str, location: object, **fields: str) -> dict[str, str]:
    return {"name": name, "kind": kind, "location": str(location), **fields}


def shown(desk: Steelyard, reference: str) -> ask.CatalogDetail:
    detail: ask.CatalogDetail = desk.run(ask.ShowEntry(reference))
    return detail


# ------------------------------------------------------------------ a hub


def test_a_list_is_kept_and_searched_without_the_hub(desk: OpenDesk, hub: Hub) -> None:
    online = desk()
    result = online.run(ask.RefreshCatalog())
    assert (result.added, result.updated, result.problems) == (2, 0, ())
    offline = desk(network__offline=True)
    page = offline.run(ask.SearchCatalog("tiny", facets={"source": ("hub",)}))
    assert [row.reference for row in page.rows] == ["maker/tiny", "maker/tiny-GGUF"]
    assert (page.rows[0].downloads, page.rows[0].source) == (900, "hub")
    assert page.rows[1].license_id == "mit"
    assert page.rows[1].smallest_bytes is None, "a list does not tell sizes"
    rows = {row.name: row for row in offline.run(ask.ListSources()).sources}
    assert (rows["hub"].entries, rows["hub"].reachable) == (2, False)
    assert rows["hub"].refreshed_at is not None


def test_a_search_text_and_a_limit_go_to_the_hub(desk: OpenDesk, hub: Hub) -> None:
    assert desk().run(ask.RefreshCatalog(text="gguf")).added == 1
    assert desk().run(ask.RefreshCatalog(limit=1)).added == 1
    assert [row.reference for row in desk().run(ask.SearchCatalog("maker")).rows] == [
        "maker/tiny",
        "maker/tiny-GGUF",
    ]


def test_one_model_is_asked_for_in_full(desk: OpenDesk) -> None:
    opened = desk()
    opened.run(ask.RefreshCatalog(reference="maker/tiny-GGUF:tiny-Q4_K_M.gguf"))
    detail = shown(opened, "maker/tiny-GGUF")
    by_label = {v.label: v for v in detail.variants}
    assert set(by_label) == {"Q4_K_M", "Q8_0"}
    assert by_label["Q4_K_M"].size_bytes == len(GGUF)
    assert by_label["Q8_0"].size_bytes == 2 * len(GGUF)
    assert str(by_label["Q4_K_M"].publisher_hash).startswith("sha256:")
    assert by_label["Q8_0"].publisher_hash is None, "it is two files"
    assert by_label["Q8_0"].reference == "maker/tiny-GGUF:big-Q8_0-00001-of-00002.gguf"
    row = detail.row
    assert (row.parameters, row.architecture, row.context_length) == (1234, "llama", 4096)
    assert (row.task, row.license_id, row.declared_license) == ("text-generation", "mit", "mit")
    assert detail.base_models == ("maker/tiny",)
    assert len(detail.revision) == 40
    assert detail.verify_note == ""
    assert detail.card is not None
    assert "<img src=file:///etc/passwd>" in detail.card


def test_a_gated_safetensors_model_says_what_the_hub_says(desk: OpenDesk) -> None:
    opened = desk()
    opened.run(ask.RefreshCatalog(reference="maker/tiny"))
    detail = shown(opened, "maker/tiny")
    assert detail.gated
    assert detail.row.declared_license == "other: llama3.1"
    assert detail.row.license_id == "llama3.1"
    (variant,) = detail.variants
    assert (variant.quantization, variant.size_bytes) == ("BF16", 3000)


def test_a_list_after_it_keeps_what_was_said_in_full(desk: OpenDesk) -> None:
    opened = desk()
    opened.run(ask.RefreshCatalog(reference="maker/tiny-GGUF"))
    opened.run(ask.RefreshCatalog())
    assert all(v.size_bytes for v in shown(opened, "maker/tiny-GGUF").variants)


def test_offline_refuses_and_asks_nobody(desk: OpenDesk, hub: Hub) -> None:
    with pytest.raises(RefusedByPolicy):
        desk(network__offline=True).run(ask.RefreshCatalog())
    with pytest.raises(RefusedByPolicy):
        desk(network__offline=True).run(ask.RefreshCatalog(source="hub"))
    assert hub.requests == []


def test_a_host_that_is_not_allowed_is_refused(desk: OpenDesk, hub: Hub) -> None:
    opened = desk(**{"network.allowed-hosts": ["elsewhere.example"]})
    with pytest.raises(RefusedByPolicy):
        opened.run(ask.RefreshCatalog())
    row = next(r for r in opened.run(ask.ListSources()).sources if r.name == "hub")
    assert "not among the allowed hosts" in row.why
    assert hub.requests == []


@pytest.mark.parametrize("source_name", ["no-such", "familys"])
def test_an_unknown_source_is_named(desk: OpenDesk, source_name: str) -> None:
    with pytest.raises(SourceUnknown):
        desk().run(ask.RefreshCatalog(source=source_name))


def test_an_unknown_model_is_not_found(desk: OpenDesk) -> None:
    with pytest.raises((NotFound, RemoteFailure)):  # a hub says 401 of what it does not have
        desk().run(ask.RefreshCatalog(reference="maker/nothing"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>login</html>",
        b"{}",
        b"[1]",
        b'[{"id": 7}]',
        b'[{"no": "id"}]',
        b"[" * 100_000,
        b'[{"id": "a/b", "lastModified": "yesterday"}]',
        b'[{"id": "a/b", "siblings": [7]}]',
    ],
    ids=range(9),
)
def test_an_answer_that_is_none_is_a_remote_failure(desk: OpenDesk, hub: Hub, body: bytes) -> None:
    hub.fail("body", path="list", value=body)
    opened = desk()
    try:
        result = opened.run(ask.RefreshCatalog())
    except RemoteFailure:
        return
    assert result.added == 0


def hostile(**fields: Any) -> dict[str, Any]:
    return {"id": "maker/odd", "sha": "f" * 40, "tags": [], "siblings": [], **fields}


def test_hostile_fields_are_bounded_and_kept_as_text(desk: OpenDesk, hub: Hub) -> None:
    long = "x" * 100_000
    answer = [
        hostile(
            id="m\u202eaker/<b>od\x1b[31md",
            downloads=2**70,
            tags=[long, "ok", 7, None, *(f"t{n}" for n in range(500))],
            pipeline_tag=long,
            gguf={"total": -1, "architecture": ["llama"], "context_length": 1e300},
            cardData={"license": long, "base_model": [long] * 500},
            sha="../../etc",
            siblings=[{"rfilename": f"../{n}-Q4_K_M.gguf"} for n in range(3000)],
        ),
        hostile(id="no-owner"),
        hostile(id="a/b/c"),
        hostile(id="\ud800/\0"),
    ]
    hub.fail("body", path="list", value=json.dumps(answer).encode())
    opened = desk()
    assert opened.run(ask.RefreshCatalog()).added == 2
    detail = shown(opened, "m\u202eaker/<b>od\x1b[31md")
    assert "U+202E" in detail.row.warning
    assert len(detail.tags) <= 64
    assert max(map(len, detail.tags)) <= 96
    assert len(detail.row.task) <= 200
    assert len(detail.base_models) <= 32
    assert len(detail.variants) <= 512
    assert detail.revision == ""
    assert (detail.row.downloads, detail.row.parameters, detail.row.context_length) == (None,) * 3


def test_what_was_read_before_a_list_broke_off_is_kept(desk: OpenDesk, hub: Hub) -> None:
    answer = [hostile(), hostile(id="maker/bad", lastModified="never")]
    hub.fail("body", path="list", value=json.dumps(answer).encode())
    result = desk().run(ask.RefreshCatalog())
    assert result.added == 1
    assert "broke off after 1 models" in result.problems[0]


def test_another_model_than_the_one_asked_for_is_refused(desk: OpenDesk, hub: Hub) -> None:
    hub.overrides["id"] = "other/model"
    with pytest.raises(RemoteFailure):
        desk().run(ask.RefreshCatalog(reference="maker/tiny"))


def test_a_card_that_cannot_be_read_is_a_problem_not_a_failure(desk: OpenDesk, hub: Hub) -> None:
    hub.fail("status", path="README.md", code=403)
    opened = desk()
    result = opened.run(ask.RefreshCatalog(reference="maker/tiny-GGUF"))
    assert "model card could not be read" in result.problems[0]
    assert shown(opened, "maker/tiny-GGUF").card is None


def test_it_can_be_called_off_while_the_hub_is_silent(desk: OpenDesk, hub: Hub) -> None:
    hub.fail("stall", path="list")
    token = CancelToken()
    opened = desk()
    waiter = threading.Thread(target=lambda: (hub.stalling.wait(30), token.cancel()))
    waiter.start()
    with pytest.raises(Cancelled):
        opened.run(ask.RefreshCatalog(), cancel=token)
    waiter.join()


def test_progress_is_told(desk: OpenDesk) -> None:
    seen: list[Progress] = []
    desk().run(ask.RefreshCatalog(), emit=seen.append)  # type: ignore[arg-type]  # only progress here
    assert seen[0].stage == "listing"


def test_a_token_goes_to_its_hub_and_into_no_record(
    desk: OpenDesk, hub: Hub, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_TOKEN", "hf_very_secret")
    company = source("company", "hub", hub.endpoint, token_variable="SITE_TOKEN")
    opened = desk(sources__list=[company])
    opened.run(ask.RefreshCatalog(source="company"))
    assert hub.requests[0].headers["authorization"] == "Bearer hf_very_secret"
    rows = {row.name: row for row in opened.run(ask.ListSources()).sources}
    assert rows["company"].has_token
    opened.close()
    for path in [p for p in home.data.rglob("*") if p.is_file()]:
        assert b"very_secret" not in path.read_bytes(), path


def test_one_of_several_sources_that_fails_is_a_problem(
    desk: OpenDesk, hub: Hub, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "one-Q4_K_M.gguf").write_bytes(GGUF)
    opened = desk(
        sources__list=[
            source("stick", "folder", folder),
            source("gone", "folder", tmp_path / "gone"),
        ]
    )
    result = opened.run(ask.RefreshCatalog())
    assert result.added == 3
    assert len(result.problems) == 1
    assert result.problems[0].startswith("gone: ")


# ------------------------------------------------------------------ folders and bundles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    (folder / "whole").mkdir(parents=True)
    (folder / ".cache").mkdir()
    (folder / "one-Q4_K_M.gguf").write_bytes(GGUF)
    (folder / "two-00001-of-00002.gguf").write_bytes(GGUF)
    (folder / "two-00002-of-00002.gguf").write_bytes(GGUF)
    (folder / ".cache" / "hidden.gguf").write_bytes(GGUF)
    (folder / "whole" / "config.json").write_text("{}")
    (folder / "whole" / "model.safetensors").write_bytes(b"x" * 100)
    (folder / "notes.txt").write_text("no model")
    (folder / "linked.gguf").symlink_to(folder / "one-Q4_K_M.gguf")
    return folder


def test_a_folder_is_listed_by_names_and_sizes_while_offline(desk: OpenDesk, folder: Path) -> None:
    opened = desk(network__offline=True, sources__list=[source("stick", "folder", folder)])
    result = opened.run(ask.RefreshCatalog())
    assert result.added == 3
    assert result.problems[0].startswith("hub: ")
    page = opened.run(ask.SearchCatalog(facets={"source": ("stick",)}, order="name"))
    sizes = {Path(row.reference).name: row.smallest_bytes for row in page.rows}
    assert sizes == {
        "one-Q4_K_M.gguf": len(GGUF),
        "two-00001-of-00002.gguf": 2 * len(GGUF),
        "whole": 100,
    }
    detail = shown(opened, str(folder / "one-Q4_K_M.gguf"))
    assert detail.variants[0].quantization == "Q4_K_M"
    assert (detail.row.parameters, detail.row.license_id) == (None, None)


def test_what_left_a_folder_leaves_the_catalog_and_a_stick_that_is_out_does_not(
    desk: OpenDesk, folder: Path
) -> None:
    opened = desk(sources__list=[source("stick", "folder", folder)])
    opened.run(ask.RefreshCatalog(source="stick"))
    (folder / "one-Q4_K_M.gguf").unlink()
    assert opened.run(ask.RefreshCatalog(source="stick")).removed == 1
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(SourceAway):
        opened.run(ask.RefreshCatalog(source="stick"))
    rows = {row.name: row for row in opened.run(ask.ListSources()).sources}
    assert (rows["stick"].entries, rows["stick"].reachable) == (2, False)


def test_one_file_of_a_folder_is_looked_at_in_a_worker(desk: OpenDesk, folder: Path) -> None:
    opened = desk(network__offline=True, sources__list=[source("stick", "folder", folder)])
    opened.run(ask.RefreshCatalog(source="stick"))
    path = str(folder / "one-Q4_K_M.gguf")
    opened.run(ask.RefreshCatalog(source="stick", reference=path))
    row = shown(opened, path).row
    assert row.architecture == "llama"
    assert row.parameters
    (folder / "bad.gguf").write_bytes(b"GGUF" + b"\xff" * 40)
    with pytest.raises(MalformedInput):
        opened.run(ask.RefreshCatalog(source="stick", reference=str(folder / "bad.gguf")))
    with pytest.raises(SourceAway):
        opened.run(ask.RefreshCatalog(source="stick", reference=str(folder / "gone.gguf")))


def test_bundles_are_listed_by_name_and_size(desk: OpenDesk, tmp_path: Path) -> None:
    folder = tmp_path / "bundles"
    (folder / "opened").mkdir(parents=True)
    (folder / "opened" / "bundle.json").write_text("{}")
    (folder / "one.steelyard").write_bytes(b"1" * 10)
    for part in (1, 2):
        (folder / f"two.steelyard.00{part}").write_bytes(b"2" * 20)
    opened = desk(network__offline=True, sources__list=[source("inbox", "bundles", folder)])
    assert opened.run(ask.RefreshCatalog(source="inbox")).added == 3
    page = opened.run(ask.SearchCatalog(facets={"format": ("bundle",)}))
    sizes = {Path(row.reference).name: row.smallest_bytes for row in page.rows}
    assert sizes == {"one.steelyard": 10, "two.steelyard.001": 40, "opened": 2}
