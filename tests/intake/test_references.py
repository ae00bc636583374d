"""References and pasted addresses: what is understood, and what is refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.intake.errors import MalformedReference
from steelyard.intake.records import HUB, PullSpec
from steelyard.intake.reference import Reference, parse

MIRROR = "https://hub.example/proxy"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("owner/name", Reference(HUB, "owner/name", "main", None)),
        (" owner/na.me-1_B ", Reference(HUB, "owner/na.me-1_B", "main", None)),
        ("owner/name:file.gguf", Reference(HUB, "owner/name", "main", "file.gguf")),
        ("owner/name:sub/f.gguf@v1.0", Reference(HUB, "owner/name", "v1.0", "sub/f.gguf")),
        ("owner/name@refs/pr/7", Reference(HUB, "owner/name", "refs/pr/7", None)),
        ("https://huggingface.co/owner/name", Reference(HUB, "owner/name", "main", None)),
        ("https://hf.co/owner/name/", Reference(HUB, "owner/name", "main", None)),
        (
            "https://www.huggingface.co/owner/name/tree/v2",
            Reference(HUB, "owner/name", "v2", None),
        ),
        (
            "https://huggingface.co/owner/name/blob/main/a%20b/f.gguf?x=1#top",
            Reference(HUB, "owner/name", "main", "a b/f.gguf"),
        ),
        (
            "https://huggingface.co/owner/name/resolve/refs%2Fpr%2F1/f.gguf",
            Reference(HUB, "owner/name", "refs/pr/1", "f.gguf"),
        ),
        (
            "http://10.0.0.7:8080/owner/name",
            Reference("http://10.0.0.7:8080", "owner/name", "main", None),
        ),
        (
            "https://hub.example/proxy/owner/name/resolve/main/f.gguf",
            Reference(MIRROR, "owner/name", "main", "f.gguf"),
        ),
        ("http://[::1]:9/owner/name", Reference("http://[::1]:9", "owner/name", "main", None)),
    ],
)
def test_what_is_understood(text: str, expected: Reference) -> None:
    assert parse(PullSpec(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "a/b/c",
        "/a/b",
        "a/",
        "owner/na me",
        "../..",
        "owner/..",
        "owner/na--me",
        "owner/name:",
        "owner/name@",
        "owner/name@../../x",
        "owner/name@-x",
        "ftp://host/owner/name",
        "file:///etc/passwd",
        "https:///owner/name",
        "https://host/name",
        "https://host/prefix/owner/name",
        "https://huggingface.co/datasets/owner/name/resolve/main/x",
        "https://huggingface.co/owner/name/resolve/main/../../x",
        "https://huggingface.co/owner/name/resolve/main/",
        "https://user:secret@huggingface.co/owner/name",
        "https://host:port/owner/name",
        "https://[::1/owner/name",
        "owner/name\x00",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(MalformedReference) as refusal:
        parse(PullSpec(text))
    assert "secret" not in refusal.value.diagnosis()
    assert "secret" not in str(refusal.value.facts)


def test_options_win_over_the_reference() -> None:
    spec = PullSpec("owner/name:a@b", file="c", revision="d", endpoint=MIRROR + "/")
    assert parse(spec) == Reference(MIRROR, "owner/name", "d", "c")


def test_the_configured_source_is_used_where_none_is_named() -> None:
    assert parse(PullSpec("o/n", default_endpoint=MIRROR)).endpoint == MIRROR
    assert parse(PullSpec("https://other.example/o/n", default_endpoint=MIRROR)).endpoint == (
        "https://other.example"
    )
    assert parse(PullSpec(f"{MIRROR}/o/n", default_endpoint=MIRROR)).repository == "o/n"


def test_an_address_elsewhere_than_the_named_endpoint_is_refused() -> None:
    with pytest.raises(MalformedReference):
        parse(PullSpec("https://other.example/o/n", endpoint=MIRROR))


@pytest.mark.parametrize("endpoint", ["", "hub.example", "ftp://x", "https://u@h", "https://h/?q"])
def test_an_endpoint_that_is_none_is_refused(endpoint: str) -> None:
    with pytest.raises(MalformedReference):
        parse(PullSpec("o/n", endpoint=endpoint))


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(PullSpec("o/n", token="hf_secret"))


@given(st.text(max_size=80))
def test_every_text_is_understood_or_refused(text: str) -> None:
    for candidate in (
        text,
        f"https://{text}",
        f"https://host/{text}",
        f"o/n:{text}",
        f"o/n@{text}",
    ):
        try:
            reference = parse(PullSpec(candidate))
        except MalformedReference:
            continue
        assert ".." not in reference.repository
        assert ".." not in reference.revision
        assert reference.endpoint.startswith(("http://", "https://"))
