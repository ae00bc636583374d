"""How texts become words, in the index and in what a person types: one function for both sides.

Case, compatibility forms (fullwidth letters, ligatures) and diacritics are folded. Letters of other scripts that
merely look alike are not: a search for a publisher must not bring up an imitation of it under the same word;
`appearances` says so where one is shown. Folding is done here rather than by the index's tokenizer, so that it does
not depend on which Unicode version the system's SQLite was built with.
"""

from __future__ import annotations

import unicodedata

MOST_WORDS = 16
WORD_CHARS = 64

_ASCII = "".join(chr(c).lower() if chr(c).isalnum() else " " for c in range(128))


def words_in(text: str) -> list[str]:
    """The words of a text: runs of letters, digits and private characters, folded, in order.

    What remains is letters and digits only, so nothing that FTS5's query language reads as an operator.
    """
    if text.isascii():
        return text.translate(_ASCII).split()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(map(_kept, plain.casefold())).split()


def typed_words(typed: str) -> tuple[str, ...]:
    """The words a person typed, each once; more than anyone types is cut off."""
    words = words_in(typed[: MOST_WORDS * WORD_CHARS])
    return tuple(dict.fromkeys(word[:WORD_CHARS] for word in words))[:MOST_WORDS]


def squeezed(name: str) -> str:
    """A name without what separates its words, so that `llama3` begins `Llama-3.1-8B`."""
    return "".join(words_in(name))


def _kept(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Mn":
        return ""  # diacritics, now that they stand by themselves
    return char if category[0] in "LN" or category in ("Mc", "Co") else " "
