"""The simulated hub lists its repositories the way the hub's own library expects it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from huggingface_hub import HfApi

from intake.judging import OpenGate
from simulators.hub import Hub
from steelyard.connections.access import Access
from steelyard.connections.hub import HubSession
from steelyard.connections.transport import GatedTransport


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        for number, name in enumerate(["a/tiny-GGUF", "b/Tiny", "b/large"]):
            hub.add(name, {"x.gguf": b"GGUF", "README.md": b"# card"})
            hub.describe(name, downloads=10 * number, tags=["gguf", f"n:{number}"])
        hub.describe("b/large", cardData={"license": "mit"}, pipeline_tag="text-generation")
        yield hub


@pytest.fixture
def api(hub: Hub) -> Iterator[HfApi]:
    transport = GatedTransport(OpenGate(), Access(hub.endpoint), asked_by="model.pull")
    with HubSession(hub.endpoint, transport):
        yield HfApi(endpoint=hub.endpoint, token=False)


def names(found: object) -> list[str]:
    return [info.id for info in found]  # type: ignore[attr-defined]  # what the library yields


def test_repositories_are_found_sorted_and_filtered(api: HfApi) -> None:
    assert names(api.list_models(sort="downloads")) == ["b/large", "b/Tiny", "a/tiny-GGUF"]
    assert names(api.list_models(search="TINY", sort="downloads")) == ["b/Tiny", "a/tiny-GGUF"]
    assert names(api.list_models(author="a")) == ["a/tiny-GGUF"]
    assert names(api.list_models(filter=["gguf", "n:1"])) == ["b/Tiny"]
    assert names(api.list_models(pipeline_tag="text-generation")) == ["b/large"]
    assert names(api.list_models(sort="downloads", limit=2)) == ["b/large", "b/Tiny"]


def test_a_long_list_comes_in_pages(hub: Hub, api: HfApi) -> None:
    for number in range(1100):
        hub.add(f"many/n{number}", {"x.gguf": b"GGUF"})
    assert len(names(api.list_models(author="many"))) == 1100
    assert [r.path for r in hub.requests] == ["/api/models"] * 2


def test_more_fields_come_when_asked_for(api: HfApi) -> None:
    (info,) = api.list_models(search="large", full=True, cardData=True)
    assert info.siblings is not None
    assert [file.rfilename for file in info.siblings] == ["x.gguf", "README.md"]
    assert info.siblings[0].size is None
    assert info.sha is not None
    assert info.card_data is not None
    assert info.card_data["license"] == "mit"
    (info,) = api.list_models(search="large", expand=["downloads"])
    assert (info.downloads, info.tags) == (20, None)


def test_a_list_can_fail_without_the_metadata_failing(hub: Hub, api: HfApi) -> None:
    hub.fail("status", path="list", code=403)
    with pytest.raises(Exception, match="403"):
        names(api.list_models())
    assert api.model_info("b/large").id == "b/large"
