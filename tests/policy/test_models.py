"""Rules about models: what each says, and that every one that stands against a model is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from steelyard.base.errors import Json
from steelyard.base.paths import Home
from steelyard.policy.errors import ModelNotAllowed
from steelyard.policy.models import Candidate, check_allowed, objections
from steelyard.policy.settings import Settings

DIGEST = "sha256:" + "ab" * 32
CANDIDATE = Candidate("tiny", frozenset({DIGEST}), "gguf", "apache-2.0", "Maker")
UNKNOWN = Candidate("tiny", frozenset({DIGEST}), "gguf", None, "")


def settings(home: Home, tmp_path: Path, **values: Json) -> Settings:
    flags = {key.replace("__", ".").replace("_", "-"): value for key, value in values.items()}
    return Settings.load(home, environment={}, flags=flags, managed=tmp_path / "none.json")


def test_without_rules_everything_is_allowed(home: Home, tmp_path: Path) -> None:
    plain = settings(home, tmp_path)
    assert objections(plain, CANDIDATE) == objections(plain, UNKNOWN) == ()
    check_allowed(plain, UNKNOWN)


@pytest.mark.parametrize(
    ("rule", "value", "against", "candidate"),
    [
        ("models__allowed_licenses", ["mit"], True, CANDIDATE),
        ("models__allowed_licenses", ["MIT", "Apache-2.0"], False, CANDIDATE),
        ("models__allowed_licenses", ["mit"], True, UNKNOWN),
        ("models__allowed_licenses", ["mit", "unknown"], False, UNKNOWN),
        ("models__denied_licenses", ["apache-2.0"], True, CANDIDATE),
        ("models__denied_licenses", ["unknown"], True, UNKNOWN),
        ("models__denied_licenses", ["unknown"], False, CANDIDATE),
        ("models__allowed_publishers", ["maker"], False, CANDIDATE),
        ("models__allowed_publishers", ["maker"], True, UNKNOWN),
        ("models__denied_publishers", ["MAKER"], True, CANDIDATE),
        ("models__denied_publishers", ["maker"], False, UNKNOWN),
        ("models__denied_digests", [DIGEST], True, CANDIDATE),
        ("models__denied_digests", [("AB" * 32)], True, CANDIDATE),
        ("models__denied_digests", ["sha256:" + "cd" * 32], False, CANDIDATE),
        ("models__allowed_formats", ["safetensors"], True, CANDIDATE),
        ("models__allowed_formats", [], True, CANDIDATE),
    ],
)
def test_each_rule(
    home: Home, tmp_path: Path, *, rule: str, value: list[Json], against: bool, candidate: Candidate
) -> None:
    found = objections(settings(home, tmp_path, **{rule: value}), candidate)
    key = rule.replace("__", ".").replace("_", "-")
    assert [each.key for each in found] == ([key] if against else [])


def test_a_refusal_names_the_rule_its_origin_whom_to_ask_and_every_other_rule(
    home: Home, tmp_path: Path
) -> None:
    strict = settings(
        home,
        tmp_path,
        models__denied_licenses=["apache-2.0"],
        models__allowed_publishers=["somebody"],
        policy__contact="the model desk",
    )
    with pytest.raises(ModelNotAllowed) as caught:
        check_allowed(strict, CANDIDATE)
    error = caught.value
    assert "apache-2.0" in error.message
    assert "models.denied-licenses" in error.message
    assert error.next_step == "Ask the model desk."
    assert (error.facts["key"], error.facts["origin"]) == ("models.denied-licenses", "flag")
    assert len(error.facts["objections"]) == 2  # type: ignore[arg-type]  # a list
