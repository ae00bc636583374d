"""Fifty-four real texts and our reading of fifty-six licenses. Needs ../shared; skips without it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from licenses.license_texts import CLAUSE, without_catalog_header
from steelyard.base.paths import resource
from steelyard.licenses import library
from steelyard.licenses.facts import shipped
from steelyard.licenses.identification import identify
from steelyard.licenses.passages import passage
from steelyard.licenses.records import AnswerState, Verdict
from steelyard.licenses.words import read_words, words_of

Y, C, N = AnswerState.YES, AnswerState.CONDITIONAL, AnswerState.NO
S, U = AnswerState.NOT_MENTIONED, AnswerState.NOT_KNOWN

EXPECTED = {
    "apache-2.0": "apache-2.0",
    "apple-amlr": "apple-amlr",
    "baichuan2-code": "apache-2.0",
    "bigcode-open-rail-m-v1": "bigcode-openrail-m",
    "bigscience-open-rail-m": "bigscience-openrail-m",
    "bigscience-rail-1.0": "bigscience-bloom-rail-1.0",
    "cc-by-4.0": "cc-by-4.0",
    "cc-by-nc-4.0": "cc-by-nc-4.0",
    "cc-by-sa-4.0": "cc-by-sa-4.0",
    "dbrx": "databricks-open-model",
    "deepseek-la-1.0": "deepseek-1.0",
    "deepseek-llm-model": "deepseek-1.0",
    "exaone4": "exaone-1.2-nc",
    "falcon-2-11b-1.0": "falcon-2-11b-1.0",
    "gemma-pup-2024-02-21": None,
    "gemma-tou-2025-03-24": "gemma-tou",
    "glm4-code": "apache-2.0",
    "gptoss-license": "apache-2.0",
    "gptoss-policy": None,
    "hunyuan-a13b": "hunyuan-a13b",
    "kimi": "kimi-k2-modified-mit",
    "llama-2-license-2023": "llama2",
    "llama-3.1-license-2024": "llama3.1",
    "llama-3.2-license-2024": "llama3.2",
    "llama-3.3-license-2024": "llama3.3",
    "llama-4-cla-2025": "llama4",
    "llama2": "llama2",
    "llama2-aup": None,
    "llama3": "llama3",
    "llama3-aup": None,
    "llama3_1": "llama3.1",
    "llama3_1-aup": None,
    "llama3_2": "llama3.2",
    "llama3_2-aup": None,
    "llama3_3": "llama3.3",
    "llama3_3-aup": None,
    "llama4": "llama4",
    "llama4-aup": None,
    "minimax-m2": "minimax-m2",
    "minimax01": "minimax-01",
    "mit": "mit",
    "moonshot-ai-modified-mit-2025": "kimi-k2-modified-mit",
    "nvidia-open-model-2025-04-28": "nvidia-open-model-2025-04-28",
    "openmdw-1.0": "openmdw-1.0",
    "qwen-2024": "qwen-2024",
    "stability-ai-community-2024": "stability-community-2024",
    "stable-diffusion-2022-08-22": "creativeml-openrail-m",
    "tencent-hunyuan-3d-2.0-cla": None,  # another text of that family, not among those read
    "tongyi": "tongyi-qianwen-2023",
    "tongyi-qianwen-2023": "tongyi-qianwen-2023",
    "tongyi-research": "tongyi-qianwen-research-2023",
    "yi-LICENSE": "apache-2.0",
    "yi-community-2.1": "yi-community-2.1",
    "yi-model": "apache-2.0",
}
LICENSES = [name for name, license_id in EXPECTED.items() if license_id]
NEIGHBOURS = {
    "llama3_1": ("llama3.2", "llama3.3"),
    "llama3_2": ("llama3.3", "llama3.1"),
    "cc-by-4.0": ("cc-by-nc-4.0", "cc-by-nd-4.0"),
    "kimi": ("minimax-m2", "mit"),
    "gptoss-license": ("falcon-2-11b-1.0",),
}

# Every value that occurs in the reading, and the state it becomes. `yes` is the freer answer.
STATES: dict[str, dict[str, AnswerState]] = {
    "commercial_use": {"yes": Y, "no": N, "conditional": C, "registration": C, "application": C},
    "scale_limits": {
        "700M MAU": C,
        "100M MAU": C,
        "USD 1M annual revenue": C,
        "USD 10M annual revenue": C,
        "100M MAU or USD 20M MONTHLY revenue": C,
        "100M MAU or USD 30M ANNUAL recurring revenue": C,
        "1M daily active users": C,
    },
    "redistribution": {"yes": Y, "conditional": C},
    "derivatives": {
        "yes": Y,
        "share-alike": C,
        "conditional": C,
        "covered": C,
        "conflict to show": C,
    },
    "naming_display": {
        "none": S,
        "required": N,
        "negative duty": C,
        "Cosmos only": C,
        "encouraged": Y,
        "above threshold": C,
    },
    "outputs_to_train": {
        "yes": Y,
        "no": N,
        "conditional": C,
        "research only": C,
        "no (competing)": N,
    },
    "acceptable_use": {"yes": C, "law only": C, "research only": N, "non-production": N, "law": N},
    "attribution_notice": {"required": N},
    "territory_field": {
        "none": Y,
        "field limits only": N,
        "EU (multimodal models)": N,
        "export control": C,
        "field: research": N,
        "field limits": N,
        "export": C,
        "field: research/education": N,
        "EU, UK, South Korea excluded": N,
    },
    "patent": {
        "grant": Y,
        "not licensed": N,
        "litigation trigger only": S,
        "litigation trigger": C,
    },
    "termination": {
        "patent-only": C,
        "automatic": C,
        "on breach": C,
        "on patent suit": C,
        "automatic or on suit": C,
        "on breach / revenue": C,
        "at will wording": N,
    },
    "indemnity_liability": {"as-is": S, "you indemnify": N, "you indemnify (breach)": C},
    "governing_law": dict.fromkeys(
        (
            *("California", "China", "France", "Delaware / US", "US / California"),
            *("Korea", "Hong Kong", "Singapore"),
        ),
        N,
    ),
    "licensor_can_change": {
        "policy by URL": U,
        "policy yes": N,
        "runtime": C,
        "yes": N,
        "latest version": C,
    },
}
_INDEMNITY_FOR_OWN_WARRANTY = (
    *("apache-2.0", "gpt-oss", "falcon-2-11b-1.0", "deepseek-1.0", "bigcode-openrail-m"),
    *("bigscience-bloom-rail-1.0", "bigscience-openrail-m", "creativeml-openrail-m", "openrail++"),
)
EXCEPTIONS: dict[tuple[str, str], AnswerState] = {
    # Derivatives without a limit of purpose, and owned by their maker by an express clause.
    **{(f"llama{v}", "derivatives"): Y for v in ("2", "3", "3.1", "3.2", "3.3", "4")},
    # Who offers a warranty of his own indemnifies the contributors.
    **{(name, "indemnity_liability"): C for name in _INDEMNITY_FOR_OWN_WARRANTY},
    ("mit", "territory_field"): S,  # "no limit stated" without a clause is silence
    ("grok-2-community", "patent"): U,  # a summary by others, which says nothing about a grant
}


@pytest.fixture(scope="module")
def texts(shared_folder: Path) -> dict[str, str]:
    folder = shared_folder / "licenses" / "texts"
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))}


def test_the_table_above_names_every_text(texts: dict[str, str]) -> None:
    assert set(texts) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_text_is_what_it_is(texts: dict[str, str], name: str) -> None:
    for text in (texts[name], without_catalog_header(texts[name])):
        found = identify(text)
        assert found.id == EXPECTED[name]
        assert found.verdict is (Verdict.KNOWN if EXPECTED[name] else Verdict.UNKNOWN)
        assert found.left_over == ()


@pytest.mark.parametrize("name", LICENSES)
def test_every_text_survives_layout_and_nothing_else(texts: dict[str, str], name: str) -> None:
    text = without_catalog_header(texts[name])
    wrapped = re.sub(r"(\S+(?: \S+){6}) ", r"\1\n", " ".join(text.split()))
    assert identify(wrapped.upper()).verdict is Verdict.KNOWN
    document = read_words(text)
    middle = document.starts[len(document.words) // 2]
    assert identify(f"{text[:middle]}not {text[middle:]}").verdict is not Verdict.KNOWN
    after = identify(f"{text}\n\n{CLAUSE}\n")
    assert (after.id, after.verdict) == (EXPECTED[name], Verdict.KNOWN_WITH_ADDITIONS)
    assert after.left_over == (CLAUSE,)


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbours_are_near_and_in_order(texts: dict[str, str], name: str) -> None:
    found = identify(texts[name])
    assert tuple(n.id for n in found.neighbours)[: len(NEIGHBOURS[name])] == NEIGHBOURS[name]
    resemblances = [n.resemblance for n in found.neighbours]
    assert resemblances == sorted(resemblances, reverse=True)
    assert all(0 < r < 1 for r in resemblances)


def test_one_llama_made_into_another_is_neither(texts: dict[str, str]) -> None:
    forged = texts["llama3_1"].replace("Llama 3.1", "Llama 3.2").replace("LLAMA 3.1", "LLAMA 3.2")
    assert identify(forged).verdict is Verdict.UNKNOWN
    assert {n.id for n in identify(forged).neighbours} >= {"llama3.1", "llama3.2"}
    threshold = texts["llama3_1"].replace("700 million", "700 thousand")
    assert identify(threshold).verdict is Verdict.UNKNOWN


def test_a_use_policy_beside_its_license_adds_nothing(texts: dict[str, str]) -> None:
    both = identify(texts["llama3_1"] + "\n\n" + texts["llama3_1-aup"])
    assert (both.id, both.verdict) == ("llama3.1", Verdict.KNOWN)
    foreign = identify(texts["llama3_1"] + "\n\n" + texts["gemma-pup-2024-02-21"])
    assert foreign.verdict is Verdict.KNOWN_WITH_ADDITIONS


def test_every_locator_finds_its_passage(texts: dict[str, str]) -> None:
    checked = 0
    for name in LICENSES:
        text = texts[name] + "\n\n" + texts.get(f"{name}-aup", "")
        document = read_words(text)
        facts = shipped().by_id[str(EXPECTED[name])]
        for question, locator in facts.locators.items():
            if name.startswith("llama-") and question == "territory_field":
                continue  # stands in the policy, which that copy does not carry
            found = passage(document, locator)
            assert found, (name, question)
            assert found in text
            checked += 1
    assert checked > 150


def cells(shared_folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    yaml = pytest.importorskip("yaml")
    path = shared_folder / "licenses" / "facts.yaml"
    reading = yaml.safe_load(path.read_text(encoding="utf-8"))
    for entry in reading["licences"]:
        for column in reading["columns"]:
            yield entry["id"], column, entry[column]


def test_every_value_of_the_reading_has_the_state_it_should(shared_folder: Path) -> None:
    used: set[tuple[str, str]] = set()
    for license_id, column, cell in cells(shared_folder):
        answer = next(a for a in library.explain(license_id).answers if a.question == column)
        value = str(cell["value"])
        if value == "SILENT":
            assert answer.state is S, (license_id, column)
        elif value == "UNKNOWN":
            assert answer.state is U, (license_id, column)
        else:
            used.add((column, value))
            expected = EXCEPTIONS.get((license_id, column), STATES[column][value])
            assert answer.state is expected, (license_id, column, value)
    assert used == {(column, value) for column, values in STATES.items() for value in values}


def test_the_reading_is_carried_over_whole(shared_folder: Path) -> None:
    yaml = pytest.importorskip("yaml")
    path = shared_folder / "licenses" / "facts.yaml"
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["licences"]:
        assert shipped().by_id[entry["id"]].read == entry["read"]


def test_no_text_is_copied_into_the_project(texts: dict[str, str]) -> None:
    run = 12
    known: set[tuple[str, ...]] = set()
    for text in texts.values():
        words = read_words(without_catalog_header(text)).words
        known.update(tuple(words[i : i + run]) for i in range(len(words) - run + 1))
    for path in resource("licenses").rglob("*.json"):
        words = words_of(path.read_text(encoding="utf-8"))
        copied = [
            words[i : i + run] for i in range(len(words) - run + 1) if words[i : i + run] in known
        ]
        assert not copied, (path.name, copied[0])


@pytest.mark.benchmark
def test_identification_takes_milliseconds(
    texts: dict[str, str], record_property: Callable[[str, object], None]
) -> None:
    identify(texts["mit"])
    spent = []
    for text in texts.values():
        started = time.process_time()
        identify(text)
        spent.append(time.process_time() - started)
    record_property("identify_worst_s", max(spent))
    record_property("identify_median_s", sorted(spent)[len(spent) // 2])
