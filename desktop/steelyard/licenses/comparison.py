"""One text beside one fingerprint: what is the same, what is added, what is changed.

The difference between *added* and *changed* is the point. Added passages leave every word of the license in
place, and the license can still be named. A word taken out, replaced, or put into the middle of a
sentence makes it another license, however much it looks like the first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.licenses.alignment import align
from steelyard.licenses.fingerprints import Fingerprint, Slot
from steelyard.licenses.remainder import PARAGRAPH_END, catalog_header_words, is_name, unaccounted
from steelyard.licenses.words import Document

SHORT_INSERTION_WORDS = 3
"""Up to this many words put into a sentence count as a change of the sentence, not as an added passage."""

_MOST_FILLINGS = 10
_LONGEST_FILLING_WORDS = 2_000  # a file may name a hundred holders
_ROMAN = (
    *("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"),
    *("xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx"),
)
_SENTENCE_BREAK = re.compile(rf"[.:;!?。]|{PARAGRAPH_END.pattern}")


@dataclass(frozen=True)
class Comparison:
    """The outcome for one fingerprint.

    Attributes:
        fingerprint: the known text.
        added: passages of the text, as word ranges, that the known text does not have.
        changed: places, as word ranges (empty ones where something is missing), that depart from it.
        extent: the word range from the first word of the known text to its last.
    """

    fingerprint: Fingerprint
    added: tuple[tuple[int, int], ...]
    changed: tuple[tuple[int, int], ...]
    extent: tuple[int, int]

    @property
    def is_whole(self) -> bool:
        """Whether every word of the known text is there, unchanged and in order."""
        return not self.changed

    @property
    def added_words(self) -> int:
        """How many words the added passages have."""
        return sum(end - start for start, end in self.added)


def compare(
    document: Document,
    hashes: Sequence[int],
    fingerprint: Fingerprint,
    span: tuple[int, int] | None = None,
) -> Comparison:
    """Lay a text, or the word range `span` of it, beside a fingerprint.

    Args:
        document: the text.
        hashes: `window_hashes(document.words)`.
        fingerprint: the known text.
        span: word range to look at; the whole text when None.
    """
    first, last = span or (0, len(document.words))
    places = _Places(document, fingerprint, first, last)
    places.align(hashes)
    places.drop_absent_passages()
    places.fill_slots()
    return places.outcome()


class _Places:
    """Where each word of the known text lies in the document, and what of both is accounted for."""

    def __init__(self, document: Document, known: Fingerprint, first: int, last: int) -> None:
        self.document = document
        self.known = known
        self.first = first
        self.last = last
        self.place = [-1] * known.word_count
        self.known_done = bytearray(known.word_count)
        self.text_done = bytearray(last - first)

    def align(self, hashes: Sequence[int]) -> None:
        window_end = max(self.first, self.last - (len(self.document.words) - len(hashes)))
        for run in align(hashes[self.first : window_end], self.known.windows):
            for step in range(run.length):
                self.place[run.right + step] = self.first + run.left + step

    def drop_absent_passages(self) -> None:
        """An optional passage is there as a whole or not at all; a few words alike by chance do not count."""
        in_slot = {i for slot in self.known.slots for i in range(slot.start, slot.end)}
        for start, end in self.known.optional:
            fixed = [i for i in range(start, end) if i not in in_slot]
            found = sum(self.place[i] >= 0 for i in fixed)
            if found * 2 < len(fixed) or not fixed:
                self.place[start:end] = [-1] * (end - start)
                self.known_done[start:end] = b"\x01" * (end - start)

    def fill_slots(self) -> None:
        for slot in self.known.slots:
            before = self._placed(range(slot.start - 1, -1, -1))
            after = self._placed(range(slot.end, self.known.word_count))
            if before is None or after is None or before >= after:
                continue
            for start, end in self._fillings(before + 1, after):
                if self._fits(slot, start, end):
                    self.known_done[slot.start : slot.end] = b"\x01" * (slot.end - slot.start)
                    self.text_done[start - self.first : end - self.first] = b"\x01" * (end - start)
                    break

    def _fillings(self, start: int, end: int) -> list[tuple[int, int]]:
        """What may fill a blank: all that stands there, else what follows or precedes added paragraphs."""
        breaks = [
            at
            for at in range(start + 1, end)
            if PARAGRAPH_END.search(self.document.between(at - 1, at))
        ]
        spans = [
            (start, end),
            *((at, end) for at in breaks[-_MOST_FILLINGS:]),
            *((start, at) for at in reversed(breaks[:_MOST_FILLINGS])),
        ]
        return [span for span in spans if span[1] - span[0] <= _LONGEST_FILLING_WORDS]

    def _fits(self, slot: Slot, start: int, end: int) -> bool:
        """Whether the words `start .. end` of the document may stand where the known text has this slot."""
        content = tuple(self.document.words[start:end])
        if slot.choices is None:
            return is_name(self.document, start, end) or not unaccounted(
                self.document, start, end, ()
            )
        return content in slot.choices or self.place[slot.start : slot.end] == list(
            range(start, end)
        )

    def _placed(self, indexes: range) -> int | None:
        """Where the nearest known word lies that is not in an absent passage; None when it is missing."""
        for i in indexes:
            if self.place[i] >= 0:
                return self.place[i]
            if not self.known_done[i]:
                return None
        return None

    def outcome(self) -> Comparison:
        for at in self.place:
            if at >= 0:
                self.text_done[at - self.first] = 1
        changed = self._missing() + self._relabelled()
        added: list[tuple[int, int]] = []
        for start, end in self._left_over():
            if (
                (start, start) in changed
                or (end, end) in changed
                or self._alters_sentence(start, end)
            ):
                changed.append((start, end))
            else:
                added.append((start, end))
        placed = [at for at in self.place if at >= 0]
        extent = (placed[0], placed[-1] + 1) if placed else (self.first, self.first)
        return Comparison(self.known, tuple(added), tuple(sorted(set(changed))), extent)

    def _missing(self) -> list[tuple[int, int]]:
        """An empty range in the document for each gap where words of the known text are missing."""
        gaps: list[tuple[int, int]] = []
        at = self.first
        for i, place in enumerate(self.place):
            if place >= 0:
                at = place + 1
            elif not self.known_done[i] and (at, at) not in gaps[-1:]:
                gaps.append((at, at))
        return gaps

    def _relabelled(self) -> list[tuple[int, int]]:
        """Words before which text and known text both have a list label, but not the same."""
        return [
            (place, place + 1)
            for i, labels in self.known.labels.items()
            if i < len(self.place) and (place := self.place[i]) >= 0
            if place in self.document.labels and not _agree(labels, self.document.labels[place])
        ]

    def _left_over(self) -> list[tuple[int, int]]:
        if self.first == 0:
            header = min(catalog_header_words(self.document, self.known.titles), self.last)
            self.text_done[:header] = b"\x01" * header
        passages: list[tuple[int, int]] = []
        start = None
        for at in range(self.first, self.last + 1):
            done = at == self.last or self.text_done[at - self.first]
            if not done and start is None:
                start = at
            elif done and start is not None:
                if left := unaccounted(self.document, start, at, self.known.titles):
                    passages.append(left)
                start = None
        return passages

    def _alters_sentence(self, start: int, end: int) -> bool:
        if end - start > SHORT_INSERTION_WORDS:
            return False
        begins = start == 0 or _SENTENCE_BREAK.search(self.document.between(start - 1, start))
        ends = end == len(self.document.words) or _SENTENCE_BREAK.search(
            self.document.between(end - 1, end)
        )
        return not (begins and ends)


def _agree(labels: Sequence[str], others: Sequence[str]) -> bool:
    """Whether one list of labels occurs in the other, in order; `1.`, `a.` and `i.` are the same label."""
    few, many = sorted((labels, others), key=len)
    rest = iter(many)
    return all(any(_ordinals(label) & _ordinals(other) for other in rest) for label in few)


def _ordinals(label: str) -> set[int]:
    """The numbers a label can mean: `3` is 3, `c` is 3, `iii` is 3, `i` is 1 or 9."""
    if label.isdecimal():
        return {int(label)}
    meant = {ord(label) - ord("a") + 1} if len(label) == 1 else set()
    if label in _ROMAN:
        meant.add(_ROMAN.index(label) + 1)
    return meant
