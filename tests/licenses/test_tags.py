"""Tags mean one license or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.licenses.facts import shipped
from steelyard.licenses.library import card_tag, known_id


@pytest.mark.parametrize(
    ("tag", "license_id"),
    [
        ("apache-2.0", "apache-2.0"),
        ("Apache-2.0", "apache-2.0"),
        ("APACHE-2.0", "apache-2.0"),
        ("Apache License, Version 2.0", "apache-2.0"),
        ("license:mit", "mit"),
        (" MIT ", "mit"),
        ("'bsd-3-clause'", "bsd-3-clause"),
        ("BSD-2-Clause", "bsd-2-clause"),
        ("cc0-1.0", "cc0-1.0"),
        ("CC-BY-NC-SA-4.0", "cc-by-nc-sa-4.0"),
        ("cc-by-nc-4.0", "cc-by-nc-4.0"),
        ("gemma", "gemma-tou"),
        ("llama3.1", "llama3.1"),
        ("Llama-3.1", "llama3.1"),
        ("llama3_1", "llama3.1"),
        ("LicenseRef-scancode-llama-3.1-license-2024", "llama3.1"),
        ("other: llama3.1", "llama3.1"),
        ("other + license_name llama3.1", "llama3.1"),
        ("other (gemma)", "gemma-tou"),
        ("other, license_name: qwen-research", "qwen-research-2024"),
        ("openrail++", "openrail++"),
    ],
)
def test_a_tag_is_understood(tag: str, license_id: str) -> None:
    assert known_id(tag) == license_id


@pytest.mark.parametrize(
    "tag",
    [
        *(None, "", "other", "unknown", "other:", "other: other"),
        # Families and names that several licenses bear.
        *("bsd", "cc", "openrail", "llama", "exaone", "modified-mit", "falcon-llm-license"),
        *("apache", "apache-1.1", "llama3.5", "mit-0", "cc-by-3.0", "gpl-3.0", "afl-3.0"),
        *("Apache-2.0 OR MIT", "apache-2.0 with extras", "not mit"),
    ],
)
def test_a_tag_that_could_mean_several_or_none_is_not_known(tag: str | None) -> None:
    assert known_id(tag) is None


def test_every_identifier_alias_and_license_ref_leads_home() -> None:
    for facts in shipped().by_id.values():
        assert known_id(facts.id) == facts.id
        for alias in facts.aliases:
            assert known_id(alias.upper()) == facts.id
        if facts.spdx and facts.spdx.startswith("LicenseRef-"):
            assert known_id(facts.spdx) == facts.id


def test_spdx_identifiers_lead_to_the_license_itself_not_to_a_family_under_it() -> None:
    assert known_id("MIT") == "mit"
    assert known_id("Apache-2.0") == "apache-2.0"
    assert known_id("CC-BY-4.0") == "cc-by-4.0"


@pytest.mark.parametrize(
    ("tag", "name", "says"),
    [
        ("apache-2.0", None, "apache-2.0"),
        ("other", "llama3.1", "other: llama3.1"),
        ("apache-2.0", "my-license", "apache-2.0"),
        (None, "gemma", "gemma"),
        ("other", None, "other"),
        (None, None, None),
        ("", " ", None),
    ],
)
def test_a_card_s_two_fields_become_one_line(
    tag: str | None, name: str | None, says: str | None
) -> None:
    assert card_tag(tag, name) == says


@given(st.text(max_size=60))
def test_any_tag_is_a_license_or_none(tag: str) -> None:
    found = known_id(tag)
    assert found is None or found in shipped().by_id
