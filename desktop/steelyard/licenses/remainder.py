"""What may stand in a copy of a license beside its words and adds nothing: holders, titles, catalog headers.

Everything here is narrow on purpose. A statement that holds a single word that could limit or grant
something is never passed over: it stays a left-over passage, and a person reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from steelyard.licenses.words import Document, words_of

MOST_NAME_WORDS = 24
MOST_HOLDER_WORDS = 30

OPERATIVE = frozenset(
    """
    not no nor none never only solely without except unless until must may shall should will cannot
    use used uses user users using usage commercial commercially noncommercial nonprofit profit business
    research academic education educational personal internal evaluation production military government
    license licensed licensee licenses licensing permission permitted permit permits grant granted grants
    right provided condition conditions subject terms agreement agree agrees
    prohibited prohibit prohibits forbidden restricted restrict restricts restriction restrictions
    limit limits limitation required require requires requirement obligation
    distribute distributed distribution redistribute redistribution copy copies modify modified modification
    sell sold sale fee pay payment royalty royalties train training derivative derivatives sublicense
    warranty liable liability indemnify terminate terminated termination comply compliance law
    """.split()  # noqa: SIM905  # a hundred lines of one word each would hide the list
)
"""Words that can limit or grant something; none of them belongs in a name."""

_ALSO_NAMES = frozenset(
    (
        *("will", "may", "grant", "law", "sale"),
        *("research", "business", "education", "government", "production", "training"),
    )
)
"""Operative words that occur in names of people and bodies; a name when written like one."""

_RESERVED = ("all", "rights", "reserved")
_HOLDER_SIGN = re.compile(r"(?:©|\(c\))[\s\W]*$", re.IGNORECASE)
_BREAK = re.compile(r"[\n.:;]")
PARAGRAPH_END = re.compile(r"\n[\W_]*\n")
"""Between two words: an empty line, or one with no word on it, such as a rule."""


_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_FRONT_LINE = re.compile(r"(?P<key>[A-Za-z_-]+):[ \t]*(?P<value>.*)")
_CATALOG_KEYS = frozenset(
    """
    key short_name name category owner homepage_url notes spdx_license_key other_spdx_license_keys
    osi_license_key text_urls osi_url faq_url other_urls ignorable_urls ignorable_copyrights
    ignorable_holders ignorable_authors ignorable_emails title spdx-id nickname redirect_from hidden
    featured
    """.split()  # noqa: SIM905  # as above
)
_NAME_KEYS = frozenset(("key", "short_name", "name", "title", "nickname"))
_NAME_WORDS = frozenset(("license", "licenses", "agreement", "terms", "use"))
_CATEGORIES = frozenset(
    (
        "commercial", "copyleft", "copyleft limited", "free restricted", "permissive", "proprietary free",
        "public domain", "source-available",
    )
)  # fmt: skip
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+")


def is_name(document: Document, start: int, end: int) -> bool:
    """Whether words filled into a blank can only be a name: few, and none that limits or grants."""
    return end - start <= MOST_NAME_WORDS and not _says_more(document, start, end)


def unaccounted(
    document: Document, start: int, end: int, titles: Sequence[Sequence[str]]
) -> tuple[int, int] | None:
    """Take titles and statements of copyright holders off both ends of a passage.

    Args:
        document: the text.
        start, end: the passage, as word indexes.
        titles: headings that are accounted for, as words.

    Returns:
        What stays, as a word range; None when all is accounted for.
    """
    first = last = None
    at = start
    fresh = True
    while at < end:
        taken = 0
        if fresh or _BREAK.search(document.between(at - 1, at)):
            taken = _title_at(document, at, end, titles) or _holder_at(document, at, end)
        fresh = taken > 0
        if taken == 0:
            taken = _statement_end(document, at, end) - at
            first = at if first is None else first
            last = at + taken
        at += taken
    return None if first is None or last is None else (first, last)


def _title_at(document: Document, at: int, end: int, titles: Sequence[Sequence[str]]) -> int:
    """Words of the longest title that begins at `at` and is a line, a sentence or before a holder; else 0."""
    return max(
        (
            len(title)
            for title in titles
            if _stands_at(document, at, end, title)
            and (
                at + len(title) == end
                or _BREAK.search(document.between(at + len(title) - 1, at + len(title)))
                or _begins_holder(document, at + len(title))
                or any(_stands_at(document, at + len(title), end, other) for other in titles)
            )
        ),
        default=0,
    )


def _stands_at(document: Document, at: int, end: int, words: Sequence[str]) -> bool:
    stop = at + len(words)
    return stop <= end and tuple(document.words[at:stop]) == tuple(words)


def _holder_at(document: Document, at: int, end: int) -> int:
    """Words of a copyright statement that begins at `at`; 0 where none does or it says more than a name."""
    if _stands_at(document, at, end, _RESERVED):
        return len(_RESERVED)
    if not _begins_holder(document, at) and not _follows_copyright(document, at):
        return 0
    stop = _statement_end(document, at, end, holder=True)
    if stop - at > MOST_HOLDER_WORDS or _says_more(document, at, stop):
        return 0
    return stop - at


def _says_more(document: Document, start: int, end: int) -> bool:
    """Whether a passage has an operative word. `Will McGugan` is a name; `will` and `WILL` are not."""
    return any(
        word in OPERATIVE
        and not (
            word in _ALSO_NAMES and document.text[document.starts[at] : document.ends[at]].istitle()
        )
        for at, word in enumerate(document.words[start:end], start)
    )


def _begins_holder(document: Document, at: int) -> bool:
    word = document.words[at]
    if word in ("copyright", "copyrights"):
        return True
    if word == "portions" and document.words[at + 1 : at + 2] == ["copyright"]:
        return True
    return bool(_HOLDER_SIGN.search(document.between(at - 1, at)))


def _follows_copyright(document: Document, at: int) -> bool:
    """Whether the word before is the `Copyright` of a line whose year and holder were blanks.

    The `copyright` of a running sentence ("the copyright owner") begins no such line.
    """
    if at == 0 or document.words[at - 1] != "copyright":
        return False
    before = document.text[document.starts[at - 1]]
    return before.isupper() and (at == 1 or bool(_BREAK.search(document.between(at - 2, at - 1))))


def _statement_end(document: Document, at: int, end: int, *, holder: bool = False) -> int:
    """The index after a statement: up to an empty line, or where a holder is named anew.

    Inside a holder's statement the next `copyright` begins another even on the same line, as in a text that
    was wrapped anew; elsewhere the word may belong to a sentence.
    """
    for stop in range(at + 1, end):
        between = document.between(stop - 1, stop)
        if PARAGRAPH_END.search(between):
            return stop
        if (holder or _BREAK.search(between)) and (
            document.words[stop] == "copyright" or _stands_at(document, stop, end, _RESERVED)
        ):
            return stop
    return end


def catalog_header_words(document: Document, titles: Sequence[Sequence[str]]) -> int:
    """How many words a leading catalog header takes, or 0 when there is none or it says more than a catalog.

    License collections put a block of `key: value` lines between `---` lines before the text. It is accounted
    for when every key is one that such collections use and every value is an address or a short phrase
    without an operative word, other than those of the license's own titles.
    """
    match = _FRONT_MATTER.match(document.text)
    if match is None:
        return 0
    own = {word for title in titles for word in title}
    if not all(_is_catalog_entry(key, value, own) for key, value in _entries(match[1])):
        return 0
    return sum(start < match.end() for start in document.starts)


def _is_catalog_entry(key: str, value: str, own: set[str]) -> bool:
    if key == "category":
        return value.strip().lower() in _CATEGORIES
    words = words_of(_ADDRESS.sub(" ", value))
    allowed = own | _NAME_WORDS if key in _NAME_KEYS else own | {"license"}
    return (
        key in _CATALOG_KEYS
        and len(words) <= MOST_NAME_WORDS
        and (OPERATIVE & set(words)) <= allowed
    )


def _entries(block: str) -> Iterator[tuple[str, str]]:
    """Each `key: value`, its indented lines joined to it. A line that is neither gives the key `""`."""
    key, value = "", ""
    for line in block.splitlines():
        match = _FRONT_LINE.match(line)
        if match:
            if key:
                yield key, value
            key, value = match["key"], match["value"]
        elif line.startswith((" ", "\t", "-")) or not line.strip():
            value += " " + line
        else:
            yield "", line
    if key:
        yield key, value
