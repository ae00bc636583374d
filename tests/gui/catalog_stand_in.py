"""A catalog of generated entries, answered in memory: as many as a test wants, always the same."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from gui.service_stand_in import Service
from steelyard.base.errors import NotFound
from steelyard.fit.report import DeviceFit, FitReport
from steelyard.service import requests as ask

SOURCES = (
    ask.SourceRow("families", "embedded", "in this installation", True, "", False, 4, "2026-10-01"),
    ask.SourceRow(
        "huggingface",
        "hub",
        "https://huggingface.co",
        False,
        "Offline by policy",
        managed=True,
        entries=12_304,
        refreshed_at="2026-11-14T08:00:00Z",
    ),
    ask.SourceRow(
        "site-mirror",
        "mirror",
        "https://mirror.site/models",
        False,
        "Offline by policy",
        entries=31,
    ),
)
KEYS = (
    ask.KeyRow(
        "desk-2026", "3f2a91c0", "sha256:" + "3f2a91c0" * 8, "ecdsa-p256", ("bundle",), True, "own",
        "in-force", "2026-01-10T08:00:00Z", "2028-01-10T08:00:00Z", True,
    ),
    ask.KeyRow(
        "records-desk", "9c41e07b", "sha256:" + "9c41e07b" * 8, "ecdsa-p256", ("bundle", "catalog"), False,
        "managed", "in-force", "2026-03-01T08:00:00Z", None,
    ),
    ask.KeyRow(
        "old-courier", "77aa02de", "sha256:" + "77aa02de" * 8, "ed25519", ("bundle",), False, "user",
        "revoked", "2025-03-01T08:00:00Z", "2027-03-01T08:00:00Z", False, "the stick was lost",
    ),
)  # fmt: skip
FAMILIES = (
    ("Qwen3", "Qwen", "apache-2.0", "yes", 8_190_000_000),
    ("Llama 3.1", "meta-llama", "llama3.1", "conditional", 8_030_000_000),
    ("Gemma 3", "google", "gemma", "conditional", 4_300_000_000),
    ("Mistral Nemo Instruct", "mistralai", "apache-2.0", "yes", 12_250_000_000),
    ("Command R", "CohereLabs", "cc-by-nc-4.0", "no", 35_000_000_000),
    ("Phi-4 mini instruct", "microsoft", "mit", "yes", 3_840_000_000),
    ("Falcon Edge", "stick-0042", None, "not-known", None),
)
QUANTS = (("Q8_0", 8.5), ("Q6_K", 6.56), ("Q5_K_M", 5.7), ("Q4_K_M", 4.89), ("IQ4_XS", 4.46))


def entries(count: int) -> list[ask.CatalogRow]:
    """That many rows."""
    dice = random.Random(3)
    return [_entry(number, dice) for number in range(count)]


def _entry(number: int, dice: random.Random) -> ask.CatalogRow:
    family, publisher, license_id, state, parameters = FAMILIES[number % len(FAMILIES)]
    scale = dice.choice((0.25, 0.5, 1, 1, 2, 4))
    known = None if parameters is None else int(parameters * scale)
    sizes = [] if known is None else [int(known * bits / 8) for _, bits in QUANTS]
    shipped = number % 5 == 0
    fits = "" if known is None else "yes" if known < 9e9 else "tight" if known < 14e9 else "no"
    name = f"{family} {number}"
    return ask.CatalogRow(
        reference=f"{publisher}/{name.replace(' ', '-')}",
        title=name,
        publisher=publisher,
        formats=("gguf",) if number % 3 else ("safetensors",),
        quantizations=tuple(q for q, _ in QUANTS) if number % 3 else (),
        parameters=known,
        active_parameters=None,
        context_length=131_072,
        architecture="llama",
        task="text-generation",
        license_id=license_id,
        declared_license=license_id or "",
        license_state=state,
        smallest_bytes=min(sizes, default=None),
        largest_bytes=max(sizes, default=None),
        downloads=None if shipped else int(10 ** dice.uniform(1, 7.4)),
        source="families" if shipped else "huggingface",
        learned_at="2026-10-01" if shipped else "2026-11-14T08:00:00Z",
        local=number == 3,
        fits=fits,
        warning="The name mixes Latin and Cyrillic letters." if number == 5 else "",
    )


def _size(size_bytes: int | None) -> str:
    if size_bytes is None:
        return "not-known"
    return (
        "up-to-1-gib"
        if size_bytes <= 1 << 30
        else "1-to-4-gib"
        if size_bytes <= 4 << 30
        else "4-to-8-gib"
    )


_VALUES: dict[str, Callable[[ask.CatalogRow], tuple[str, ...]]] = {
    "license": lambda row: (row.license_state,),
    "fits": lambda row: (row.fits or "not-known",),
    "size": lambda row: (_size(row.smallest_bytes),),
    "format": lambda row: row.formats,
    "task": lambda row: (row.task,),
    "publisher": lambda row: (row.publisher,),
    "source": lambda row: (row.source,),
    "quantization": lambda row: row.quantizations,
    "local": lambda row: ("yes" if row.local else "no",),
}


def search(rows: list[ask.CatalogRow], request: ask.SearchCatalog) -> ask.CatalogPage:
    """As the real search answers, slowly and simply."""
    wanted = request.text.casefold().split()

    def meets(row: ask.CatalogRow, leave_out: str = "") -> bool:
        said = f"{row.reference} {row.title}".casefold()
        return all(word in said for word in wanted) and all(
            set(values) & set(_VALUES[facet](row))
            for facet, values in request.facets.items()
            if facet != leave_out
        )

    found = [row for row in rows if meets(row)]
    if request.order == "name":
        found.sort(key=lambda row: row.title)
    facets = {}
    if request.count_facets:
        for facet, values_of in _VALUES.items():
            counts = Counter(v for row in rows if meets(row, facet) for v in values_of(row))
            facets[facet] = tuple(ask.Facet(value, n) for value, n in counts.most_common())
    page = found[request.offset : request.offset + request.limit]
    return ask.CatalogPage(tuple(page), len(found), facets)


def detail(row: ask.CatalogRow) -> ask.CatalogDetail:
    """Everything of an entry."""
    variants = tuple(
        ask.VariantRow(
            label=quant,
            reference=f"{row.reference}:model-{quant}.gguf",
            format="gguf",
            quantization=quant,
            size_bytes=int(row.parameters * bits / 8),
            publisher_hash=None if quant == "IQ4_XS" else "sha256:" + "9c41e07b" * 8,
            local="qwen3-q6" if row.local and quant == "Q6_K" else None,
            needed_bytes=int(row.parameters * bits / 8 + 1.4e9),
            fits="no" if quant == "Q8_0" else "tight" if quant == "Q6_K" else "yes",
        )
        for quant, bits in (QUANTS if row.parameters else ())
    )
    return ask.CatalogDetail(
        row,
        variants,
        tags=("chat", "multilingual"),
        base_models=("Qwen/Qwen3-8B-Base",),
        dimensions={
            "layers": 36,
            "embedding": 4096,
            "heads": 32,
            "kv_heads": 8,
            "head_length": 128,
        },
        revision="b968826d9c46dd6066d109eabc6255188de91218",
        verify_note="" if "T" in row.learned_at else f"facts as of {row.learned_at}",
        card=CARD,
    )


CARD = """---
license: apache-2.0
---
# Qwen3

