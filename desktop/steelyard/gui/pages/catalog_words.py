"""Facets, fit, licenses and sources of the catalog in words and marks, the same in a list, in chips and in detail."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from steelyard.gui import figures
from steelyard.gui.names import display_name
from steelyard.gui.widgets import marks
from steelyard.service.requests import CatalogRow, SourceRow

translate = QCoreApplication.translate

FACETS = (
    "license", "fits", "format", "size", "task", "publisher", "source", "quantization", "local",
)  # fmt: skip
"""In the order of the panel."""
NOT_KNOWN = "not-known"
_FIT_MARKS = {"yes": "yes", "tight": "conditional", "no": "no"}
_DATE_ONLY = len("2026-11-18")


def facet_title(facet: str) -> str:
    """The heading of a facet."""
    return {
        "license": translate("Catalog", "Commercial use"),
        "fits": translate("Catalog", "Fits this machine"),
        "format": translate("Catalog", "Format"),
        "size": translate("Catalog", "Smallest size"),
        "task": translate("Catalog", "Task"),
        "publisher": translate("Catalog", "Publisher"),
        "source": translate("Catalog", "Source"),
        "quantization": translate("Catalog", "Quantization"),
        "local": translate("Catalog", "In the store"),
    }.get(facet, facet)


def facet_value(facet: str, value: str) -> str:
    """A value of a facet; text from outside is made safe to show."""
    if facet == "license" and value in marks.STATES:
        return marks.state_word(value)
    if facet == "fits":
        return fit_word(value)
    if facet == "local":
        return yes_or_no(value)
    if facet == "size":
        return size_word(value)
    if facet == "format":
        return format_word(value)
    if facet == "task":
        return task_word(value)
    if facet == "source":
        return source_name(value)
    return display_name(value) if value else translate("Catalog", "Not known")


SIZES = (
    "up-to-1-gib", "1-to-4-gib", "4-to-8-gib", "8-to-16-gib", "16-to-32-gib", "over-32-gib", NOT_KNOWN,
)  # fmt: skip
"""Values of the facet `size`, smallest first."""


def facet_mark(facet: str, value: str) -> str:
    """The mark beside a value, or empty."""
    if facet == "license":
        return value if value in marks.STATES else "not-known"
    return fit_mark(value) if facet == "fits" else ""


def yes_or_no(value: str) -> str:
    """In the store or not."""
    if value in ("yes", "true", "1"):
        return translate("Catalog", "In the store")
    return translate("Catalog", "Not in the store")


def size_word(value: str) -> str:
    """A range of sizes."""
    return {
        "up-to-1-gib": translate("Catalog", "Up to 1 GiB"),
        "1-to-4-gib": translate("Catalog", "1 to 4 GiB"),
        "4-to-8-gib": translate("Catalog", "4 to 8 GiB"),
        "8-to-16-gib": translate("Catalog", "8 to 16 GiB"),
        "16-to-32-gib": translate("Catalog", "16 to 32 GiB"),
        "over-32-gib": translate("Catalog", "Over 32 GiB"),
        NOT_KNOWN: translate("Catalog", "Not known"),
    }.get(value, display_name(value))


def format_word(value: str) -> str:
    """`GGUF`, `Safetensors`."""
    return {"gguf": "GGUF", "safetensors": "Safetensors"}.get(value, display_name(value))


def task_word(value: str) -> str:
    """What a model is for."""
    return {
        "text-generation": translate("Catalog", "Text generation"),
        "image-text-to-text": translate("Catalog", "Image and text to text"),
        "feature-extraction": translate("Catalog", "Embedding"),
        "sentence-similarity": translate("Catalog", "Sentence similarity"),
        "text-ranking": translate("Catalog", "Reranking"),
        "text-classification": translate("Catalog", "Text classification"),
        "automatic-speech-recognition": translate("Catalog", "Speech recognition"),
        NOT_KNOWN: translate("Catalog", "Not known"),
        "": translate("Catalog", "Not known"),
    }.get(value, display_name(value))


def fit_mark(fits: str) -> str:
    """The mark of a verdict of the catalog's estimate."""
    return _FIT_MARKS.get(fits, "not-known")


def fit_word(fits: str) -> str:
    """The word of a verdict of the catalog's estimate."""
    return {
        "yes": translate("Catalog", "Fits"),
        "tight": translate("Catalog", "Tight"),
        "no": translate("Catalog", "Too large"),
    }.get(fits, translate("Catalog", "Not known"))


