"""Search over everything learned: words, facets with counts, orders, pages. Never uses a network.

Every word a person types must begin a word of the entry. What a search needs of the index (the entries that have a
word or a value, the orders) is kept in memory as `bitmaps` until the index changes.
"""

from __future__ import annotations

import json
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from steelyard.base.errors import Json
from steelyard.catalog import beginnings, bitmaps
from steelyard.catalog.entries import NOT_KNOWN
from steelyard.catalog.errors import UnknownFacet
from steelyard.catalog.index import CatalogIndex
from steelyard.catalog.needs import RESERVE_BYTES
from steelyard.catalog.records import Variant
from steelyard.catalog.schema import STORED_FACETS
from steelyard.catalog.words import typed_words

FACETS = (*STORED_FACETS, "fits", "local")
ORDERS = ("relevance", "downloads", "size", "name", "newest")
MOST_ROWS = 1000
MOST_VALUES = 50
"""Values of a facet that are counted, the most frequent ones."""

_KEPT_WORDS = 256
_MEMORY_STEP_BYTES = 256 * 1024**2
_ORDER_SQL = {
    "downloads": "SELECT id FROM entries ORDER BY downloads DESC, id",
    "size": "SELECT id FROM entries ORDER BY smallest_bytes IS NULL, smallest_bytes, id",
    "name": "SELECT id FROM entries ORDER BY name, id",
    "newest": "SELECT id FROM entries ORDER BY updated DESC, id",
}


@dataclass(frozen=True)
class LocalModels:
    """What the store has, as far as entries can be matched with it.

    Attributes:
        by_reference: name in the store by the repository or path it came from, case folded.
        by_variant: by such a repository and a quantization.
        by_content: name in the store by the SHA-256 of a file with weights.
    """

    by_reference: Mapping[str, str] = field(default_factory=dict)
    by_variant: Mapping[tuple[str, str], str] = field(default_factory=dict)
    by_content: Mapping[str, str] = field(default_factory=dict)

    def of_variant(self, variant: Variant) -> str | None:
        """Name in the store of what has the same content, or came from the same place in the same quantization."""
        if variant.sha256 is not None and (name := self.by_content.get(variant.sha256)):
            return name
        repository = variant.reference.split(":", maxsplit=1)[0].casefold()
        return self.by_variant.get((repository, variant.quantization))


@dataclass(frozen=True)
class Surroundings:
    """What a search depends on besides the index.

    Attributes:
        local: models in the store.
        available_bytes: memory that can be taken now, or None: not known.
        license_state: state of the `commercial_use` answer by license identifier (None: not known).
    """

    local: LocalModels
    available_bytes: int | None
    license_state: Callable[[str | None], str]


@dataclass(frozen=True)
class Query:
    """See `SearchCatalog`."""

    text: str = ""
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    order: str = "relevance"
    limit: int = 100
    offset: int = 0
    count_facets: bool = True


@dataclass(frozen=True)
class FoundRow:
    """A row as derived, with the memory it needs; `local` says that the store has it."""

    row: dict[str, Json]
    needed_bytes: int | None
    local: bool


@dataclass(frozen=True)
class Found:
    """A page of rows, how many were found in all, and counts by facet and value."""

    rows: tuple[FoundRow, ...]
    total: int
    facets: dict[str, tuple[tuple[str, int], ...]]


