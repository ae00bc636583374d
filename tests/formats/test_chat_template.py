"""Chat templates render as transformers renders them, and fail in words when they fail."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.measured import ROOT
from steelyard.base.digests import digest_of
from steelyard.base.errors import Json, SteelyardError
from steelyard.formats import errors
from steelyard.formats.chat_template import ChatTemplate

SHARED_TEMPLATES = ROOT.parent / "shared" / "chat-templates"
TEMPLATES = sorted(path.name for path in SHARED_TEMPLATES.glob("*.jinja"))

USER = {"role": "user", "content": "Hi <b> & \"q\" 'x' é🌍\n"}
SYSTEM = {"role": "system", "content": "You are terse."}
ASSISTANT = {"role": "assistant", "content": "<think>\na\n</think>\n\nHello {there}."}
AGAIN = {"role": "user", "content": "Again?"}
TOOLS: list[Json] = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "where", "enum": ["a", "b"]},
                    "days": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["city"],
            },
        },
    }
]
CASES: dict[str, tuple[list[dict[str, Json]], dict[str, Any]]] = {
    "system, user, assistant": ([SYSTEM, USER, ASSISTANT], {}),
    "user": ([USER], {}),
    "user, assistant, user": ([USER, ASSISTANT, AGAIN], {"enable_thinking": False}),
    "closed": ([USER, ASSISTANT], {"add_generation_prompt": False}),
    "tools": ([SYSTEM, USER], {"tools": TOOLS}),
    "no tools": (
        [SYSTEM, USER],
        {"tools": [], "documents": [], "functions": "[]", "datetime": "2024-02-03"},
    ),
}


def as_transformers(source: str, messages: list[dict[str, Json]], options: dict[str, Any]) -> str:
    """What transformers makes of it; its errors pass through."""
    utilities = pytest.importorskip("transformers.utils.chat_template_utils")
    rest = {
        key: value
        for key, value in options.items()
        if key not in ("add_generation_prompt", "tools")
    }
    rendered, _ = utilities.render_jinja_template(
        [messages],
        tools=options.get("tools"),
        chat_template=source,
        add_generation_prompt=options.get("add_generation_prompt", True),
        bos_token="<s>",
        eos_token="</s>",
        **rest,
    )
    text: str = rendered[0]
    return text


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_published_template_renders_as_transformers_renders_it(name: str) -> None:
    import jinja2

    with (SHARED_TEMPLATES / name).open(encoding="utf-8", newline="") as stream:
        source = stream.read()
    template = ChatTemplate(source, "<s>", "</s>", clock=lambda: datetime.now(UTC))
    succeeded = 0
    for case, (messages, options) in CASES.items():
        try:
            expected = as_transformers(source, messages, options)
        except (jinja2.TemplateError, TypeError):
            # Where transformers fails, so must this program, with an error of its own.
            with pytest.raises(SteelyardError):
                template.render(messages, **options)
            continue
        assert template.render(messages, **options) == expected, case
        succeeded += 1
    assert succeeded >= 1


def test_the_published_templates_were_looked_for() -> None:
    if not TEMPLATES:
        pytest.skip("the reference folder ../shared is absent")
    assert len(TEMPLATES) >= 67


EXPRESSIONS = [
    "{{ messages[-1].content[::-1] }}",
    "{{ messages|map(attribute='role')|join('/') }}",
    "{{ [1, [2, 'x'], {'k': none}] }} {{ (1, 'a') }} {{ {'a': 1, 2: [true]} }}",
    "{{ {'b': 1, 'a': [1, 2.5, none, true, 'é']}|tojson }}",
    "{{ {'b': 1, 'a': [1]}|tojson(indent=2, sort_keys=true) }}",
    "{{ 'é\"<'|tojson(ensure_ascii=true) }}",
    "{{ 7 // 2 }} {{ 7 % 3 }} {{ 2 ** 10 }} {{ 7 / 2 }} {{ -3 + 1.5 }} {{ 'ab' * 3 }} {{ [1] * 2 + [3] }}",
    "{{ '%s is %5.2f and %-4d|%%' % ('a', 3.14159, 7) }} {{ '%(a)s'|format(a=1) }} {{ '%r' % 'x' }}",
    "{{ '{:>5}|{a!r:<8}|{1[0]}'.format('w', ['z'], a='q') }}",
    "{{ ' a b  c '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b'.rsplit(',') }} {{ 'a\nb'.splitlines() }}",
    "{{ 'abcabc'.replace('b', 'xx') }} {{ 'abcabc'|replace('b', 'xx', 1) }} {{ 'a'.center(5) }}|",
    "{{ 'hello world'|title }} {{ 'x'|center(7) }}| {{ 'a\nb'|indent(2, true) }} {{ 'abc'|capitalize }}",
    "{{ [3, 1, 2]|sort }} {{ [3, 1, 2]|sort(reverse=true) }} {{ {'b': 1, 'a': 2}|dictsort }}",
    "{{ ['a', 'B', 'A']|unique|list }} {{ [1, 2, 3]|sum }} {{ [{'n': 2}, {'n': 3}]|sum(attribute='n') }}",
    "{{ [1, 2, 3]|select('odd')|list }} {{ [1, none]|reject('none')|list }} {{ 'abc'|list }}",
    "{{ messages|selectattr('role', 'equalto', 'user')|list|length }} {{ messages|groupby('role') }}",
    "{{ 3.7|round }} {{ 3.14159|round(2) }} {{ '12'|int + 1 }} {{ '1.5'|float }} {{ -2|abs }}",
    "{{ nope|default('d') }} {{ nope is defined }} {{ nope }} {{ ''|d('e', true) }}",
    "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
    "{% for m in messages %}{{ loop.index }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{% endfor %}",
    "{% for m in messages %}{{ loop.previtem.role if loop.previtem }}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in range(5) %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% for k, v in messages[0].items() if v %}{{ k }}={{ v }};{% else %}none{% endfor %}",
    "{% for a in [[1, [2]], [3]] recursive %}{{ a if a is number else '(' ~ loop(a) ~ ')' }}{% endfor %}",
    "{% macro m(a, b='d') %}[{{ a }}{{ b }}{{ varargs }}{{ kwargs }}]{% endmacro %}{{ m(1) }}{{ m(1, 2, 3, z=4) }}",
    "{% macro w() %}<{{ caller('x') }}>{% endmacro %}{% call(v) w() %}{{ v }}!{% endcall %}",
    "{% set x %}block {{ 1 + 1 }}{% endset %}{{ x|upper }}{% filter lower %}ABC{% endfilter %}",
    "{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}{% generation %}said{% endgeneration %}",
    "{{ 'a' in 'abc' }} {{ 1 < 2 < 3 }} {{ 'x' not in ['y'] }} {{ [1, 2] == [1, 2] }} {{ not true }}",
    "{{ 'a' ~ 1 ~ none ~ [2] }} {{ ('<b>'|safe) ~ '&' }} {{ '<b>'|e }} {{ ('&'|safe) + '<' }}",
    "{{ dict(a=1, **{'b': 2}) }} {{ dict([('c', 3)]) }} {{ range(3)|list }} {{ range(2, 9, 3)|list }}",
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{% set j = joiner('|') %}{{ j() }}x{{ j() }}y",
    "a\n    {% if true %}\n  b\n    {% endif %}\n{#- c -#}\n d {%- if true %} e{% endif -%}  \nf",
    "{{ bos_token }}{{ eos_token }}{{ tools is none }}{{ documents is none }}{{ add_generation_prompt }}",
    "{{ messages[0]['role'].upper().lower().startswith('u') }}{{ 'x'.join(['a', 'b']) }}{{ 'aXb'.partition('X') }}",
    "{{ strftime_now('%Y')|length }}{{ (1.0).is_integer() }}{{ {'a': 1}.get('b', 7) }}{{ 'ß'.casefold() }}",
    "{{ 'one two three four'|truncate(9) }}{{ [1, 2, 3]|first }}{{ [1, 2, 3]|last }}{{ [1, 2]|reverse|list }}",
    "{{ [3, 9]|max }}{{ [3, 9]|min }}{{ ' x '|trim }}{{ 'a b'|string|length }}{{ 5|string }}",
    "{% block name %}in a block{% endblock %}{{ self.name() }}",
]


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_the_language_means_what_it_means_in_transformers(source: str) -> None:
    messages: list[dict[str, Json]] = [USER, ASSISTANT]
    expected = as_transformers(source, messages, {})
    assert ChatTemplate(source, "<s>", "</s>").render(messages) == expected


def test_a_template_that_refuses_says_so_in_its_own_words() -> None:
    template = ChatTemplate("{{ raise_exception('Roles must alternate.') }}")
    with pytest.raises(errors.ConversationRefused, match="Roles must alternate") as caught:
        template.render([USER])
    assert caught.value.facts["detail"] == "Roles must alternate."


@pytest.mark.parametrize(
    "source",
    ["{{ messages[0].nope.deeper }}", "{{ 1 / 0 }}", "{{ 'a' + 1 }}", "{{ [][0].x }}", "{{ none() }}",
     "{{ 'x'|tojson(nope=1) }}", "{{ [1, 'a']|sort }}", "{{ '%d' % 'x' }}", "{{ '{} {}'.format(1) }}"],
)  # fmt: skip
def test_an_ordinary_mistake_is_a_typed_error(source: str) -> None:
    with pytest.raises(errors.TemplateFailed):
        ChatTemplate(source).render([USER])


@pytest.mark.parametrize(
    "source",
    [
        "{% if %}",
        "{{ x",
        "{% for %}",
        "{{ x|nope }}",
        "{% unknown %}",
        "{% endif %}",
        "{{ 1 +* 2 }}",
    ],
)
def test_a_template_that_does_not_compile_is_a_typed_error(source: str) -> None:
    with pytest.raises(errors.TemplateMalformed) as caught:
        ChatTemplate(source)
    assert caught.value.facts["line"] == 1


def test_the_digest_is_of_the_text() -> None:
    assert ChatTemplate("{{ 'é' }}").digest == digest_of("{{ 'é' }}".encode())


def test_an_absent_token_is_undefined_and_a_clock_can_be_given() -> None:
    day = datetime(2024, 2, 3, 12, tzinfo=UTC)
    template = ChatTemplate(
        "{{ bos_token is defined }} {{ strftime_now('%Y-%m-%d') }}", None, None, clock=lambda: day
    )
    assert template.render([USER]) == "False 2024-02-03"


def test_only_json_values_reach_a_template() -> None:
    with pytest.raises(TypeError, match="takes JSON values"):
        ChatTemplate("{{ x }}").render([USER], x=Path("/etc"))  # type: ignore[arg-type]  # the point of the test


def test_variables_cannot_replace_the_conversation() -> None:
    template = ChatTemplate("{{ bos_token }}{{ messages|length }}", "<s>")
    assert template.render([USER], bos_token="<other>", thinking=True) == "<other>1"


def test_a_conversation_of_many_long_turns_stays_within_the_limits() -> None:
    source = (
        "{% set ns = namespace(system='') %}{% for m in messages %}{% if m.role == 'system' %}"
        "{% set ns.system = m.content %}{% endif %}{% endfor %}{{ ns.system }}"
        "{% for m in messages[1:] %}<|{{ m.role }}|>{{ '\n' + m.content|trim + '\n' }}{% endfor %}"
    )
    turns = [
        {"role": "user" if n % 2 else "assistant", "content": f"{n} " * 500} for n in range(1500)
    ]
    text = ChatTemplate(source).render([SYSTEM, *turns])
    assert text.count("<|user|>") == 750
    assert len(text) > 3_000_000


@settings(max_examples=150, deadline=None)
@given(
    source=st.one_of(
        st.text(alphabet="{}%#-'\" \n|.[]()+*~abm01", max_size=80),
        st.lists(st.sampled_from(["{{", "}}", "{%", "%}", " messages", "[0]", ".role", "|list", " for x in ",
                                  "endfor", " if ", "endif", "'a'", " * ", "9", "(", ")", "set x = ", "~"]),
                 max_size=16).map("".join),
    )
)  # fmt: skip
def test_any_text_as_a_template_renders_or_is_a_typed_error(source: str) -> None:
    try:
        text = ChatTemplate(source).render([USER])
    except SteelyardError:
        return
    assert isinstance(text, str)


def test_importing_the_module_does_not_bring_jinja() -> None:
    code = (
        "import sys; import steelyard.formats.chat_template, steelyard.formats.model_facts; "
        "print(sorted(m for m in ('jinja2', 'numpy', 'torch', 'pydantic') if m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "desktop",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
