"""Finding a clause in the license text that came with a model: what is shown are that text's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from steelyard.licenses.words import Document, words_of

LONGEST_PASSAGE_CHARS = 900
_LONGEST_LABEL_CHARS = 6

_LABEL = r"\(?(?:\d{1,2}|[A-Za-z]|[ivx]{2,5})[\\*]{0,3}[.)]\s"
_PARAGRAPH_BREAK = re.compile(rf"\n[^\S\n]*\n|\n[^\S\n]*(?={_LABEL})")
_SENTENCE_START = re.compile(r"(?<=[.;:!?])[\s\"'”’)]+(?=\S)")
_SENTENCE_END = re.compile(r"[.;:!?][\"'”’)]*(?=\s|$)")


def passage(document: Document, locator: str) -> str | None:
    """The passage that a locator points to.

    Args:
        document: the license text.
        locator: a few consecutive words of the passage; layout, case and punctuation do not matter.

    Returns:
        A piece of `document.text`, character for character: the paragraph or list item with those words; of
        one over `LONGEST_PASSAGE_CHARS` the sentence with them and what follows, up to that length. None
        when the words are not there.
    """
    at = _first(document.words, words_of(locator))
    if at is None:
        return None
    text = document.text
    found = document.starts[at]
    start, end = 0, len(text)
    for gap in _PARAGRAPH_BREAK.finditer(text):
        if gap.end() <= found:
            start = gap.end()
        elif gap.start() > found:
            end = gap.start()
            break
    if end - start > LONGEST_PASSAGE_CHARS:
        start, end = _sentences(text, start, end, found)
    return text[start:end].strip()


def _first(words: Sequence[str], wanted: Sequence[str]) -> int | None:
    size = len(wanted)
    for at in range(len(words) - size + 1):
        if words[at] == wanted[0] and list(words[at : at + size]) == list(wanted):
            return at
    return None


def _sentences(text: str, start: int, end: int, found: int) -> tuple[int, int]:
    for begin in _SENTENCE_START.finditer(text, start, found + 1):
        if begin.start() - start > _LONGEST_LABEL_CHARS:  # "3. Grant" is one sentence, not two
            start = begin.end()
    if end - start <= LONGEST_PASSAGE_CHARS:
        return start, end
    limit = start + LONGEST_PASSAGE_CHARS
    ends = [stop.end() for stop in _SENTENCE_END.finditer(text, found, limit)]
    return start, ends[-1] if ends else limit
