"""What can be had: sources, and the search over everything learned from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class ListSources:
    """The configured places models can be had from."""


@dataclass(frozen=True)
class SourceRow:
    """One source.

    Attributes:
        name: how people and commands call it.
        kind: `embedded`, `hub`, `mirror` (a static site mirror), `folder` or `bundles`.
        location: address or folder.
        reachable: policy, the offline switch and the disk let it be used now; `why` says why not.
        managed: policy put it there, so it cannot be dropped.
        entries: catalog entries learned from it.
        refreshed_at: RFC 3339 UTC, or None: never.
        has_token: an access token is known for it (never the token itself).
        signed_by: name of the trusted key that signed a mirror's index, or None.
    """

    name: str
    kind: str
    location: str
    reachable: bool
    why: str
    managed: bool = False
    entries: int = 0
    refreshed_at: str | None = None
    has_token: bool = False
    signed_by: str | None = None


@dataclass(frozen=True)
class SourceList:
    """In the order they are asked."""

    sources: tuple[SourceRow, ...]


@dataclass(frozen=True)
class AddSource:
    """Add a source to the user's list.

    Attributes:
        kind: `hub`, `mirror`, `folder` or `bundles`.
        location: base address, or a folder.
        ca_file: certificate authorities to trust for it instead of the system's.
        proxy: `http://host:port` for it, instead of the system's.
        token_variable: environment variable that holds its access token; the system keyring is asked
            when empty.
    """

    name: str
    kind: str
    location: str
    ca_file: Path | None = None
    proxy: str | None = None
    token_variable: str = ""


@dataclass(frozen=True)
class SourceAdded:
    """The source after it."""

    source: SourceRow


@dataclass(frozen=True)
class RemoveSource:
    """Take a source off the user's list; what was learned from it stays searchable unless `forget`."""

    name: str
    forget: bool = False


@dataclass(frozen=True)
class SourceRemoved:
    """What went."""

    name: str
    forgotten_entries: int


@dataclass(frozen=True)
class VariantRow:
    """One way to have an entry: a file, or a set of files, at one quantization.

    Attributes:
        label: what to show: the quantization, or the file's name.
        reference: what `model pull` takes.
        publisher_hash: `sha256:<hex>` as published, or None: the publisher declares none, or it is not
            known before a refresh.
        size_bytes: None: not known.
        local: name of the model in the store with the same content, or None.
        needed_bytes: memory it would take here by the catalog's own estimate (a closed form), or None: not
            known. `fits` is `yes`, `tight` (it fits, but little would be left), `no`, or empty: not known.
        size_source: `published`, or `formula`: computed from parameters and bits per weight.
        source: name of the source that has it; goes into `PullModel.source`.
    """

    label: str
    reference: str
    format: str
    quantization: str
    size_bytes: int | None
    publisher_hash: str | None = None
    local: str | None = None
    needed_bytes: int | None = None
    fits: str = ""
    size_source: str = "published"
    source: str = ""


@dataclass(frozen=True)
class CatalogRow:
    """One entry as a search shows it. All texts come from outside. None and empty: not known.

    Attributes:
        reference: `owner/name`, or a folder's or bundle's path.
        license_id: our identifier, or None; `declared_license` is what the entry itself says.
        license_state: state of the `commercial_use` answer.
        smallest_bytes, largest_bytes: over its variants of known size.
        parameters: number of weights. `active_parameters` per token, for mixtures.
        source: name of the source it was learned from; `learned_at` when (RFC 3339, or a date for facts that
            came with the program).
        downloads: as its hub counted, or None.
        local: a variant of it is in the store.
        fits: of the variant that fits best, as in `VariantRow`.
        warning: what looks false about the reference (letters of another script, characters that change
            direction), in one sentence; empty: nothing.
    """

    reference: str
    title: str
    publisher: str
    formats: tuple[str, ...]
    quantizations: tuple[str, ...]
    parameters: int | None
    active_parameters: int | None
    context_length: int | None
    architecture: str
    task: str
    license_id: str | None
    declared_license: str
    license_state: str
    smallest_bytes: int | None
    largest_bytes: int | None
    downloads: int | None
    source: str
    learned_at: str
    local: bool = False
    fits: str = ""
    warning: str = ""


