"""Searching: words, facets with counts, orders, pages, and nothing a person types breaks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.conftest import GIB, HUB, NOON, SITE, around, record
from steelyard.catalog import beginnings
from steelyard.catalog.errors import UnknownFacet
from steelyard.catalog.index import CatalogIndex
from steelyard.catalog.records import Record, Variant
from steelyard.catalog.search import Query, Search
from steelyard.catalog.words import squeezed, typed_words, words_in

MODELS = (
    record("Qwen/Qwen3-8B", 16, downloads=900, license_id="mit", tags=("chat",), updated="2025-04"),
    record("unsloth/Qwen3-8B-GGUF", 5, 8, downloads=5000, architecture="qwen3", updated="2025-05"),
    record("meta-llama/Llama-3.1-8B-Instruct", downloads=2000, declared_license="other: llama3.1"),
    record("Müller/Größe-1B", 0.5, title="Größe", task="text-generation"),
    record("small/tiny", 0.1, downloads=0, license_id="mit", tags=("qwen",)),
)


@pytest.fixture
def search(index: CatalogIndex) -> Search:
    index.learn(HUB, MODELS, NOON)
    return Search(index)


def found(search: Search, text: str = "", **query: Any) -> list[str]:
    around_it = query.pop("around", around())
    return [str(r.row["reference"]) for r in search.find(Query(text, **query), around_it).rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("qwen", {"Qwen/Qwen3-8B", "unsloth/Qwen3-8B-GGUF", "small/tiny"}),
        ("8b qw", {"Qwen/Qwen3-8B", "unsloth/Qwen3-8B-GGUF"}),
        ("QWEN3-8", {"Qwen/Qwen3-8B", "unsloth/Qwen3-8B-GGUF"}),
        ("unsloth", {"unsloth/Qwen3-8B-GGUF"}),
        ("llama3", {"meta-llama/Llama-3.1-8B-Instruct"}),
        ("llama 3.1", {"meta-llama/Llama-3.1-8B-Instruct"}),
        ("muller", {"Müller/Größe-1B"}),
        ("MÜLLER", {"Müller/Größe-1B"}),
        ("grosse", {"Müller/Größe-1B"}),
        ("ｑｗｅｎ３", {"Qwen/Qwen3-8B", "unsloth/Qwen3-8B-GGUF"}),
        ("chat", {"Qwen/Qwen3-8B"}),
        ("wen3", set()),
        ("qwen llama", set()),
        ("qwеn", set()),  # with a Cyrillic letter: an imitation is another word
    ],
)
def test_every_word_begins_a_word_of_the_entry(
    search: Search, text: str, expected: set[str]
) -> None:
    assert set(found(search, text)) == expected


def test_empty_text_finds_everything_most_downloaded_first(search: Search) -> None:
    assert found(search)[:3] == [MODELS[1].reference, MODELS[2].reference, MODELS[0].reference]


def test_an_exact_name_comes_first_then_names_then_the_rest(search: Search) -> None:
    assert found(search, "qwen3-8b") == ["Qwen/Qwen3-8B", "unsloth/Qwen3-8B-GGUF"]
    assert found(search, "qwen")[-1] == "small/tiny"
    assert found(search, "unsloth/qwen3-8b-gguf")[0] == "unsloth/Qwen3-8B-GGUF"


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        ("downloads", "unsloth/Qwen3-8B-GGUF", "Müller/Größe-1B"),
        ("size", "small/tiny", "meta-llama/Llama-3.1-8B-Instruct"),
        ("name", "Müller/Größe-1B", "small/tiny"),
        ("newest", "unsloth/Qwen3-8B-GGUF", "small/tiny"),
    ],
)
def test_orders(search: Search, order: str, first: str, last: str) -> None:
    listed = found(search, order=order)
    assert (listed[0], listed[-1]) == (first, last)


def test_pages_follow_one_another(search: Search) -> None:
    everything = found(search, order="name")
    pages = [found(search, order="name", limit=2, offset=at) for at in (0, 2, 4, 6)]
    assert [ref for page in pages for ref in page] == everything
    assert search.find(Query(limit=2), around()).total == len(MODELS)


def facet(search: Search, name: str, text: str = "", **query: Any) -> dict[str, int]:
    around_it = query.pop("around", around())
    return dict(search.find(Query(text, **query), around_it).facets[name])


def test_facets_are_counted(search: Search) -> None:
    assert facet(search, "license") == {"yes": 2, "not-known": 3}
    assert facet(search, "format") == {"gguf": 4}
    assert facet(search, "publisher", "qwen3") == {"Qwen": 1, "unsloth": 1}
    assert facet(search, "quantization") == {"Q2_K": 4, "Q3_K": 1}
    assert facet(search, "source") == {"hub": 5}
    assert facet(search, "task") == {"not-known": 4, "text-generation": 1}
    assert facet(search, "size")["up-to-1-gib"] == 2
    assert search.find(Query(count_facets=False), around()).facets == {}


def test_a_facet_is_counted_as_if_it_were_not_limited_itself(search: Search) -> None:
    limited = {"license": ("yes",), "publisher": ("small",)}
    assert found(search, facets=limited) == ["small/tiny"]
    assert facet(search, "license", facets=limited) == {"yes": 1}
    assert facet(search, "publisher", facets=limited) == {"Qwen": 1, "small": 1}


def test_values_of_one_facet_add_up_and_facets_narrow_down(search: Search) -> None:
    assert set(found(search, facets={"publisher": ("small", "Qwen")})) == {
        "small/tiny",
        "Qwen/Qwen3-8B",
    }
    assert found(search, facets={"publisher": ("small", "Qwen"), "size": ("up-to-1-gib",)}) == [
        "small/tiny"
    ]
    assert found(search, facets={"publisher": ("nobody",)}) == []
    assert len(found(search, facets={"publisher": ()})) == len(MODELS)


def test_fits_compares_with_the_memory_there_is(search: Search) -> None:
    assert facet(search, "fits", around=around(8 * GIB)) == {
        "yes": 2,
        "tight": 1,
        "no": 1,
        "not-known": 1,
    }
    assert found(search, facets={"fits": ("no",)}, around=around(8 * GIB)) == ["Qwen/Qwen3-8B"]
    assert facet(search, "fits") == {"not-known": 5}


def test_what_the_store_has_is_found_by_content_and_by_reference(index: CatalogIndex) -> None:
    digest = f"sha256:{'ab' * 32}"
    weights = Variant("Q4_K_M", "a/one:x.gguf", "gguf", "Q4_K_M", GIB, digest)
    index.learn(HUB, [Record("a/one", "one", variants=(weights,)), record("b/two", 1)], NOON)
    search = Search(index)
    here = around(by_content={digest: "one-q4"}, by_reference={"b/two": "two"})
    assert facet(search, "local", around=here) == {"yes": 2}
    assert facet(search, "local", around=around(by_content={digest: "x"})) == {"yes": 1, "no": 1}
    assert found(search, facets={"local": ("yes",)}) == []


def test_a_change_is_seen_by_the_next_search(index: CatalogIndex, tmp_path: Path) -> None:
    search = Search(index)
    assert found(search) == []
    other_process = CatalogIndex(tmp_path / "catalog.sqlite")
    other_process.learn(SITE, [record("site/model", 1)], NOON)
    assert found(search, "mod") == ["site/model"]
    other_process.forget("site")
    assert found(search, "mod") == []
    other_process.close()


@pytest.mark.parametrize("query", [Query(facets={"colour": ("red",)}), Query(order="beauty")])
def test_unknown_facets_and_orders_are_said(search: Search, query: Query) -> None:
    with pytest.raises(UnknownFacet):
        search.find(query, around())


HOSTILE = (
    '"', "*", 'a" OR "b', "NEAR(a b)", "name:qwen", "{name}: x", "-qwen", "^qwen", "qwen*", "(", ")", "'", ";--",
    "\0", "\ud800", "a\u202eb", "İ", "ß", "\u0301", "क्", "𝔮𝔴𝔢𝔫", "AND", "OR NOT", "%", "_", "\n", "a" * 5000,
    "\ue000", "\U0010ffff",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_is_a_query_language(search: Search, text: str) -> None:
    search.find(Query(text), around())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(max_codepoint=0x2FFF) | st.sampled_from('"*:^(){}-+ANDORT '), max_size=30)
)
def test_anything_can_be_typed(search: Search, text: str) -> None:
    search.find(Query(text, facets={"publisher": (text,), "license": (text,)}), around())


@given(st.text(max_size=30))
def test_the_words_of_a_name_are_what_typing_it_asks_for(name: str) -> None:
    typed = typed_words(name)
    assert not any(set(word) & set('"* \0\n') for word in words_in(name))
    assert set(typed) <= {word[:64] for word in words_in(name)}
    assert squeezed(name) == "".join(words_in(name))


# ------------------------------------------------------------------ the same answer, however it is stored


WORDS = ("alpha", "alp", "beta", "b", "gamma7", "g")
names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("-".join)
owners = st.sampled_from(("x", "y"))
steps = st.lists(
    st.tuples(
        st.sampled_from(("hub", "site")),
        st.lists(st.tuples(owners, names), max_size=6),
        st.booleans(),
    ),
    max_size=5,
)


def brute_force(references: set[str], typed: str) -> set[str]:
    def matches(reference: str) -> bool:
        words = [*words_in(reference), squeezed(reference.split("/")[1]), "gguf", "q2", "k"]
        return all(any(w.startswith(t) for w in words) for t in typed_words(typed))

    return {reference for reference in references if matches(reference)}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None
)
@given(steps)
def test_stored_beginnings_are_exact_after_any_changes(
    tmp_path_factory: pytest.TempPathFactory, changes: list[Any]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # As if a handful of entries were very many, so that beginnings are stored.
        patch.setattr(beginnings, "LEAST_READ", 1)
        patch.setattr(beginnings, "most_read", lambda entries: 1)
        index = CatalogIndex(tmp_path_factory.mktemp("index") / "catalog.sqlite")
        search = Search(index)
        told: dict[str, set[str]] = {"hub": set(), "site": set()}
        for source, models, whole in changes:
            references = {f"{owner}/{name}" for owner, name in models}
            state = HUB if source == "hub" else SITE
            index.learn(state, [record(r, 1) for r in sorted(references)], NOON, whole=whole)
            told[source] = references if whole else told[source] | references
            for typed in ("a", "al", "alpha", "b", "g", "x", "gamma7 a", "alpb", ""):
                expected = brute_force(told["hub"] | told["site"], typed)
                answer = search.find(Query(typed, limit=100), around())
                assert {str(row.row["reference"]) for row in answer.rows} == expected
                assert answer.total == len(expected)
        index.close()
