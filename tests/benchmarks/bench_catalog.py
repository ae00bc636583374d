"""How long a keystroke takes in a catalog of 100,000 models: typing as people type, and the worst words.

Run it with `python -m pytest -m benchmark tests/benchmarks/bench_catalog.py -q -s`.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from steelyard.catalog.index import CatalogIndex, SourceState
from steelyard.catalog.records import Record, Variant
from steelyard.catalog.search import LocalModels, Query, Search, Surroundings

ENTRIES = 100_000
GOAL_S = 0.050
FAMILIES = (
    ("Qwen3", "qwen3", "apache-2.0"), ("Qwen2.5-Coder", "qwen2", "apache-2.0"),
    ("Llama-3.1", "llama", "llama3.1"), ("Llama-3.2", "llama", "llama3.2"),
    ("Mistral-Small", "mistral3", "apache-2.0"), ("gemma-3", "gemma3", "gemma"),
    ("Phi-4", "phi3", "mit"), ("DeepSeek-R1-Distill", "deepseek2", "mit"),
    ("granite-3.3", "granite", "apache-2.0"), ("OLMo-2", "olmo2", "apache-2.0"),
    ("Falcon3", "llama", ""), ("SmolLM2", "llama", "apache-2.0"),
)  # fmt: skip
MAKERS = ("unsloth", "bartowski", "mradermacher", "TheBloke", "mlx-community", "lmstudio-community")
TWISTS = (
    "Instruct",
    "Thinking",
    "abliterated",
    "chat",
    "base",
    "roleplay",
    "medical",
    "v2",
    "DPO",
    "merged",
)
PARAMETERS_B = (0.5, 1, 1.7, 3, 4, 7, 8, 12, 14, 24, 27, 32, 70)
TAGS = (
    "transformers",
    "gguf",
    "text-generation",
    "conversational",
    "endpoints_compatible",
    "en",
    "region:us",
)
QUANTIZATIONS = ("Q2_K", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "IQ4_XS", "BF16")
TYPED = (
    "qwen3 8b", "llama-3.1-8b-instruct", "mistral small gguf", "gemma 3 27b q4_k_m", "bartowski phi",
    "deepseek r1 distill", "apache-2.0 medical", "text generation conversational", "transformers en",
    "user77", "unsloth/Qwen3", "olmo", "a", "m", "gguf", "region us",
)  # fmt: skip


def records() -> Iterator[Record]:
    choose = random.Random(7)
    for number in range(ENTRIES):
        family, architecture, license_tag = choose.choice(FAMILIES)
        billions = choose.choice(PARAMETERS_B)
        maker = choose.choice(MAKERS) if choose.random() < 0.4 else f"user{choose.randrange(8000)}"
        name = f"{family}-{billions}B-{choose.choice(TWISTS)}-{number:x}"
        parameters = int(billions * 1e9)
        offered = choose.sample(QUANTIZATIONS, 3)
        yield Record(
            reference=f"{maker}/{name}",
            title=name,
            publisher=maker,
            task=choose.choice(("text-generation", "text-generation", "feature-extraction", "")),
            architecture=architecture,
            parameters=parameters,
            declared_license=license_tag,
            license_id=license_tag or None,
            tags=(*TAGS, f"arxiv:2407.{choose.randrange(20000)}", f"base_model:{family}"),
            downloads=int(choose.paretovariate(0.5)) if choose.random() < 0.9 else None,
            updated=f"2026-0{choose.randrange(1, 9)}-11",
            variants=tuple(
                Variant(q, f"{maker}/{name}:{q}", "gguf", q, int(parameters * bits / 8))
                for q, bits in zip(offered, (3.2, 4.9, 8.5), strict=True)
            ),
        )


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogIndex]:
    index = CatalogIndex(Path(tmp_path_factory.mktemp("catalog"), "catalog.sqlite"))
    started = time.perf_counter()
    index.learn(SourceState("hub", "hub", "https://hub.example"), records(), "2026-09-01T00:00:00Z")
    sys.stdout.write(f"\n{ENTRIES:,} entries learned in {time.perf_counter() - started:.1f} s\n")
    yield index
    index.close()


AROUND = Surroundings(LocalModels(), 24 * 1024**3, lambda known: "yes" if known else "not-known")


def keystrokes() -> Iterator[str]:
    for text in TYPED:
        for end in range(1, len(text) + 1):
            yield text[:end]
    yield ""


def measured(search: Search, texts: Iterator[str], *, cold: bool) -> list[tuple[float, str]]:
    took = []
    for text in texts:
        if cold:
            search.forget_words()
        started = time.perf_counter()
        search.find(Query(text), AROUND)
        took.append((time.perf_counter() - started, text))
    return took


@pytest.mark.benchmark
@pytest.mark.parametrize("cold", [True, False], ids=["nothing remembered", "as typed"])
def test_a_keystroke_among_100_000_models(index: CatalogIndex, cold: bool) -> None:
    search = Search(index)
    started = time.perf_counter()
    search.find(Query("q"), AROUND)
    first_s = time.perf_counter() - started
    took = measured(search, keystrokes(), cold=cold)
    seconds = sorted(s for s, _ in took)
    p95 = statistics.quantiles(seconds, n=20)[-1]
    slowest = ", ".join(f"{text!r} {s * 1e3:.0f}" for s, text in sorted(took)[-5:])
    sys.stdout.write(
        f"first search {first_s * 1e3:.0f} ms; {len(seconds)} keystrokes with facets: median "
        f"{statistics.median(seconds) * 1e3:.1f} ms, p95 {p95 * 1e3:.1f} ms (goal {GOAL_S * 1e3:.0f}), "
        f"slowest (ms) {slowest}\n"
    )