@dataclass(frozen=True)
class Facet:
    """One value of a facet, and how many rows have it: those found, as if this one facet was not limited,
    so that a person sees what choosing another value would give."""

    value: str
    count: int


@dataclass(frozen=True)
class SearchCatalog:
    """Search everything learned so far; never uses a network.

    Attributes:
        text: words, all of which must begin a word of the entry; empty finds everything.
        facets: facet name (`license`, `format`, `size`, `task`, `publisher`, `source`, `quantization`, `fits`,
            `local`) to the values of which one must be met. `fits` compares with this machine's memory by
            the catalog's own estimate; ask `fit` for the exact figure.
        order: `relevance`, `downloads`, `size`, `name` or `newest`.
        limit, offset: a page of the rows found.
        count_facets: also count the facets' values (the window asks once the person stops typing).
    """

    text: str = ""
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    order: str = "relevance"
    limit: int = 100
    offset: int = 0
    count_facets: bool = True


@dataclass(frozen=True)
class CatalogPage:
    """`total` rows were found; `rows` is the page asked for. `elapsed_s` is the search alone."""

    rows: tuple[CatalogRow, ...]
    total: int
    facets: dict[str, tuple[Facet, ...]]
    elapsed_s: float = 0.0


@dataclass(frozen=True)
class ShowEntry:
    """One entry by its reference, as known here; never uses a network."""

    reference: str


@dataclass(frozen=True)
class CatalogDetail:
    """Everything known of an entry.

    Attributes:
        dimensions: architecture figures by their GGUF-like names (`layers`, `embedding`, `heads`, `kv_heads`,
            `head_length`, `feed_forward`, `vocabulary`, `experts`, `experts_used`, `window`, ...).
        revision: 40-hex commit the facts belong to, or empty.
        verify_note: `facts as of DATE, verify at download`, or empty for what a source just said.
        other_sources: names of further sources that have the same reference.
    """

    row: CatalogRow
    variants: tuple[VariantRow, ...]
    tags: tuple[str, ...]
    base_models: tuple[str, ...]
    dimensions: dict[str, int]
    revision: str
    verify_note: str
    card: str | None = None
    gated: bool = False
    other_sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class RefreshCatalog:
    """Ask sources what they have.

    Attributes:
        source: its name; None asks every reachable one.
        text: for a hub: what to search for there; empty asks for its most downloaded.
        limit: entries to take from a hub.
        reference: ask for this one entry in full (variants with sizes and digests) instead of a list.
    """

    source: str | None = None
    text: str = ""
    limit: int = 200
    reference: str = ""


@dataclass(frozen=True)
class CatalogRefreshed:
    """Entries by what became of them, and what a source could not say."""

    added: int
    updated: int
    removed: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublishCatalog:
    """Write a static site mirror: model files by content and a signed index.

    Attributes:
        folder: a folder for it; an existing mirror there is updated.
        models: names or digests of admitted models; empty: all admitted ones.
        key: name of the signing key; None leaves the index unsigned, and it says so.
        prune: also remove files that no model of the new index needs.
        passphrase_variable: environment variable whose value opens the key, where it is protected.
        passphrase: as typed by a person just now; never shown, kept or recorded.
    """

    folder: Path
    models: tuple[str, ...] = ()
    key: str | None = None
    prune: bool = False
    passphrase_variable: str = ""
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True)
class CatalogPublished:
    """What the mirror holds now.

    `unreferenced_files` lie there and belong to no model of the index; `pruned_bytes` were removed.
    """

    folder: str
    models: int
    files: int
    size_bytes: int
    signed_by: str | None
    serial: int
    unreferenced_files: int = 0
    pruned_bytes: int = 0
