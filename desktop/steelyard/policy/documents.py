"""What administrators need to write a policy: a JSON Schema, Windows' ADMX and ADML, an annotated template and a
page of documentation, all made from the one list of options, so that none can fall behind it."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape, quoteattr

from steelyard.base.errors import Json
from steelyard.policy.kinds import Kind, Option
from steelyard.policy.options import OPTIONS

NAMESPACE = "Steelyard.Policies.Steelyard"
REGISTRY_KEY = r"Software\Policies\Steelyard"


def json_schema() -> str:
    """The schema of `policies.json`, JSON Schema 2020-12."""
    document: dict[str, Json] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Steelyard managed policy",
        "description": "policies.json. A key that is left out keeps its default or the user's choice.",
        "type": "object",
        "additionalProperties": False,
        "properties": {option.key: _entry(option) for option in OPTIONS},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def template() -> str:
    """A `policies.json` with every key at its default, nothing locked; remove what is not meant."""
    document = {option.key: {"Value": option.default, "Locked": False} for option in OPTIONS}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def page() -> str:
    """Every option in words, Markdown."""
    lines = [
        "# Policy keys",
        "",
        'A managed file holds `{"KEY": {"Value": …, "Locked": true}}`. A locked value beats the user\'s settings,',
        "environment variables and flags; one that is not locked is a default that users may change.",
        "An unknown key, a value of the wrong kind or a file that others may write to puts the program in safe",
        "mode: offline, and nothing is loaded that was not admitted.",
    ]
    section = ""
    for option in sorted(OPTIONS, key=lambda each: each.section):
        if option.section != section:
            section = option.section
            lines += [
                "",
                f"## {section}",
                "",
                "| key | values | default | what it does |",
                "|---|---|---|---|",
            ]
        lines.append(
            f"| `{option.key}` | {_values(option)} | `{json.dumps(option.default)}` | "
            f"{option.title}. {option.help} |".replace("\n", " ")
        )
    return "\n".join(lines) + "\n"


def admx() -> str:
    """The administrative template for Windows' group policy; the words are in `adml`."""
    categories = "\n".join(
        f'    <category name={quoteattr(_id(section))} displayName="$(string.{_id(section)})">\n'
        '      <parentCategory ref="Steelyard" />\n    </category>'
        for section in _sections()
    )
    policies = "\n".join(_admx_policy(option) for option in OPTIONS)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<policyDefinitions revision="1.0" schemaVersion="1.0" '
        'xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions">\n'
        f'  <policyNamespaces>\n    <target prefix="steelyard" namespace="{NAMESPACE}" />\n'
        "  </policyNamespaces>\n"
        '  <resources minRequiredRevision="1.0" />\n'
        "  <categories>\n"
        '    <category name="Steelyard" displayName="$(string.Steelyard)" />\n'
        f"{categories}\n  </categories>\n  <policies>\n{policies}\n  </policies>\n</policyDefinitions>\n"
    )


def adml() -> str:
    """The English words of `admx`."""
    strings = ['      <string id="Steelyard">Steelyard</string>']
    strings += [
        f"      <string id={quoteattr(_id(section))}>{escape(section)}</string>"
        for section in _sections()
    ]
    presentations = []
    for option in OPTIONS:
        name = _id(option.key)
        strings.append(f'      <string id="{name}">{escape(option.title)} ({option.key})</string>')
        strings.append(f'      <string id="{name}_Help">{escape(option.help)}</string>')
        strings += [
            f'      <string id="{name}_{_id(choice)}">{escape(choice)}</string>'
            for choice in (option.choices if option.kind is Kind.CHOICE else ())
        ]
        presentations.append(_presentation(option))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<policyDefinitionResources revision="1.0" schemaVersion="1.0" '
        'xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions">\n'
        "  <displayName>Steelyard</displayName>\n  <description>Steelyard policies</description>\n"
        "  <resources>\n    <stringTable>\n"
        + "\n".join(strings)
        + "\n    </stringTable>\n    <presentationTable>\n"
        + "\n".join(presentations)
        + "\n    </presentationTable>\n  </resources>\n</policyDefinitionResources>\n"
    )


