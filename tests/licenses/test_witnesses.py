"""Card, license file, header: who counts when they disagree, and what is shown."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licenses.license_texts import APACHE, BSD_3, CLAUSE, MIT
from steelyard.licenses import library
from steelyard.licenses.questions import STRICTNESS
from steelyard.licenses.records import Answer, AnswerState, LicenseSummary, Verdict

YES, CONDITIONAL, NO = AnswerState.YES, AnswerState.CONDITIONAL, AnswerState.NO
NOT_MENTIONED, NOT_KNOWN = AnswerState.NOT_MENTIONED, AnswerState.NOT_KNOWN
UNHEARD_OF = "The Moon License\n\nYou may use this model on the Moon, and nowhere else."


def summary(
    card: str | None = None, text: str | None = None, header: str | None = None
) -> LicenseSummary:
    return library.summarise(
        card=card,
        header=header,
        license_text=text,
        text_path="LICENSE" if text else None,
        card_where="README.md, line 4",
    )


def answer(of: LicenseSummary, question: str) -> Answer:
    return next(a for a in of.answers if a.question == question)


def counting(of: LicenseSummary) -> list[str]:
    return [w.kind for w in of.witnesses if w.counts]


def test_three_who_agree_give_no_finding() -> None:
    found = summary("apache-2.0", APACHE, "Apache-2.0")
    assert (found.id, found.spdx, found.findings) == ("apache-2.0", "Apache-2.0", ())
    assert [w.kind for w in found.witnesses] == ["card", "file", "header"]
    assert [w.id for w in found.witnesses] == ["apache-2.0"] * 3
    assert [w.where for w in found.witnesses] == ["README.md, line 4", "LICENSE", "general.license"]
    assert counting(found) == ["file"]
    assert found.identification is not None
    assert found.text_digest == found.identification.text_digest


def test_passages_come_from_the_text_at_hand() -> None:
    changed_holder = MIT.replace("Example Holder", "Another")
    found = summary(text=changed_holder)
    passages = [a.passage for a in found.answers if a.passage]
    assert passages
    assert all(p in changed_holder for p in passages)
    assert all(a.passage is None for a in summary("mit").answers)


def test_the_strictest_counts_and_the_disagreement_is_told() -> None:
    found = summary("mit", None, "llama3.1")
    assert found.id == "llama3.1"
    assert counting(found) == ["header"]
    assert found.findings[0] == (
        "The witnesses disagree. Model card: mit. GGUF header: llama3.1. "
        "The strictest counts: Llama 3.1 Community License."
    )
    assert summary("llama3.1", MIT).id == "llama3.1"


def test_no_answer_is_freer_than_any_witness_allows() -> None:
    found = summary("cc-by-nc-4.0", None, "llama3.1")
    assert found.id == "llama3.1"
    use = answer(found, "commercial_use")
    assert use.state is NO
    assert "Attribution-NonCommercial" in use.fact


@settings(max_examples=60, deadline=None)
@given(*[st.sampled_from([None, *library.available()])] * 2)
def test_merged_answers_are_the_strictest_of_all(card: str | None, header: str | None) -> None:
    found = summary(card, None, header)
    spoken = [library.explain(tag) for tag in (card, header) if tag]
    for index, merged in enumerate(found.answers):
        states = [s.answers[index].state for s in spoken]
        assert merged.state == max(states, key=STRICTNESS.__getitem__, default=NOT_KNOWN)


def test_added_passages_leave_no_answer_free() -> None:
    found = summary("apache-2.0", f"{APACHE}\n\n{CLAUSE}\n", "apache-2.0")
    assert found.id == "apache-2.0"
    assert found.identification is not None
    assert found.identification.verdict is Verdict.KNOWN_WITH_ADDITIONS
    assert "“Notwithstanding the above, the model may be used" in found.findings[0]
    states = {a.state for a in found.answers}
    assert YES not in states
    assert NOT_MENTIONED not in states
    assert answer(found, "commercial_use").state is CONDITIONAL
    assert "read the added passages" in answer(found, "commercial_use").fact
    assert answer(found, "scale_limits").state is NOT_KNOWN


def test_a_second_license_in_the_file_is_told() -> None:
    found = summary(text=f"{BSD_3}\n\nParts are different:\n\n{MIT}")
    assert "It also holds the whole text of MIT License." in found.findings[0]


def test_an_unknown_text_outweighs_known_tags() -> None:
    found = summary("apache-2.0", UNHEARD_OF, "apache-2.0")
    assert (found.id, found.spdx, found.obligations) == (None, None, ())
    assert {a.state for a in found.answers} == {NOT_KNOWN}
    assert counting(found) == ["file"]
    assert found.witnesses[1].says == "The Moon License"
    assert found.findings[0].startswith("The witnesses disagree.")
    assert any("none of the texts Steelyard knows" in f for f in found.findings)


def test_a_changed_text_is_an_unknown_text_with_a_neighbour() -> None:
    found = summary("apache-2.0", APACHE.replace("does not grant", "does grant"))
    assert found.id is None
    assert any("nearest is apache-2.0 (99%" in f.replace("100%", "99%") for f in found.findings)


def test_a_file_that_is_no_text_is_an_unknown_text() -> None:
    found = summary("mit", "MIT\0" * 9)
    assert found.id is None
    assert {a.state for a in found.answers} == {NOT_KNOWN}
    assert any("not text" in f for f in found.findings)
    assert summary("mit", "x" * 2_000_000).id is None


@pytest.mark.parametrize("card", [None, "", "other", "unknown", "Other"])
def test_no_witness_at_all_leaves_everything_not_known(card: str | None) -> None:
    found = summary(card)
    assert found.id is None
    assert {a.state for a in found.answers} == {NOT_KNOWN}
    assert counting(found) == []
    assert found.findings == (
        "No license is named: not by the card, nor by a license file, nor by the header.",
    )


def test_a_card_that_says_other_does_not_contradict_the_file() -> None:
    found = summary("other", MIT)
    assert (found.id, found.findings) == ("mit", ())


def test_a_tag_nobody_knows_is_not_passed_over() -> None:
    found = summary("moon-1.0", MIT)
    assert found.id is None
    assert counting(found) == ["card"]
    assert any("does not know: moon-1.0" in f for f in found.findings)


def test_a_family_tag_agrees_with_its_members_only() -> None:
    assert summary("bsd", BSD_3).id == "bsd-3-clause"
    assert summary("bsd", MIT).id is None
    assert summary("bsd").id is None


def test_a_tag_alone_answers_but_says_so() -> None:
    found = summary("other: gemma")
    assert found.id == "gemma-tou"
    assert found.findings == (
        "No license text came with the model. The answers rest on a tag alone.",
    )
    assert counting(found) == ["card"]


def test_a_header_may_hold_the_whole_text() -> None:
    assert summary(header=MIT).id == "mit"
    assert summary(header=MIT).witnesses[2].says == "MIT License"
    assert summary(header=f"{MIT}\n{CLAUSE}").id is None


def test_a_license_read_in_part_says_so() -> None:
    assert any("parts" in f for f in summary("qwen-research").findings)
    assert any("was not read" in f for f in summary("openmdw-1.1").findings)


def test_summaries_never_fail_and_never_invent() -> None:
    tags = (None, "mit", "other", "moon", "bsd", "granite")
    texts = (None, "", MIT, UNHEARD_OF, f"{MIT}\n\n{CLAUSE}")
    for card, text, header in product(tags, texts, tags):
        found = summary(card, text, header)
        assert len(found.answers) == 14
        assert len(found.witnesses) == 3
        assert len(counting(found)) <= 1
        if found.id is None:
            assert {a.state for a in found.answers} == {NOT_KNOWN}
            assert found.findings
        else:
            assert found.id in {w.id for w in found.witnesses}
        if len({w.id for w in found.witnesses if w.id}) > 1:
            assert found.findings[0].startswith("The witnesses disagree.")
