"""What a license text is: known, known with additions, or unknown.

`known` means that every word of a known text is there, unchanged, in order, and that nothing else is
there but names of copyright holders, titles and list labels. Added passages make it
`known-with-additions` and are shown. Anything else is `unknown`, with its nearest neighbours: a text
that lacks a "not" is not the license it was made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from steelyard.base.digests import digest_of
from steelyard.licenses.comparison import Comparison, compare
from steelyard.licenses.errors import LicenseTextNotText, LicenseTextTooLarge
from steelyard.licenses.fingerprints import LICENSE, POLICY, Fingerprint, all_fingerprints
from steelyard.licenses.records import Identification, Neighbour, Verdict
from steelyard.licenses.words import WINDOW_WORDS, Document, read_words, window_hashes

LIMIT_BYTES = 1024 * 1024
"""The longest license in the ScanCode collection of 2,615 has about 100 kB; a megabyte is no license."""

_CANDIDATE_SHARE = 0.6
_MOST_CANDIDATES = 6
_MOST_NEIGHBOURS = 5
_LEAST_RESEMBLANCE = 0.05
_MOST_INSIDE = 12
_TITLE_WORDS = 12
_CONTEXT_WORDS = 6
_CONTROL_SHARE = 0.01


def read_license(path: Path) -> str:
    """Read a license file. UTF-8, UTF-16 with its mark, or else Windows-1252, as old files are.

    Raises:
        LicenseTextTooLarge: over `LIMIT_BYTES`; it is not read.
        LicenseTextNotText: it holds NUL bytes or many control characters.
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        data = stream.read(LIMIT_BYTES + 1)
    if len(data) > LIMIT_BYTES:
        raise _too_large(path.stat().st_size)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        try:
            return _checked(data.decode("utf-8"))
        except UnicodeDecodeError:
            encoding = "cp1252"
    return _checked(data.decode(encoding, errors="replace"))


def identify(text: str) -> Identification:
    """Compare a text with every known one.

    Args:
        text: the whole license file.

    Returns:
        Verdict, identifier, left-over passages and neighbours. `text_digest` is of the text as UTF-8, which
        is the file's own digest for a file in UTF-8.

    Raises:
        LicenseTextTooLarge: over `LIMIT_BYTES` as UTF-8.
        LicenseTextNotText: it holds NUL or many control characters.
    """
    return identify_among(text, all_fingerprints())


def identify_among(text: str, fingerprints: Sequence[Fingerprint]) -> Identification:
    """`identify` against given fingerprints instead of the shipped ones."""
    data = text.encode("utf-8", errors="surrogatepass")
    if len(data) > LIMIT_BYTES:
        raise _too_large(len(data))
    _checked(text)
    view = _View(read_words(text), fingerprints)
    candidates = view.candidates((0, len(view.document.words)))
    best = _best(candidates)
    if best is None:
        nearest = min(candidates, key=_departure, default=None)
        return Identification(
            id=None,
            verdict=Verdict.UNKNOWN,
            neighbours=view.neighbours(),
            left_over_chars=len(text.strip()),
            left_over=(),
            text_digest=digest_of(data),
            changes=_changes(view.document, nearest) if nearest else (),
        )
    added = view.without_policies(best)
    left_over = tuple(_passage(view.document, start, end) for start, end in added)
    return Identification(
        id=best.fingerprint.license_id,
        verdict=Verdict.KNOWN_WITH_ADDITIONS if left_over else Verdict.KNOWN,
        neighbours=view.neighbours(but=best.fingerprint.license_id),
        left_over_chars=sum(map(len, left_over)),
        left_over=left_over,
        text_digest=digest_of(data),
        also=view.wholly_inside(added),
    )


