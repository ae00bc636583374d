"""Known, known with additions, unknown: what a license text is, told apart word by word."""

from __future__ import annotations

import hashlib
import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licenses.license_texts import APACHE, BSD_2, BSD_3, CLAUSE, MIT
from steelyard.licenses.errors import LicenseTextNotText, LicenseTextTooLarge
from steelyard.licenses.identification import LIMIT_BYTES, identify, read_license
from steelyard.licenses.records import Verdict
from steelyard.licenses.words import read_words

TEXTS = {"apache-2.0": APACHE, "mit": MIT, "bsd-2-clause": BSD_2, "bsd-3-clause": BSD_3}
EACH = pytest.mark.parametrize(("name", "text"), TEXTS.items(), ids=TEXTS)


def commented(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def curly(text: str) -> str:
    return re.sub(r'"([^"]*)"', "“\\1”", text).replace("'", "’")


def rewrapped(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n\n".join(textwrap.fill(" ".join(p.split()), 43) for p in paragraphs)


def bulleted(text: str) -> str:
    return re.sub(r"(?m)^( *)\(?[0-9a-z][.)] ", r"\1* ", text)


LAYOUTS = {
    "one line": lambda text: " ".join(text.split()),
    "rewrapped": rewrapped,
    "upper case": str.upper,
    "comment": commented,
    "curly quotes": curly,
    "windows line ends": lambda text: text.replace("\n", "\r\n"),
    "markdown": lambda text: "# License\n\n" + text.replace("NO EVENT", "**NO EVENT**"),
    "bullets": bulleted,
    "byte-order mark": lambda text: "\ufeff" + text,
    "catalog header": lambda text: f"---\ntitle: License\nowner: Example\n---\n\n{text}",
}


@EACH
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_does_not_matter(name: str, text: str, layout: str) -> None:
    found = identify(LAYOUTS[layout](text))
    assert (found.verdict, found.id) == (Verdict.KNOWN, name)
    assert (found.left_over, found.left_over_chars, found.changes) == ((), 0, ())


@pytest.mark.parametrize(
    "holder",
    [
        "Copyright 2021 A. Example",
        "Copyright (c) 2019-2024, The Example Authors. All rights reserved.",
        "© 2020 Exämple GmbH & Co. KG <legal@example.com>",
        "Copyright (c) 2018 Will Grant\nCopyright (c) 2020 Example Research Limited",
        "(C) 2001 by 例え株式会社",
        "",
    ],
)
def test_any_holder_may_be_named(holder: str) -> None:
    for text in (
        MIT.replace("Copyright (c) 2024 Example Holder", holder),
        BSD_3.replace("Copyright (c) 2019, Example Laboratory and contributors", holder),
    ):
        assert identify(text).verdict is Verdict.KNOWN


@pytest.mark.parametrize(
    "holder",
    [
        "Copyright 2021 Example. For non-commercial use only.",
        "Copyright 2021 Example. You may not use the Software.",
        "Copyright 2021 Example\n\nResearch purposes only",
        "Copyright 2021 " + " and ".join(["Example"] * 30),
    ],
)
def test_a_holder_line_hides_nothing(holder: str) -> None:
    found = identify(MIT.replace("Copyright (c) 2024 Example Holder", holder))
    assert (found.verdict, found.id) == (Verdict.KNOWN_WITH_ADDITIONS, "mit")
    assert holder.rstrip(".").endswith(found.left_over[0].rstrip("."))


@pytest.mark.parametrize(
    "header",
    [
        "---\nnotes: not for commercial use\n---\n",
        "---\nname: MIT\nterms: see below\n---\n",
        "---\ncategory: Research only\n---\n",
        "---\nFor research purposes only\n---\n",
    ],
)
def test_a_catalog_header_hides_nothing(header: str) -> None:
    found = identify(header + MIT)
    assert found.verdict is Verdict.KNOWN_WITH_ADDITIONS
    assert found.left_over[0] == header.strip("-\n")


def test_the_apache_appendix_may_be_filled_in_or_absent() -> None:
    filled = APACHE.replace("[yyyy] [name of copyright owner]", "2024 Example Holder")
    assert identify(filled).verdict is Verdict.KNOWN
    bare = APACHE[: APACHE.index("   APPENDIX: How to apply")]
    assert identify(bare).verdict is Verdict.KNOWN
    assert identify(bare.replace("END OF TERMS AND CONDITIONS", "")).verdict is Verdict.KNOWN
    without_title = APACHE[APACHE.index("   1. Definitions.") :]
    assert identify(without_title).verdict is Verdict.KNOWN


def test_half_an_appendix_is_not_nothing() -> None:
    halved = APACHE.replace("To apply the Apache License to your work, attach the", "Attach no")
    assert identify(halved).verdict is not Verdict.KNOWN


def test_bsd_with_three_clauses_is_not_bsd_with_two() -> None:
    assert identify(BSD_2).id == "bsd-2-clause"
    assert identify(BSD_3).id == "bsd-3-clause"


def test_blanks_of_bsd_take_names_but_no_terms() -> None:
    named = BSD_3.replace("THE COPYRIGHT HOLDERS AND CONTRIBUTORS", "EXAMPLE CORPORATION")
    assert identify(named).id == "bsd-3-clause"
    assert identify(named).verdict is Verdict.KNOWN
    turned = BSD_3.replace("THE COPYRIGHT HOLDER OR CONTRIBUTORS", "NO PAYING CUSTOMER WHO MAY")
    assert identify(turned).verdict is Verdict.UNKNOWN


@EACH
def test_an_added_clause_is_found_wherever_it_stands(name: str, text: str) -> None:
    places = [m.end() for m in re.finditer(r"\n\s*\n", text)]
    for place in [0, places[len(places) // 3], places[-1], len(text)]:
        found = identify(f"{text[:place]}\n\n{CLAUSE}\n\n{text[place:]}")
        assert (found.verdict, found.id) == (Verdict.KNOWN_WITH_ADDITIONS, name)
        assert found.left_over == (CLAUSE,)
        assert found.left_over_chars == len(CLAUSE)


def test_a_clause_inside_a_sentence_is_an_addition_too() -> None:
    clause = "for non-commercial research purposes only,"
    found = identify(MIT.replace("without restriction,", f"without restriction, {clause}"))
    assert (found.verdict, found.id) == (Verdict.KNOWN_WITH_ADDITIONS, "mit")
    assert found.left_over == (clause,)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (APACHE, "does not grant permission", "does grant permission"),
        (APACHE, "fifty percent (50%)", "ten percent (10%)"),
        (APACHE, "fifty percent (50%)", "fifty percent (60%)"),
        (APACHE, "perpetual,", ""),
        (APACHE, "royalty-free, irrevocable", "royalty-free, revocable"),
        (APACHE, "You may reproduce", "You may not reproduce"),
        (MIT, "free of charge", "for a fee"),
        (MIT, "WITHOUT WARRANTY", "WITH WARRANTY"),
        (MIT, "without restriction", "without ~~restriction~~"),
        (BSD_3, "with or without\nmodification", "without\nmodification"),
        (BSD_2, "2. Redistributions", "9. Redistributions"),
    ],
)
def test_a_changed_word_makes_it_another_license(text: str, old: str, new: str) -> None:
    assert old in text
    found = identify(text.replace(old, new, 1))
    assert found.verdict is Verdict.UNKNOWN
    assert found.id is None
    assert found.neighbours[0].resemblance > 0.8
    assert found.changes
    assert found.left_over_chars == len(text.replace(old, new, 1).strip())


def test_the_places_of_change_are_shown() -> None:
    found = identify(APACHE.replace("does not grant permission", "does grant permission"))
    assert len(found.changes) == 1
    assert "License does grant permission to" in " ".join(found.changes[0].split())


@pytest.mark.parametrize("number", ["2", "7", "12"])
def test_numbering_may_be_absent_but_not_wrong(number: str) -> None:
    letters = BSD_3.replace("1. ", "a) ").replace("2. ", "b) ").replace("3. ", "c) ")
    assert identify(letters).verdict is Verdict.KNOWN
    assert identify(BSD_3.replace("3. ", f"{number}. ")).verdict is not Verdict.KNOWN


def test_two_licenses_in_one_file_are_one_with_additions() -> None:
    found = identify(f"{APACHE}\n\nParts are under this license:\n\n{MIT}")
    assert (found.id, found.verdict) == ("apache-2.0", Verdict.KNOWN_WITH_ADDITIONS)
    assert found.also == ("mit",)
    twice = identify(f"{MIT}\n\nA part is by others:\n\n{MIT}")
    assert (twice.id, twice.also) == ("mit", ("mit",))


def test_what_is_no_license_resembles_none() -> None:
    for text in ("", "\n\n", "All rights reserved.", "To be or not to be. " * 400, "许可证" * 50):
        found = identify(text)
        assert (found.verdict, found.id, found.neighbours) == (Verdict.UNKNOWN, None, ())


def test_a_short_notice_is_not_the_license_it_names() -> None:
    notice = 'Licensed under the Apache License, Version 2.0 (the "License");'
    assert identify(notice).verdict is Verdict.UNKNOWN


def test_the_digest_is_of_the_text_itself() -> None:
    expected = hashlib.sha256(MIT.encode()).hexdigest()
    assert identify(MIT).text_digest == f"sha256:{expected}"


def test_texts_beyond_any_license_are_refused() -> None:
    with pytest.raises(LicenseTextTooLarge) as caught:
        identify("é" * (LIMIT_BYTES // 2 + 1))
    assert caught.value.facts == {"size_bytes": LIMIT_BYTES + 2, "limit_bytes": LIMIT_BYTES}
    assert caught.value.exit_code == 5


@pytest.mark.parametrize("text", ["MIT\0License", "\x01\x02\x03 permission", "\ufffd" * 9])
def test_what_is_not_text_is_refused(text: str) -> None:
    with pytest.raises(LicenseTextNotText):
        identify(text)


def test_files_are_read_in_the_encodings_licenses_have(tmp_path: Path) -> None:
    file = tmp_path / "LICENSE"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        file.write_bytes(curly(MIT).replace("Example", "Exämple").encode(encoding))
        assert identify(read_license(file)).verdict is Verdict.KNOWN
    file.write_bytes(b"GGUF\0\0\0\3" * 100)
    with pytest.raises(LicenseTextNotText):
        read_license(file)
    file.write_bytes(b" " * (LIMIT_BYTES + 1))
    with pytest.raises(LicenseTextTooLarge):
        read_license(file)


@given(st.text(max_size=400))
def test_any_text_gets_a_verdict_or_is_refused_by_name(text: str) -> None:
    try:
        found = identify(text)
    except LicenseTextNotText:
        return
    assert (found.id is None) == (found.verdict is Verdict.UNKNOWN)
    assert (found.verdict is Verdict.KNOWN_WITH_ADDITIONS) == bool(found.left_over)


# Whatever is done to the words, the outcome is never `known`.


def fixed_words(text: str, start: str, end: str, blank: str = "") -> list[tuple[int, int]]:
    """Where the words lie that no copy may change: from `start` to `end`, without the blank for a name."""
    document = read_words(text)
    first, last = text.index(start), text.index(end) + len(end)
    hole = re.search(blank, text).span() if blank else (0, 0)  # type: ignore[union-attr]
    return [
        (s, e)
        for s, e in zip(document.starts, document.ends, strict=True)
        if first <= s < last and not hole[0] <= s < hole[1]
    ]


FIXED = {
    MIT: fixed_words(MIT, "Permission", "SOFTWARE.\n", r"THE\s+AUTHORS OR COPYRIGHT HOLDERS"),
    APACHE: fixed_words(APACHE, "1. Definitions", "additional liability."),
    BSD_2: fixed_words(BSD_2, "Redistribution and", "are met:"),
}


@st.composite
def places(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(st.sampled_from(list(FIXED)))
    return text, *draw(st.sampled_from(FIXED[text]))


@settings(max_examples=60, deadline=None)
@given(places())
def test_no_word_can_be_taken_out(place: tuple[str, int, int]) -> None:
    text, start, end = place
    assert identify(text[:start] + text[end:]).verdict is Verdict.UNKNOWN


@settings(max_examples=60, deadline=None)
@given(places(), st.sampled_from(["not", "no", "30", "commercial", "x", "%", "shall"]))
def test_no_word_can_be_replaced(place: tuple[str, int, int], word: str) -> None:
    text, start, end = place
    if text[start:end].casefold() != word:
        assert identify(text[:start] + word + text[end:]).verdict is Verdict.UNKNOWN


@settings(max_examples=60, deadline=None)
@given(places(), st.sampled_from(["not", "never", "100", "only if paid", "non-commercially"]))
def test_no_word_can_be_slipped_in(place: tuple[str, int, int], word: str) -> None:
    text, start, _ = place
    assert identify(f"{text[:start]}{word} {text[start:]}").verdict is not Verdict.KNOWN


@settings(max_examples=40, deadline=None)
@given(places(), places())
def test_no_two_words_can_change_places(
    one: tuple[str, int, int], other: tuple[str, int, int]
) -> None:
    text, (a, b), (c, d) = one[0], *sorted((one[1:], other[1:]))
    if one[0] == other[0] and text[a:b].casefold() != text[c:d].casefold():
        swapped = text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
        assert identify(swapped).verdict is not Verdict.KNOWN


_WORDS = APACHE.split()
HOSTILE = {
    "one word": "a " * 75_000,
    "one line of hyphens": "a-" * 75_000,
    "links": "[a](b)" * 25_000,
    "open tags": "<p " * 50_000,
    "labels": "(((" * 100_000,
    "empty lines": "\n" * 300_000,
    "holders": "\n\n".join(f"Copyright {i} Holder{i}" for i in range(9_000)),
    "an endless catalog header": "---\n" + "key: x\n" * 40_000,
    "many copies": f"\n\nfoo bar baz\n\n{MIT}" * 100,
    "pieces of a license": " zz ".join(_WORDS[i % 1_500] for i in range(40_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_cost_no_more_than_their_length(name: str) -> None:
    # Anything worse than linear in the text would make this run for minutes.
    identify(HOSTILE[name])
