"""What several sources say of one model: two records, one row, and whose word is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.conftest import HUB, LATER, NOON, SITE, around, record
from steelyard.base.errors import MalformedInput
from steelyard.base.paths import resource
from steelyard.catalog import index as index_module
from steelyard.catalog.detail import find_entry
from steelyard.catalog.embedded import learn_embedded
from steelyard.catalog.errors import CatalogFull, EntryUnknown
from steelyard.catalog.index import CatalogIndex, Learned, SourceState
from steelyard.catalog.records import Record, Variant
from steelyard.catalog.search import Query, Search


def rows(index: CatalogIndex, text: str = "") -> list[dict[str, object]]:
    return [dict(row.row) for row in Search(index).find(Query(text), around()).rows]


def test_the_same_reference_from_two_sources_is_two_records_and_one_row(
    index: CatalogIndex,
) -> None:
    index.learn(HUB, [record("a/Model", 8, downloads=10)], NOON)
    index.learn(SITE, [record("A/model", 4, complete=True)], LATER)
    (row,) = rows(index)
    assert (row["source"], row["downloads"], row["learned_at"]) == ("site", 10, LATER)
    detail = find_entry(index, "a/model")
    assert (detail.best.source, detail.others) == ("site", ("hub",))
    assert [source for source, _ in detail.variants] == ["site", "hub"]
    assert index.sources()["hub"].records == index.sources()["site"].records == 1


def test_an_answer_in_full_is_shown_before_facts_and_facts_before_a_list(
    index: CatalogIndex,
) -> None:
    families = SourceState("families", "embedded", "here")
    index.learn(families, [Record("a/m", "Facts", facts_of="2026-05-31", parameters=8)], NOON)
    index.learn(HUB, [Record("a/m", "List")], LATER)
    assert [(r["title"], r["learned_at"]) for r in rows(index)] == [("Facts", "2026-05-31")]
    index.learn(HUB, [Record("a/m", "Full", complete=True)], LATER)
    assert [r["title"] for r in rows(index)] == ["Full"]


def test_a_list_does_not_undo_an_answer_in_full_of_the_same_revision(index: CatalogIndex) -> None:
    full = record("a/m", 8, complete=True, revision="1" * 40, downloads=1)
    index.learn(HUB, [full], NOON)
    listed = Record("a/m", "m", revision="1" * 40, downloads=7)
    assert index.learn(HUB, [listed], LATER) == Learned(updated=1)
    said = index.said_of("a/m")[0].record
    assert (said.variants, said.downloads) == (full.variants, 7)
    index.learn(HUB, [Record("a/m", "m", revision="2" * 40)], LATER)
    assert index.said_of("a/m")[0].record.variants == ()


def test_what_changed_is_counted(index: CatalogIndex) -> None:
    assert index.learn(SITE, [record("a/1", 1), record("a/2", 1)], NOON, whole=True) == Learned(2)
    again = index.learn(SITE, [record("a/2", 1), record("a/3", 2)], NOON, whole=True)
    assert again == Learned(added=1, updated=0, removed=1)
    assert index.learn(SITE, [record("a/3", 3)], NOON) == Learned(updated=1)
    assert {row["reference"] for row in rows(index)} == {"a/2", "a/3"}


def test_a_source_that_is_somewhere_else_now_is_another_source(index: CatalogIndex) -> None:
    index.learn(SITE, [record("a/1", 1)], NOON)
    moved = SourceState("site", "mirror", "/elsewhere")
    index.learn(moved, [record("a/2", 1)], LATER)
    assert [row["reference"] for row in rows(index)] == ["a/2"]


def test_forgetting_one_source_keeps_what_others_said(index: CatalogIndex) -> None:
    index.learn(HUB, [record("a/1", 1), record("a/2", 1)], NOON)
    index.learn(SITE, [record("a/1", 1)], NOON)
    assert index.forget("hub") == 2
    assert index.forget("hub") == 0
    assert [row["reference"] for row in rows(index)] == ["a/1"]
    assert "hub" not in index.sources()


def test_cards_are_kept_by_source_and_go_with_their_record(index: CatalogIndex) -> None:
    index.learn(HUB, [record("a/1", 1)], NOON, cards={"a/1": "# Card"})
    assert index.card("A/1", "hub") == "# Card"
    assert index.card("a/1", "site") is None
    index.learn(HUB, [], NOON, whole=True)
    index.learn(HUB, [record("a/1", 1)], NOON)
    assert index.card("a/1", "hub") is None


def test_a_failed_change_leaves_everything_as_it_was(
    index: CatalogIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.learn(HUB, [record("a/1", 1)], NOON)
    generation = index.generation()
    monkeypatch.setattr(index_module, "MOST_ENTRIES", 2)
    with pytest.raises(CatalogFull):
        index.learn(
            SITE, [record(f"b/{n}", 1, publisher="new") for n in range(3)], NOON, whole=True
        )
    assert [row["reference"] for row in rows(index)] == ["a/1"]
    assert index.generation() == generation
    index.learn(SITE, [record("b/1", 1, publisher="new")], NOON)
    assert len(rows(index, "new")) == 1


def test_entries_are_not_numbered_like_surrogates(
    index: CatalogIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "FIRST_SURROGATE", 2)
    monkeypatch.setattr(index_module, "LAST_SURROGATE", 4)
    index.learn(HUB, [record(f"a/{n}", 1) for n in range(4)], NOON)
    with index.reading() as connection:
        numbers = [row["id"] for row in connection.execute("SELECT id FROM entries ORDER BY id")]
    assert numbers == [1, 5, 6, 7]
    assert len(rows(index, "a")) == 4


def test_an_unknown_reference_names_what_is_near(index: CatalogIndex) -> None:
    index.learn(HUB, [record("Qwen/Qwen3-8B", 1)], NOON)
    with pytest.raises(EntryUnknown) as caught:
        find_entry(index, "qwen/qwen3-88b")
    assert caught.value.facts["near"] == ["qwen/qwen3-8b"]
    assert find_entry(index, "Qwen/Qwen3-8B:Q4_K_M@main").best.record.title == "Qwen3-8B"


def test_published_sizes_take_the_place_of_a_formula(index: CatalogIndex) -> None:
    learn_embedded(index, NOON)
    before = find_entry(index, "Qwen/Qwen3-8B").variants
    assert {v.size_source for _, v in before if v.format == "gguf"} == {"formula"}
    repository = find_entry(index, "Qwen/Qwen3-8B").best.record.elsewhere[0]
    real = Variant("Q4_K_M", f"{repository}:q.gguf", "gguf", "Q4_K_M", 5_027_783_488)
    index.learn(HUB, [Record(repository, "GGUF", variants=(real,), complete=True)], NOON)
    after = find_entry(index, "Qwen/Qwen3-8B").variants
    assert ("hub", real) in after
    assert {v.size_source for _, v in after if v.format == "gguf"} == {"published"}


def test_what_comes_with_the_program_is_learned_once(index: CatalogIndex) -> None:
    learn_embedded(index, NOON)
    generation = index.generation()
    assert index.sources()["families"].records > 200
    assert index.sources()["starter"].records == len(
        json.loads(resource("starter", "manifest.json").read_bytes())["models"]
    )
    learn_embedded(index, LATER)
    assert index.generation() == generation
    assert rows(index, "qwen3 8b")[0]["reference"] == "Qwen/Qwen3-8B"


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(MalformedInput):
        CatalogIndex(path)
    assert path.read_bytes().startswith(b"not a database")