class Search:
    """One per index; calls take turns."""

    def __init__(self, index: CatalogIndex) -> None:
        self._index = index
        self._turn = threading.Lock()
        self._generation = -1
        self._sets = _Sets(index, 1)

    def find(self, query: Query, around: Surroundings) -> Found:
        """Search.

        Raises:
            UnknownFacet: a facet or the order has no such name.
        """
        _check(query)
        with self._turn, self._index.reading():
            generation = self._index.generation()
            if generation != self._generation:
                self._sets = _Sets(self._index, self._index.size())
                self._generation = generation
            return self._find(query, around)

    def forget_words(self) -> None:
        """Read every word anew from the index; what a benchmark needs to time the first time."""
        with self._turn:
            self._sets.forget_words()

    def _find(self, query: Query, around: Surroundings) -> Found:
        sets = self._sets
        words = typed_words(query.text)
        matched = sets.everything
        for word in words:
            matched &= sets.beginning(word)
        limits = {
            name: sets.having(name, values, around)
            for name, values in query.facets.items()
            if values
        }
        found = matched
        for limit in limits.values():
            found &= limit
        total = found.bit_count()
        start, end = (
            max(query.offset, 0),
            max(query.offset, 0) + min(max(query.limit, 0), MOST_ROWS),
        )
        page = list(islice(self._ordered(query, words, found), start, end)) if found else []
        counts: dict[str, tuple[tuple[str, int], ...]] = {}
        if query.count_facets:
            for name in FACETS:
                others = matched
                for other, limit in limits.items():
                    if other != name:
                        others &= limit
                counts[name] = sets.counted(name, others, around)
        return Found(self._rows(page, sets.local(around.local)), total, counts)

    def _ordered(self, query: Query, words: Sequence[str], found: int) -> Iterator[int]:
        sets = self._sets
        if query.order != "relevance" or not words:
            order = "downloads" if query.order == "relevance" else query.order
            return bitmaps.in_order(found, sets.order(order), sets.size)
        named = found
        for word in words:
            named &= sets.beginning(word, "name")
        exact = found & sets.called(query.text.strip().casefold())
        groups = (exact, named & ~exact, found & ~named & ~exact)
        order_of_all = sets.order("downloads")
        return chain.from_iterable(
            bitmaps.in_order(group, order_of_all, sets.size) for group in groups if group
        )

    def _rows(self, page: Sequence[int], local: int) -> tuple[FoundRow, ...]:
        marks = ",".join("?" * len(page))
        with self._index.reading() as connection:
            rows = connection.execute(
                f"SELECT id, row, needed_bytes FROM entries WHERE id IN ({marks})",  # noqa: S608  # only marks
                page,
            ).fetchall()
        by_id = {row["id"]: row for row in rows}
        return tuple(
            FoundRow(
                json.loads(by_id[number]["row"]),
                by_id[number]["needed_bytes"],
                bool(local >> number & 1),
            )
            for number in page
        )


def _check(query: Query) -> None:
    for name in query.facets:
        if name not in FACETS:
            raise _unknown(name, FACETS)
    if query.order not in ORDERS:
        raise _unknown(query.order, ORDERS)


def _unknown(name: str, choices: tuple[str, ...]) -> UnknownFacet:
    return UnknownFacet(
        f"The catalog cannot be searched or ordered by {name[:80]!r}.",
        next_step=f"Use one of {', '.join(choices)}.",
        name=name[:80],
        choices=list(choices),
    )