class _View:
    """One text beside all fingerprints."""

    def __init__(self, document: Document, fingerprints: Sequence[Fingerprint]) -> None:
        self.document = document
        self.fingerprints = fingerprints
        self.hashes = window_hashes(document.words)

    def candidates(self, span: tuple[int, int]) -> list[Comparison]:
        """Comparisons with the licenses of which a passage has most required windows, most complete first.

        A whole copy has every required window, save two around each addition.
        """
        present = frozenset(self.hashes[span[0] : max(span[0], span[1] - WINDOW_WORDS + 1)])
        ranked = sorted(
            (
                (len(present & known.window_set) / known.required_windows, index)
                for index, known in enumerate(self.fingerprints)
                if known.kind == LICENSE
            ),
            key=lambda pair: (-pair[0], pair[1]),
        )
        compared: list[Comparison] = []
        for share, index in ranked[:_MOST_CANDIDATES]:
            if share < _CANDIDATE_SHARE:
                break
            compared.append(compare(self.document, self.hashes, self.fingerprints[index], span))
            if compared[-1].is_whole and not compared[-1].added:
                break
        return compared

    def without_policies(self, comparison: Comparison) -> list[tuple[int, int]]:
        """The added passages, less the license's own use policy where a copy carries it too."""
        policies = [
            known
            for known in self.fingerprints
            if known.kind == POLICY and known.license_id == comparison.fingerprint.license_id
        ]
        added: list[tuple[int, int]] = []
        for span in comparison.added:
            inner = [compare(self.document, self.hashes, policy, span) for policy in policies]
            whole = min((c for c in inner if c.is_whole), key=lambda c: c.added_words, default=None)
            added += whole.added if whole else [span]
        return added

    def wholly_inside(self, passages: Sequence[tuple[int, int]]) -> tuple[str, ...]:
        """Licenses whose whole text stands in one of the passages, in the order they stand there.

        After `_MOST_INSIDE` licenses the search ends: a file with more is a list of licenses for a person to read.
        """
        found: dict[str, None] = {}
        waiting = list(passages)
        for _ in range(_MOST_INSIDE):
            if not waiting:
                break
            start, end = waiting.pop(0)
            span = (
                max(0, start - _TITLE_WORDS),
                end,
            )  # its title may have been taken off the passage
            best = _best(self.candidates(span))
            if best:
                found[best.fingerprint.license_id] = None
                waiting = [*best.added, *waiting]
        return tuple(found)

    def neighbours(self, but: str | None = None) -> tuple[Neighbour, ...]:
        """The nearest known texts by the Jaccard index of their windows; policies under their own name."""
        present = frozenset(self.hashes)
        best: dict[str, float] = {}
        for known in self.fingerprints:
            name = known.license_id if known.kind == LICENSE else known.name
            shared = len(present & known.window_set)
            value = shared / max(1, len(present) + len(known.window_set) - shared)
            best[name] = max(best.get(name, 0.0), value)
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return tuple(
            Neighbour(name, round(value, 4))
            for name, value in ranked
            if name != but and value >= _LEAST_RESEMBLANCE
        )[:_MOST_NEIGHBOURS]


def _best(candidates: Sequence[Comparison]) -> Comparison | None:
    """Of the licenses wholly there, the first in the text; of those in one place, the longest."""
    whole = [c for c in candidates if c.is_whole]
    if not whole:
        return None
    first = min(whole, key=lambda c: c.extent)
    same_place = [c for c in whole if c.extent[0] < first.extent[1]]
    return min(same_place, key=lambda c: c.added_words)


def _too_large(size_bytes: int) -> LicenseTextTooLarge:
    return LicenseTextTooLarge(
        f"The text has {size_bytes:,} bytes; no license has more than {LIMIT_BYTES:,}. It was not read.",
        next_step="Give the license file alone.",
        size_bytes=size_bytes,
        limit_bytes=LIMIT_BYTES,
    )


def _checked(text: str) -> str:
    controls = sum(text.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\r\f\v")
    controls += text.count("\ufffd")
    if "\0" in text or controls > len(text) * _CONTROL_SHARE:
        raise LicenseTextNotText(
            "The file is not text: it holds NUL or many control characters. It was not read as a license.",
            next_step="Give the license as a text file.",
            where="NUL" if "\0" in text else "control characters",
        )
    return text


def _departure(comparison: Comparison) -> tuple[int, int]:
    words = sum(end - start for start, end in comparison.changed)
    return len(comparison.changed) + words, comparison.added_words


def _passage(document: Document, start: int, end: int) -> str:
    """The words `start .. end` as they stand in the text, with the punctuation that ends them."""
    tail = document.between(end - 1, end)
    mark = tail[: len(tail) - len(tail.lstrip(".,:;!?)\"'”’"))]
    return document.text[document.starts[start] : document.ends[end - 1]] + mark


def _changes(document: Document, nearest: Comparison) -> tuple[str, ...]:
    """Each place where the text departs from its nearest neighbour, with a few words around it."""
    shown: list[tuple[int, int]] = []
    for start, end in nearest.changed:
        first = max(0, start - _CONTEXT_WORDS)
        last = min(len(document.words), max(start, end) + _CONTEXT_WORDS)
        if shown and first <= shown[-1][1]:
            shown[-1] = (shown[-1][0], max(last, shown[-1][1]))
        elif first < last:
            shown.append((first, last))
    return tuple(_passage(document, first, last) for first, last in shown)
