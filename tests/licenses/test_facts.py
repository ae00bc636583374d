"""Our reading: complete, strict, and never freer than what was read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from steelyard.base.paths import resource
from steelyard.licenses import library
from steelyard.licenses.errors import LicenseDataDamaged, UnknownLicense
from steelyard.licenses.facts import MOST_LOCATOR_WORDS, collect, parse_facts, shipped
from steelyard.licenses.questions import QUESTIONS
from steelyard.licenses.records import AnswerState

IDS = sorted(path.stem for path in resource("licenses").glob("*.json"))
FIRST_DEPTH = (
    *("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0"),
    *("cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nd-4.0"),
    *("cc-by-nc-sa-4.0", "cc-by-nc-nd-4.0"),
    *("llama2", "llama3", "llama3.1", "llama3.2", "llama3.3", "llama4", "gemma-tou"),
)


def test_there_are_fourteen_questions_in_three_groups() -> None:
    questions = library.questions()
    assert len({q.key for q in questions}) == 14
    assert [sum(q.group == g for q in questions) for g in ("using", "passing-on", "legal")] == [
        5,
        4,
        5,
    ]


@pytest.mark.parametrize("license_id", IDS)
def test_every_question_is_answered_for_every_license(license_id: str) -> None:
    summary = library.explain(license_id)
    assert summary.id == license_id
    assert [a.question for a in summary.answers] == [q.key for q in QUESTIONS]
    for answer in summary.answers:
        assert answer.fact
        assert answer.passage is None
        asserted = answer.state in (AnswerState.YES, AnswerState.CONDITIONAL, AnswerState.NO)
        assert bool(answer.clause) or not asserted
        if answer.state is AnswerState.NOT_MENTIONED:
            assert summary.read == "full"
            assert not answer.clause
    assert summary.name
    assert summary.summary_version == "2026-11"


@pytest.mark.parametrize("license_id", FIRST_DEPTH)
def test_licenses_of_the_first_depth_are_read_in_full_with_passages(license_id: str) -> None:
    facts = shipped().by_id[license_id]
    assert facts.read == "full"
    assert AnswerState.NOT_KNOWN not in {
        a.state for a in facts.answers if a.question != "licensor_can_change"
    }
    stated = {a.question for a in facts.answers if a.clause}
    assert len(set(facts.locators) & stated) >= len(stated) * 0.8
    assert facts.obligations or license_id == "cc0-1.0"
    assert all(len(words.split()) <= MOST_LOCATOR_WORDS for words in facts.locators.values())


def test_every_state_occurs() -> None:
    states = {a.state for license_id in IDS for a in library.explain(license_id).answers}
    assert states == set(AnswerState)


def test_llama_3_1_is_answered_as_its_text_says() -> None:
    summary = library.explain("llama3.1")
    assert [(a.question, a.state.value, a.clause) for a in summary.answers] == [
        ("commercial_use", "conditional", "2"),
        ("scale_limits", "conditional", "2"),
        ("acceptable_use", "conditional", "1.b.iv"),
        ("territory_field", "no", "policy 2"),
        ("outputs_to_train", "conditional", "1.b.i"),
        ("redistribution", "conditional", "1.b.i"),
        ("derivatives", "yes", "1.a, 5.b"),
        ("naming_display", "no", "1.b.i"),
        ("attribution_notice", "no", "1.b.iii"),
        ("patent", "not-mentioned", ""),
        ("termination", "conditional", "6"),
        ("indemnity_liability", "no", "5.c"),
        ("governing_law", "no", "7"),
        ("licensor_can_change", "not-known", "1.b.iv"),
    ]
    assert [(o.text, o.clause) for o in summary.obligations] == [
        ("Pass on a copy of the agreement", "1.b.i"),
        ("Show “Built with Llama” where users see it", "1.b.i"),
        ("Start derived names with “Llama”", "1.b.i"),
        ("Keep the fixed line in a Notice file", "1.b.iii"),
        ("Follow the use policy", "1.b.iv"),
    ]


def test_non_commercial_and_no_derivatives_are_no() -> None:
    for license_id in ("cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nc-nd-4.0"):
        assert _state(license_id, "commercial_use") is AnswerState.NO
    for license_id in ("cc-by-nd-4.0", "cc-by-nc-nd-4.0"):
        assert _state(license_id, "derivatives") is AnswerState.NO
    assert _state("cc0-1.0", "attribution_notice") is AnswerState.YES


def _state(license_id: str, question: str) -> AnswerState:
    return next(a.state for a in library.explain(license_id).answers if a.question == question)


@pytest.mark.parametrize("license_id", ["falcon-180b", "openmdw-1.1", "granite"])
def test_what_was_not_read_is_not_known_and_said_so(license_id: str) -> None:
    summary = library.explain(license_id)
    assert {a.state for a in summary.answers} == {AnswerState.NOT_KNOWN}
    assert "was not read" in summary.findings[0]


def test_a_name_nobody_knows_is_refused_with_names_near_it() -> None:
    with pytest.raises(UnknownLicense) as caught:
        library.explain("apache-3.0")
    assert "apache-2" in caught.value.next_step
    assert caught.value.facts == {"name": "apache-3.0"}
    assert caught.value.exit_code == 4
    with pytest.raises(UnknownLicense):
        library.explain("other")


def _set(*keys: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(raw: dict[str, Any]) -> None:
        for key in keys[:-1]:
            raw = raw[key]
        raw[keys[-1]] = value

    return change


DAMAGES = {
    "a yes without a clause": _set("answers", "commercial_use", "clause", value=""),
    "silence with a clause": _set("answers", "scale_limits", "clause", value="2"),
    "silence in a license read in part": _set("read", value="partial"),
    "an unheard-of state": _set("answers", "patent", "state", value="maybe"),
    "an empty fact": _set("answers", "patent", "fact", value=""),
    "a long locator": _set("answers", "patent", "passage", value="a b c d e f g h i"),
    "a superfluous field": _set("text", value="Permission is hereby granted"),
    "a wrong type": _set("aliases", value="mit"),
    "a missing question": lambda raw: raw["answers"].pop("termination"),
    "an unheard-of reading": _set("read", value="skimmed"),
    "a number for a name": _set("name", value=7),
    "an obligation without a clause": _set("obligations", value=[{"text": "Pay"}]),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_file_that_claims_too_much_is_refused(damage: Callable[[dict[str, Any]], None]) -> None:
    raw = json.loads(resource("licenses", "apache-2.0.json").read_text(encoding="utf-8"))
    damage(raw)
    with pytest.raises(LicenseDataDamaged) as caught:
        parse_facts(json.dumps(raw).encode(), "apache-2.0.json")
    assert caught.value.facts == {"file": "apache-2.0.json"}


def test_a_file_that_is_no_json_is_refused() -> None:
    for data in (b"", b"[]", b'{"id": 1, "id": 2}', b"\xff", b"null"):
        with pytest.raises(LicenseDataDamaged):
            parse_facts(data, "x.json")


def test_no_license_may_claim_the_name_of_another(tmp_path: Path) -> None:
    mit = resource("licenses", "mit.json").read_text(encoding="utf-8")
    (tmp_path / "mit.json").write_text(mit, encoding="utf-8")
    assert set(collect(tmp_path).by_id) == {"mit"}
    (tmp_path / "other.json").write_text(mit.replace('"mit"', '"other"', 1), encoding="utf-8")
    with pytest.raises(LicenseDataDamaged):
        collect(tmp_path)
    (tmp_path / "other.json").write_text(mit, encoding="utf-8")
    with pytest.raises(LicenseDataDamaged):
        collect(tmp_path)