def fit_sentence(fits: str) -> str:
    """The verdict where it stands alone."""
    return {
        "yes": translate("Catalog", "Fits this machine"),
        "tight": translate("Catalog", "Fits tightly"),
        "no": translate("Catalog", "Too large for this machine"),
    }.get(fits, translate("Catalog", "Fit not known"))


def to_be_verified(learned_at: str) -> str:
    """Short, for a header: the facts came with the program."""
    return translate("Catalog", "Facts as of {0}, verify at download").format(
        figures.day(learned_at)
    )


def license_word(row: CatalogRow) -> str:
    """The license's identifier, else what the entry declares, else that it is not known."""
    said = row.license_id or row.declared_license
    return display_name(said) if said else translate("Catalog", "not known")


def size_range(row: CatalogRow) -> str | None:
    """`2.35–8.11`, GiB, or None: no size is known."""
    low, high = row.smallest_bytes, row.largest_bytes
    if low is None or high is None:
        known = low if low is not None else high
        return None if known is None else _gib(known)
    return _gib(low) if _gib(low) == _gib(high) else f"{_gib(low)}–{_gib(high)}"


def _gib(size_bytes: int) -> str:
    """Three or four digits: nobody compares hundredths of a hundred GiB."""
    in_gib = size_bytes / figures.GIB
    if in_gib >= 100:
        return figures.decimal(in_gib, 0)
    return figures.decimal(in_gib, 1) if in_gib >= 10 else figures.gib_fine(size_bytes)


def downloads_short(number: int) -> str:
    """`12.3 M`, `348 k`, `950`."""
    if number >= 1_000_000:
        return f"{figures.decimal(number / 1e6, 1)} M"
    if number >= 10_000:
        return f"{figures.count(round(number / 1e3))} k"
    return figures.count(number)


def in_store() -> str:
    """Said beside what is already here."""
    return translate("Catalog", "in store")


def active_of(active: int, parameters: int | None) -> str:
    """Of a mixture of experts: how much of it works on a token."""
    return translate("Catalog", "{0} of {1} parameters active for a token").format(
        figures.parameters(active), figures.parameters(parameters)
    )


def came_with_the_program(learned_at: str) -> bool:
    """Facts that came with the program carry a date only; what a source said carries a time."""
    return len(learned_at) == _DATE_ONLY


def learned(learned_at: str) -> str:
    """`today`, `14 Nov`; `as of 1 Oct` for facts that came with the program."""
    if not learned_at:
        return figures.MISSING
    day = figures.day(learned_at)
    return (
        translate("Catalog", "as of {0}").format(day) if came_with_the_program(learned_at) else day
    )


def facts_as_of(learned_at: str) -> str:
    """The sentence that goes with such facts."""
    return translate(
        "Catalog", "Facts as of {0}; every byte is verified when it is downloaded."
    ).format(figures.day(learned_at))


SHIPPED = frozenset({"starter", "families"})
"""Sources that come with the program, by name."""


def source_name(name: str) -> str:
    """A source as people know it."""
    return {
        "starter": translate("Catalog", "Starter models"),
        "families": translate("Catalog", "Known families"),
        "hub": translate("Catalog", "Model hub"),
    }.get(name, display_name(name))


def origin(source: str) -> str:
    """Where a row is from, in the place of its downloads."""
    return translate("Catalog", "shipped") if source in SHIPPED else display_name(source)


def source_kind(kind: str) -> str:
    """What kind of place a source is."""
    return {
        "embedded": translate("Catalog", "In this installation"),
        "hub": translate("Catalog", "Model hub"),
        "mirror": translate("Catalog", "Site mirror"),
        "folder": translate("Catalog", "Folder"),
        "bundles": translate("Catalog", "Bundles"),
    }.get(kind, display_name(kind))


def why_unreachable(why: str) -> str:
    """Why a source cannot be asked now, in the language in force where the reason is one of ours."""
    return {
        "Offline by policy": translate("Catalog", "Offline by policy"),
        "Offline by your settings": translate("Catalog", "Offline by your settings"),
    }.get(why, display_name(why))


def refreshed(source: SourceRow) -> str:
    """When a source was last asked."""
    if source.kind == "embedded":
        return ""  # it was read when the program was installed; its rows say of which day they are
    if source.refreshed_at is None:
        return translate("Catalog", "never asked")
    return translate("Catalog", "asked {0}").format(figures.day(source.refreshed_at))
