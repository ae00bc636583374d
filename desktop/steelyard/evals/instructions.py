"""Instructions whose observance a program can check: so many words, no commas, this ending.

The kinds, their names and their parameters are those of IFEval (Zhou et al. 2023, arXiv 2311.07911), so that
results can be laid beside published ones; a test compares every verdict with the published verdicts on 540
recorded answers. Two kinds are judged by our own rules, because the published ones need a trained tokenizer:
sentences and capital words are counted by `_sentences` and `_capital_words`. `language:response_language`
is left out, and the two `change_case` kinds do not ask which language the letters belong to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from steelyard.base.errors import Json

Check = Callable[[str, Mapping[str, Json]], bool]


@dataclass(frozen=True)
class Instruction:
    """One instruction of an item: its kind, a key of `KINDS`, and the kind's parameters."""

    kind: str
    parameters: Mapping[str, Json]


def follows(instruction: Instruction, answer: str) -> bool:
    """Whether an answer observes an instruction to the letter. An empty answer observes nothing."""
    if not answer.strip():
        return False
    return KINDS[instruction.kind].check(answer, instruction.parameters)


def follows_loosely(instruction: Instruction, answer: str) -> bool:
    """Whether it does once an opening line, a closing line or Markdown's asterisks are forgiven."""
    return any(follows(instruction, reading) for reading in _readings(answer))


def _readings(answer: str) -> Iterator[str]:
    lines = answer.split("\n")
    for kept in (lines, lines[1:], lines[:-1], lines[1:-1]):
        reading = "\n".join(kept) if kept is lines else "\n".join(kept).strip()
        yield reading
        yield reading.replace("*", "")


# ------------------------------------------------------------------ reading parameters


def _text(parameters: Mapping[str, Json], name: str) -> str:
    return cast("str", parameters[name])


def _number(parameters: Mapping[str, Json], name: str) -> int:
    return cast("int", parameters[name])


def _texts(parameters: Mapping[str, Json], name: str) -> Sequence[str]:
    return cast("Sequence[str]", parameters[name])


def _meets(count: int, relation: str, wanted: int) -> bool:
    return count < wanted if relation == "less than" else count >= wanted


# ------------------------------------------------------------------ keywords


def _existence(answer: str, parameters: Mapping[str, Json]) -> bool:
    folded = answer.lower()
    return all(word.lower() in folded for word in _texts(parameters, "keywords"))


def _frequency(answer: str, parameters: Mapping[str, Json]) -> bool:
    count = answer.lower().count(_text(parameters, "keyword").lower())
    return _meets(count, _text(parameters, "relation"), _number(parameters, "frequency"))


def _forbidden_words(answer: str, parameters: Mapping[str, Json]) -> bool:
    words = _texts(parameters, "forbidden_words")
    return not any(re.search(rf"\b{re.escape(word)}\b", answer, re.IGNORECASE) for word in words)


def _letter_frequency(answer: str, parameters: Mapping[str, Json]) -> bool:
    count = Counter(answer.lower())[_text(parameters, "letter").lower()]
    return _meets(count, _text(parameters, "let_relation"), _number(parameters, "let_frequency"))


# ------------------------------------------------------------------ lengths

_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|No|Inc|Ltd|[A-Z])\.$")
_SENTENCE_END = re.compile(r"[.!?]+[\"')\]”’*]*(?=\s)")


def _sentences(answer: str) -> int:
    """Sentences end in `.`, `!` or `?` before white space, but not after a list number, a usual abbreviation
    or an initial."""
    text = re.sub(r"^\s*\d+\.\s", "", answer, flags=re.MULTILINE).strip()
    ends = sum(
        1
        for found in _SENTENCE_END.finditer(text)
        if not (
            found.group().startswith(".")
            and _ABBREVIATION.search(text, max(0, found.start() - 8), found.start() + 1)
        )
    )
    return ends + 1 if text else 0


def _number_sentences(answer: str, parameters: Mapping[str, Json]) -> bool:
    return _meets(
        _sentences(answer), _text(parameters, "relation"), _number(parameters, "num_sentences")
    )