def _entry(option: Option) -> dict[str, Json]:
    return {
        "description": f"{option.title}. {option.help}",
        "type": "object",
        "additionalProperties": False,
        "required": ["Value"],
        "properties": {
            "Value": _value_schema(option),
            "Locked": {"type": "boolean", "default": True},
        },
    }


def _value_schema(option: Option) -> dict[str, Json]:
    choices: list[Json] = list(option.choices)
    low, high = option.bounds
    by_kind: dict[Kind, dict[str, Json]] = {
        Kind.SWITCH: {"type": "boolean"},
        Kind.CHOICE: {"enum": choices},
        Kind.NUMBER: {"type": "integer", "minimum": low, "maximum": high},
        Kind.TEXT: {"type": "string"},
        Kind.URL: {"type": "string", "pattern": "^https?://"},
        Kind.SET: {"type": "array", "items": {"enum": choices}, "uniqueItems": True},
        Kind.SOURCES: {
            "type": "array",
            "items": {"type": "object", "required": ["name", "kind", "location"]},
        },
    }
    listed: dict[str, Json] = {"type": "array", "items": {"type": "string", "minLength": 1}}
    return {**by_kind.get(option.kind, listed), "default": option.default}


def _values(option: Option) -> str:
    if option.kind is Kind.NUMBER:
        low, high = option.bounds
        return f"{low} to {high}"
    if option.choices:
        words = ", ".join(f"`{choice}`" for choice in option.choices)
        return f"any of {words}" if option.kind is Kind.SET else words
    return {"switch": "`true`, `false`", "url": "an http or https address", "text": "text"}.get(
        option.kind.value, "a list"
    )


def _sections() -> list[str]:
    return list(dict.fromkeys(option.section for option in OPTIONS))


def _id(text: str) -> str:
    return "".join(
        part.capitalize() for part in text.replace("-", ".").replace(" ", ".").split(".")
    )


def _admx_policy(option: Option) -> str:
    name = _id(option.key)
    head = (
        f'    <policy name="{name}" class="Machine" displayName="$(string.{name})" '
        f'explainText="$(string.{name}_Help)" presentation="$(presentation.{name})" '
        f'key="{REGISTRY_KEY}" valueName={quoteattr(option.key)}>\n'
        f'      <parentCategory ref="{_id(option.section)}" />\n'
    )
    if option.kind is Kind.SWITCH:
        return (
            head.replace(f' presentation="$(presentation.{name})"', "")
            + '      <enabledValue><decimal value="1" /></enabledValue>\n'
            '      <disabledValue><decimal value="0" /></disabledValue>\n    </policy>'
        )
    head = head.replace(f" valueName={quoteattr(option.key)}", "")
    return head + f"      <elements>\n{_admx_element(option)}\n      </elements>\n    </policy>"


def _admx_element(option: Option) -> str:
    value = quoteattr(option.key)
    if option.kind is Kind.NUMBER:
        low, high = option.bounds
        return (
            f'        <decimal id="Value" valueName={value} minValue="{low}" maxValue="{high}" />'
        )
    if option.kind is Kind.CHOICE:
        items = "".join(
            f'<item displayName="$(string.{_id(option.key)}_{_id(choice)})">'
            f"<value><string>{escape(choice)}</string></value></item>"
            for choice in option.choices
        )
        return f'        <enum id="Value" valueName={value}>{items}</enum>'
    # Lists are written as JSON on one line, as `policy show` prints them.
    return f'        <text id="Value" valueName={value} maxLength="4096" />'


def _presentation(option: Option) -> str:
    name, label = _id(option.key), escape(option.title)
    if option.kind is Kind.SWITCH:
        return f'      <presentation id="{name}" />'
    field = {
        Kind.NUMBER: f'<decimalTextBox refId="Value">{label}</decimalTextBox>',
        Kind.CHOICE: f'<dropdownList refId="Value">{label}</dropdownList>',
    }.get(option.kind, f'<textBox refId="Value"><label>{label}</label></textBox>')
    return f'      <presentation id="{name}">{field}</presentation>'