A dense model with *thinking* and **non-thinking** modes.

| setting | value |
|---|---|
| temperature | 0.6 |
| top-p | 0.95 |

- multilingual
- tool use

```python
print("hello")
```

<img src="file:///etc/passwd"> and ![remote](https://evil.example/x.png)
"""


def explained(license_id: str) -> ask.LicenseAnswers:
    """What the real license facts say."""
    from steelyard.licenses import library
    from steelyard.service.licensing import _answers

    return _answers(library.explain(license_id), None)


def fit(request: ask.AskFit) -> FitReport:
    """A formula's answer for any target."""
    weights, kv = 4_400_000_000, 1_100_000_000 * request.context_tokens // 8192
    device = DeviceFit("CPU", "cpu", weights, kv, 280_000_000, 600_000, 12 << 30, 16 << 30)
    margin = device.available_bytes - device.needed_bytes - (1 << 30)
    return FitReport(
        request.target, request.context_tokens, 131_072, request.kv_type, 1, weights, kv,
        device.compute_bytes, device.output_bytes, device.needed_bytes, device.available_bytes,
        1 << 30, margin, margin >= 0, "formula", (device,), 0.001,
    )  # fmt: skip


def stand_in(service: Service, count: int) -> list[ask.CatalogRow]:
    """Make a service answer as a catalog of that many entries does."""
    rows = entries(count)
    by_reference = {row.reference: row for row in rows}

    def show(request: ask.ShowEntry, *_: object) -> ask.CatalogDetail:
        if request.reference not in by_reference:
            raise NotFound(
                f"No source has told of {request.reference}.", next_step="Ask the sources."
            )
        return detail(by_reference[request.reference])

    service.on(ask.ListSources, lambda *_: ask.SourceList(SOURCES))
    service.on(ask.SearchCatalog, lambda request, *_: search(rows, request))
    service.on(ask.ListKeys, lambda *_: ask.KeyList(KEYS, "user-and-managed"))
    service.on(ask.ShowEntry, show)
    service.on(ask.ListTransfers, lambda *_: ask.TransferList(()))
    service.on(ask.ExplainLicense, lambda request, *_: explained(request.id))
    service.on(ask.AskFit, lambda request, *_: fit(request))
    return rows