def _number_words(answer: str, parameters: Mapping[str, Json]) -> bool:
    count = len(re.findall(r"\w+", answer))
    return _meets(count, _text(parameters, "relation"), _number(parameters, "num_words"))


def _number_paragraphs(answer: str, parameters: Mapping[str, Json]) -> bool:
    """Paragraphs are parted by `***`; an empty one is forgiven at either end only."""
    parts = re.split(r"\s?\*\*\*\s?", answer)
    inner, count = parts[1:-1], len(parts)
    if any(not part.strip() for part in inner):
        return False
    edges = (parts[0], parts[-1]) if count > 1 else (parts[0],)
    return count - sum(not part.strip() for part in edges) == _number(parameters, "num_paragraphs")


def _nth_paragraph_first_word(answer: str, parameters: Mapping[str, Json]) -> bool:
    """Paragraphs are parted by an empty line; the n-th is counted with the empty ones, their sum without."""
    parts = answer.split("\n\n")
    count = sum(bool(part.strip()) for part in parts)
    nth = _number(parameters, "nth_paragraph")
    if nth > count or not parts[nth - 1].strip():
        return False
    word = parts[nth - 1].split()[0].lstrip("'").lstrip('"')
    first = re.split(r"[.,?!'\"]", word, maxsplit=1)[0].lower()
    return count == _number(parameters, "num_paragraphs") and first == (
        _text(parameters, "first_word").lower()
    )


# ------------------------------------------------------------------ content and format


def _placeholders(answer: str, parameters: Mapping[str, Json]) -> bool:
    return len(re.findall(r"\[.*?\]", answer)) >= _number(parameters, "num_placeholders")


_POSTSCRIPTS = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}


def _postscript(answer: str, parameters: Mapping[str, Json]) -> bool:
    marker = _text(parameters, "postscript_marker")
    pattern = _POSTSCRIPTS.get(marker, re.escape(marker.lower()))
    return re.search(pattern, answer.lower()) is not None


def _bullets(answer: str, parameters: Mapping[str, Json]) -> bool:
    starred = re.findall(r"^\s*\*[^*].*$", answer, re.MULTILINE)
    dashed = re.findall(r"^\s*-.*$", answer, re.MULTILINE)
    return len(starred) + len(dashed) == _number(parameters, "num_bullets")


def _constrained(answer: str, parameters: Mapping[str, Json]) -> bool:
    return any(f"My answer is {word}." in answer for word in ("yes", "no", "maybe"))


def _highlights(answer: str, parameters: Mapping[str, Json]) -> bool:
    single = [part.strip("*").strip() for part in re.findall(r"\*[^\n*]*\*", answer)]
    double = [part[2:-2].strip() for part in re.findall(r"\*\*[^\n*]*\*\*", answer)]
    return sum(map(bool, single + double)) >= _number(parameters, "num_highlights")


def _sections(answer: str, parameters: Mapping[str, Json]) -> bool:
    marker = re.escape(_text(parameters, "section_spliter"))
    return len(re.findall(rf"\s?{marker}\s?\d+\s?", answer)) >= _number(parameters, "num_sections")


def _json(answer: str, parameters: Mapping[str, Json]) -> bool:
    import json  # noqa: PLC0415  # this file stays cheap to import

    text = answer.strip()
    for fence in ("```json", "```Json", "```JSON", "```"):
        text = text.removeprefix(fence)
    try:
        json.loads(text.removesuffix("```").strip())
    except (ValueError, RecursionError):
        return False
    return True


def _title(answer: str, parameters: Mapping[str, Json]) -> bool:
    return any(part.lstrip("<").rstrip(">").strip() for part in re.findall(r"<<[^\n]+>>", answer))


# ------------------------------------------------------------------ the whole answer


def _two_responses(answer: str, parameters: Mapping[str, Json]) -> bool:
    parts = answer.split("******")
    if any(not part.strip() for part in parts[1:-1]):
        return False
    valid = [part.strip() for part in parts if part.strip()]
    return len(valid) == 2 and valid[0] != valid[1]


