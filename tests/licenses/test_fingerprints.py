"""Templates become fingerprints; fingerprints survive their file; damage is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import steelyard
from steelyard.base.paths import resource
from steelyard.licenses import templates
from steelyard.licenses.errors import LicenseDataDamaged, TemplateMalformed
from steelyard.licenses.facts import shipped
from steelyard.licenses.fingerprints import (
    LICENSE,
    Fingerprint,
    all_fingerprints,
    parse_fingerprint,
    read_folder,
)
from steelyard.licenses.identification import identify_among
from steelyard.licenses.records import Verdict

TEMPLATE = """<<beginOptional>>The Example License version one, a short text<<endOptional>>
<<var;name="bullet";original="1.";match=".{0,20}">> You may use the material in any way you like,
as long as <<var;name="owner";original="the owner";match=".+">> is named in every copy that you make
and the word <<var;name="express";original="express";match="express|expressed">> stays where it is.
"""
COPY = """You may use the material in any way you like, as long as Example Holder Inc. is named in
every copy that you make and the word expressed stays where it is."""


def example() -> Fingerprint:
    return templates.fingerprint_of(
        TEMPLATE, name="example", license_id="example", titles=["Example License"]
    )


def verdict(text: str) -> Verdict:
    return identify_among(text, [example()]).verdict


def test_a_copy_may_lack_the_optional_passage_and_fill_the_blanks() -> None:
    assert verdict(COPY) is Verdict.KNOWN
    assert verdict("The Example License, version one: a short text\n\n1) " + COPY) is Verdict.KNOWN
    assert verdict("EXAMPLE LICENSE\n\n" + COPY) is Verdict.KNOWN


@pytest.mark.parametrize(
    "copy",
    [
        COPY.replace("expressed", "implied"),
        COPY.replace("Example Holder Inc.", "nobody except commercial users"),
        COPY.replace("Example Holder Inc.", "name " * 60),
        COPY.replace("any way", "a way"),
        "The Example License version one, a text\n" + COPY,
        "2. " + COPY.replace("You may", "\n7. You may"),
    ],
)
def test_a_copy_that_departs_elsewhere_is_not_known(copy: str) -> None:
    assert verdict(copy) is not Verdict.KNOWN


def test_a_fingerprint_is_the_same_after_its_file() -> None:
    before = example()
    after = parse_fingerprint(json.dumps(before.as_json()).encode(), "example.json")
    assert list(after.windows) == list(before.windows)
    assert (after.labels, after.optional, after.slots, after.titles) == (
        before.labels,
        before.optional,
        before.slots,
        before.titles,
    )


def test_a_fingerprint_holds_no_words_of_the_text_but_titles_and_choices() -> None:
    shown = json.dumps({k: v for k, v in example().as_json().items() if k != "windows"})
    assert "material" not in shown
    assert "copy" not in shown


def _set(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(raw: dict[str, Any]) -> None:
        raw[key] = value

    return change


@pytest.mark.parametrize(
    "damage",
    [
        _set("word_count", 3),
        _set("word_count", "many"),
        _set("window_words", 5),
        _set("windows", "@@@"),
        _set("windows", "AAAA"),
        _set("kind", "poem"),
        _set("optional", [[0, 9999]]),
        _set("slots", [{"start": 4}]),
        _set("labels", []),
        lambda raw: raw.pop("titles"),
    ],
)
def test_a_damaged_fingerprint_is_refused(damage: Callable[[dict[str, Any]], None]) -> None:
    raw: dict[str, Any] = dict(example().as_json())
    damage(raw)
    with pytest.raises(LicenseDataDamaged) as caught:
        parse_fingerprint(json.dumps(raw).encode(), "example.json")
    assert caught.value.facts["file"] == "example.json"
    with pytest.raises(LicenseDataDamaged):
        parse_fingerprint(b"\xff{", "example.json")


@pytest.mark.parametrize(
    "template",
    [
        "some words <<endOptional>> here",
        "<<beginOptional>> some words here",
        '<<var;name="a";original="b">> words',
        'a <<var;name="a";original="b";match="(x|y)+z">> c',
    ],
)
def test_markup_that_is_not_understood_is_refused(template: str) -> None:
    with pytest.raises(TemplateMalformed):
        templates.fingerprint_of(template, name="x", license_id="x")


def test_every_shipped_fingerprint_belongs_to_a_license_there_is_a_reading_of() -> None:
    fingerprints = all_fingerprints()
    assert len({f.name for f in fingerprints}) == len(fingerprints)
    assert {f.license_id for f in fingerprints} <= set(shipped().by_id)
    with_text = {f.license_id for f in fingerprints if f.kind == LICENSE}
    assert with_text >= {
        *("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "llama3.1", "gemma-tou"),
        *("cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nd-4.0"),
        *("cc-by-nc-sa-4.0", "cc-by-nc-nd-4.0"),
    }


def test_required_windows_are_those_no_copy_may_lack() -> None:
    fingerprint = example()
    touched = {
        i
        for start, end in [*fingerprint.optional, *((s.start, s.end) for s in fingerprint.slots)]
        for i in range(len(fingerprint.windows))
        if any(start <= word < end for word in range(i, i + 3))
    }
    assert fingerprint.required_windows == len(fingerprint.windows) - len(touched)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = resource("licenses", "fingerprint.py")
    environment = os.environ | {"PYTHONPATH": str(Path(steelyard.__file__).parent.parent)}
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def test_a_maintainer_makes_the_same_fingerprint_from_the_same_text(tmp_path: Path) -> None:
    text = tmp_path / "template.txt"
    text.write_text(TEMPLATE, encoding="utf-8")
    done = _run(
        *(str(text), "--license", "example", "--title", "Example License"),
        *("--into", str(tmp_path)),
    )
    assert done.returncode == 0, done.stderr
    made = read_folder(tmp_path)
    assert [f.name for f in made] == ["example"]
    assert made[0].as_json() == example().as_json()


def test_a_maintainer_is_told_what_is_wrong_with_a_template(tmp_path: Path) -> None:
    text = tmp_path / "template.txt"
    text.write_text("words <<endOptional>> words", encoding="utf-8")
    failed = _run(str(text), "--license", "example", "--into", str(tmp_path))
    assert failed.returncode == 5
    assert "beginOptional" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_asking_about_licenses_loads_no_heavy_library() -> None:
    heavy = ("numpy", "pydantic", "jinja2", "huggingface_hub", "cryptography", "PySide6", "yaml")
    code = (
        "import sys; from steelyard.licenses import library; library.identify('x');"
        f"print([n for n in {heavy!r} if n in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(steelyard.__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.strip() == "[]"