class _Sets:
    """Sets and orders of one generation of the index, each read when it is first needed."""

    def __init__(self, index: CatalogIndex, size: int) -> None:
        self._index = index
        self.size = size
        self._beginnings: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._values: dict[str, dict[str, int]] = {}
        self._orders: dict[str, array[int]] = {}
        self._publishers: tuple[bitmaps.Codes, dict[int, str]] | None = None
        self._within: dict[int, int] = {}
        self._local: tuple[LocalModels, int] | None = None
        self._all: int | None = None

    @property
    def everything(self) -> int:
        """All entries."""
        if self._all is None:
            self._all = self._set("SELECT group_concat(char(id), '') FROM entries")
        return self._all

    def beginning(self, word: str, where: str = "anywhere") -> int:
        """Entries one of whose words begins so; `where` is `anywhere` or `name`."""
        key = (where, word)
        if key in self._beginnings:
            self._beginnings.move_to_end(key)
            return self._beginnings[key]
        with self._index.reading() as connection:
            bits = beginnings.stored(connection, word, where)
            found = beginnings.read(connection, word, where, self.size) if bits is None else bits
        self._beginnings[key] = found
        if len(self._beginnings) > _KEPT_WORDS:
            self._beginnings.popitem(last=False)
        return found

    def forget_words(self) -> None:
        """See `Search.forget_words`."""
        self._beginnings.clear()

    def called(self, text: str) -> int:
        """Entries of exactly this reference or name."""
        return self._set(
            "SELECT group_concat(char(id), '') FROM entries WHERE key = ? OR name = ?", text, text
        )

    def having(self, facet: str, values: Sequence[str], around: Surroundings) -> int:
        """Entries that have one of these values."""
        if facet == "publisher":
            codes = self._codes("publisher", values)
            return self._union(codes)
        by_value = self._by_value(facet, around)
        found = 0
        for value in values:
            found |= by_value.get(value, 0)
        return found

    def counted(self, facet: str, found: int, around: Surroundings) -> tuple[tuple[str, int], ...]:
        """How many of `found` have each value; the most frequent first, those nobody has left out."""
        if facet == "publisher":
            codes, names = self._publisher_codes()
            counted = bitmaps.commonest(found, codes, MOST_VALUES)
            return tuple((names[code], count) for code, count in counted)
        counts = [
            (value, count)
            for value, bits in self._by_value(facet, around).items()
            if (count := (bits & found).bit_count())
        ]
        counts.sort(key=lambda item: (-item[1], item[0]))
        return tuple(counts[:MOST_VALUES])

    def order(self, name: str) -> array[int]:
        """All ids in an order."""
        if name not in self._orders:
            with self._index.reading() as connection:
                rows = connection.execute(_ORDER_SQL[name]).fetchall()
            self._orders[name] = array("I", [row[0] for row in rows])
        return self._orders[name]

    def local(self, models: LocalModels) -> int:
        """Entries of which the store has a variant."""
        if self._local is None or self._local[0] != models:
            bits = 0
            with self._index.reading() as connection:
                for key in models.by_reference:
                    for row in connection.execute("SELECT id FROM entries WHERE key = ?", (key,)):
                        bits |= 1 << row["id"]
                for sha256 in models.by_content:
                    for row in connection.execute(
                        "SELECT entry FROM contents WHERE sha256 = ?", (sha256,)
                    ):
                        bits |= 1 << row["entry"]
            self._local = (models, bits)
        return self._local[1]

    # ---------------------------------------------------------------- values

    def _by_value(self, facet: str, around: Surroundings) -> dict[str, int]:
        if facet == "fits":
            return self._fitting(around.available_bytes)
        if facet == "local":
            here = self.local(around.local)
            return {"yes": here, "no": self.everything & ~here}
        if facet not in self._values:
            self._values[facet] = dict(self._stored(facet))
        if facet != "license":
            return self._values[facet]
        states: dict[str, int] = {}
        for license_id, bits in self._values[facet].items():
            state = around.license_state(license_id or None)
            states[state] = states.get(state, 0) | bits
        return states

    def _stored(self, facet: str) -> Iterator[tuple[str, int]]:
        for value, text in self._texts(facet):
            yield value, bitmaps.from_text(text, self.size)

    def _texts(self, facet: str) -> list[tuple[str, str]]:
        with self._index.reading() as connection:
            rows = connection.execute(
                "SELECT v.value, group_concat(char(f.entry), '') AS ids FROM facet_values v "
                "JOIN facets f ON f.value = v.id WHERE v.facet = ? GROUP BY v.id",
                (facet,),
            ).fetchall()
        return [(row["value"], row["ids"]) for row in rows]

    def _publisher_codes(self) -> tuple[bitmaps.Codes, dict[int, str]]:
        """Publishers are too many for a set each: a code an entry instead."""
        if self._publishers is None:
            texts = self._texts("publisher")
            names = {code: value for code, (value, _) in enumerate(texts, start=1)}
            coded = ((code, ids) for code, (_, ids) in enumerate(texts, start=1))
            self._publishers = bitmaps.codes_of(coded, self.size, self.everything), names
        return self._publishers

    def _codes(self, facet: str, values: Sequence[str]) -> list[int]:
        with self._index.reading() as connection:
            return [
                row["id"]
                for value in values
                for row in connection.execute(
                    "SELECT id FROM facet_values WHERE facet = ? AND value = ?", (facet, value)
                )
            ]

    def _union(self, codes: Sequence[int]) -> int:
        found = 0
        for code in codes:
            found |= self._set(
                "SELECT group_concat(char(entry), '') FROM facets WHERE value = ?", code
            )
        return found

    def _fitting(self, available_bytes: int | None) -> dict[str, int]:
        """As `needs.fits`, for memory in steps, so that what was read can be used again."""
        known = self._needing_at_most(2**62)
        unknown = self.everything & ~known
        if available_bytes is None:
            return {NOT_KNOWN: self.everything}
        free = available_bytes // _MEMORY_STEP_BYTES * _MEMORY_STEP_BYTES
        well = self._needing_at_most(free - 3 * RESERVE_BYTES)
        just = self._needing_at_most(free - RESERVE_BYTES)
        return {"yes": well, "tight": just & ~well, "no": known & ~just, NOT_KNOWN: unknown}

    def _needing_at_most(self, most_bytes: int) -> int:
        if most_bytes not in self._within:
            if len(self._within) > _KEPT_WORDS:
                self._within.clear()
            self._within[most_bytes] = self._set(
                "SELECT group_concat(char(id), '') FROM entries WHERE needed_bytes <= ?", most_bytes
            )
        return self._within[most_bytes]

    def _set(self, sql: str, *parameters: object) -> int:
        with self._index.reading() as connection:
            return bitmaps.from_query(connection, sql, parameters, self.size)