def _repeat_prompt(answer: str, parameters: Mapping[str, Json]) -> bool:
    wanted = _text(parameters, "prompt_to_repeat").strip().lower()
    return answer.strip().lower().startswith(wanted)


def _end(answer: str, parameters: Mapping[str, Json]) -> bool:
    wanted = _text(parameters, "end_phrase").strip().lower()
    return answer.strip().strip('"').lower().endswith(wanted)


def _quotation(answer: str, parameters: Mapping[str, Json]) -> bool:
    text = answer.strip()
    return len(text) > 1 and text[0] == text[-1] == '"'


def _no_comma(answer: str, parameters: Mapping[str, Json]) -> bool:
    return "," not in answer


def _upper(answer: str, parameters: Mapping[str, Json]) -> bool:
    return answer.isupper()


def _lower(answer: str, parameters: Mapping[str, Json]) -> bool:
    return answer.islower()


def _capital_words(answer: str) -> int:
    """Words of letters, digits, hyphens and dots that have letters, all of them capitals."""
    return sum(word.isupper() for word in re.findall(r"\w+(?:[-./&']\w+)*", answer))


def _capital_word_frequency(answer: str, parameters: Mapping[str, Json]) -> bool:
    return _meets(
        _capital_words(answer),
        _text(parameters, "capital_relation"),
        _number(parameters, "capital_frequency"),
    )


@dataclass(frozen=True)
class Kind:
    """How a kind is checked and which parameters it takes, by name and type.

    A parameter named `relation` (or ending so) is `less than` or `at least`.
    """

    check: Check
    parameters: Mapping[str, type]


KINDS: Mapping[str, Kind] = {
    "keywords:existence": Kind(_existence, {"keywords": list}),
    "keywords:frequency": Kind(_frequency, {"relation": str, "keyword": str, "frequency": int}),
    "keywords:forbidden_words": Kind(_forbidden_words, {"forbidden_words": list}),
    "keywords:letter_frequency": Kind(
        _letter_frequency, {"let_relation": str, "letter": str, "let_frequency": int}
    ),
    "length_constraints:number_sentences": Kind(
        _number_sentences, {"relation": str, "num_sentences": int}
    ),
    "length_constraints:number_words": Kind(_number_words, {"relation": str, "num_words": int}),
    "length_constraints:number_paragraphs": Kind(_number_paragraphs, {"num_paragraphs": int}),
    "length_constraints:nth_paragraph_first_word": Kind(
        _nth_paragraph_first_word, {"first_word": str, "num_paragraphs": int, "nth_paragraph": int}
    ),
    "detectable_content:number_placeholders": Kind(_placeholders, {"num_placeholders": int}),
    "detectable_content:postscript": Kind(_postscript, {"postscript_marker": str}),
    "detectable_format:number_bullet_lists": Kind(_bullets, {"num_bullets": int}),
    "detectable_format:constrained_response": Kind(_constrained, {}),
    "detectable_format:number_highlighted_sections": Kind(_highlights, {"num_highlights": int}),
    "detectable_format:multiple_sections": Kind(
        _sections, {"section_spliter": str, "num_sections": int}
    ),
    "detectable_format:json_format": Kind(_json, {}),
    "detectable_format:title": Kind(_title, {}),
    "combination:two_responses": Kind(_two_responses, {}),
    "combination:repeat_prompt": Kind(_repeat_prompt, {"prompt_to_repeat": str}),
    "startend:end_checker": Kind(_end, {"end_phrase": str}),
    "startend:quotation": Kind(_quotation, {}),
    "punctuation:no_comma": Kind(_no_comma, {}),
    "change_case:english_capital": Kind(_upper, {}),
    "change_case:english_lowercase": Kind(_lower, {}),
    "change_case:capital_word_frequency": Kind(
        _capital_word_frequency, {"capital_relation": str, "capital_frequency": int}
    ),
}
