"""The documents for administrators hold every option and are what their readers expect."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from steelyard.base.paths import Home
from steelyard.policy import documents
from steelyard.policy.kinds import Kind
from steelyard.policy.options import OPTIONS
from steelyard.policy.settings import Settings

ADMX = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"


def test_the_template_is_valid_and_acceptable_and_changes_nothing(
    home: Home, tmp_path: Path
) -> None:
    text = documents.template()
    jsonschema.Draft202012Validator.check_schema(json.loads(documents.json_schema()))
    jsonschema.validate(json.loads(text), json.loads(documents.json_schema()))
    file = tmp_path / "policies.json"
    file.write_text(text, "utf-8")
    loaded = Settings.load(home, environment={}, managed=file, guarded=False)
    assert loaded.problems == ()
    assert {v.key: v.value for v in loaded.all()} == {o.key: o.default for o in OPTIONS}


@pytest.mark.parametrize(
    "wrong",
    [
        {"no.such-key": {"Value": 1}},
        {"network.offline": True},
        {"network.offline": {"Value": "yes"}},
        {"network.offline": {"Value": True, "Locked": "yes"}},
        {"engine.threads": {"Value": -1}},
        {"models.denied-licenses": {"Value": [""]}},
        {"admission.required": {"Value": ["luck"]}},
    ],
)
def test_schema_and_program_refuse_the_same_files(
    home: Home, tmp_path: Path, wrong: dict[str, object]
) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, json.loads(documents.json_schema()))
    file = tmp_path / "policies.json"
    file.write_text(json.dumps(wrong), "utf-8")
    assert Settings.load(home, environment={}, managed=file, guarded=False).safe_mode


def test_the_administrative_template_names_every_option_and_every_word_it_uses() -> None:
    admx = ET.fromstring(documents.admx())
    adml = ET.fromstring(documents.adml())
    policies = list(admx.iter(f"{ADMX}policy"))
    assert len(policies) == len(OPTIONS)
    strings = {each.get("id") for each in adml.iter(f"{ADMX}string")}
    presentations = {each.get("id"): each for each in adml.iter(f"{ADMX}presentation")}
    used = {
        value[len("$(string.") : -1]
        for element in admx.iter()
        for value in element.attrib.values()
        if value.startswith("$(string.")
    }
    assert used <= strings
    for policy, option in zip(policies, OPTIONS, strict=True):
        named = {e.get("valueName") for e in policy.iter() if e.get("valueName")}
        assert named == {option.key}
        if option.kind is not Kind.SWITCH:
            shown = presentations[policy.get("name")]
            assert {e.get("refId") for e in shown} == {
                e.get("id") for e in policy.iter() if e.get("id")
            }


def test_the_page_explains_every_option() -> None:
    page = documents.page()
    for option in OPTIONS:
        assert f"| `{option.key}` |" in page
        assert option.help in page
