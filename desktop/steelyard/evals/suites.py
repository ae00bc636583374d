"""Suites: versioned files of prompts and graders, shipped as data and named by the digest of their content.

A suite file is one JSON object: `id`, `version`, `title`, `description`, `language`, `system`, `rows` (each
with `task`, `title`, `needed`, `rule`; see `verdicts`) and `items` (each with `id`, `task`, `messages`,
`max_tokens`, `grader`, and for checks of an installation `expected_token_ids` by quantization). Without
`rows` every task is a row under the rule `share` with `DEFAULT_NEEDED`. Any other field is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from steelyard.base.canonical import canonical_digest, strict_loads
from steelyard.base.errors import Json, MalformedInput
from steelyard.base.paths import resource
from steelyard.evals.errors import SuiteMalformed, SuiteNotFound
from steelyard.evals.grader_reading import parse_grader
from steelyard.evals.graders import Grader
from steelyard.evals.reading import Fields
from steelyard.evals.verdicts import RowSpec, Rule
from steelyard.runtime.records import Message

GATE = "fast-gate"
DEFAULT_NEEDED = 0.9
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_ROLES = ("system", "user", "assistant")


@dataclass(frozen=True)
class Item:
    """One prompt and how its answer is graded.

    Attributes:
        id: unique in the suite.
        task: the row it belongs to.
        messages: the conversation, a user turn last.
        max_tokens: the answer is cut there.
        expected_token_ids: by quantization, the ids greedy decoding gives, without the end token.
    """

    id: str
    task: str
    messages: tuple[Message, ...]
    max_tokens: int
    grader: Grader
    expected_token_ids: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Suite:
    """A parsed suite file. `digest` is `sha256:` of its canonical JSON."""

    id: str
    version: str
    title: str
    description: str
    language: str
    rows: tuple[RowSpec, ...]
    items: tuple[Item, ...]
    digest: str

    @property
    def tasks(self) -> tuple[str, ...]:
        """The rows' names, in their order."""
        return tuple(row.name for row in self.rows)

    def of_task(self, task: str) -> tuple[Item, ...]:
        """The items of one row, in the file's order."""
        return tuple(item for item in self.items if item.task == task)


def available() -> tuple[Suite, ...]:
    """Every suite of this installation, the fast gate first, then by title.

    Raises:
        SuiteMalformed: a file is not a suite.
    """
    found = (load(path.stem) for path in resource("suites").glob("*.json"))
    return tuple(sorted(found, key=lambda suite: (suite.id != GATE, suite.title)))


def load(suite_id: str) -> Suite:
    """The suite of that name.

    Raises:
        SuiteNotFound: this installation has none of that name.
        SuiteMalformed: its file is not a suite, or carries another name.
    """
    folder = resource("suites")
    path = folder / f"{suite_id}.json"
    if not _NAME.fullmatch(suite_id) or not path.is_file():
        names: list[Json] = [*sorted(each.stem for each in folder.glob("*.json"))]
        raise SuiteNotFound(
            f"There is no suite named {suite_id!r}.",
            next_step=f"Choose one of: {', '.join(map(str, names))}.",
            suite=suite_id,
            available=names,
        )
    suite = parse(path.read_bytes(), what=suite_id)
    if suite.id != suite_id:
        raise SuiteMalformed(f"{path.name} calls itself {suite.id!r}.", suite=suite_id)
    return suite


def parse(data: bytes, *, what: str = "the suite") -> Suite:
    """A suite from its file's bytes.

    Raises:
        SuiteMalformed: not JSON, a field missing, of the wrong type or not known, or names that do not fit.
    """
    try:
        raw = strict_loads(data, what=what)
        digest = canonical_digest(raw)
    except MalformedInput as error:
        raise SuiteMalformed(
            error.message, next_step="Correct the suite file.", where=what
        ) from error
    fields = Fields(raw, what)
    system = fields.text("system", "")
    suite = Suite(
        id=fields.text("id"),
        version=_version(fields),
        title=fields.text("title"),
        description=fields.text("description"),
        language=fields.text("language"),
        rows=tuple(map(_row, fields.objects("rows"))),
        items=tuple(_item(item, system) for item in fields.objects("items")),
        digest=digest,
    )
    fields.done()
    if not suite.items:
        fields.refuse("has no items")
    return _with_rows(suite, fields)


def _version(fields: Fields) -> str:
    value = fields.value("version")
    if isinstance(value, bool) or not isinstance(value, int | str):
        fields.refuse("needs 'version' as text or a whole number")
    return str(value)


def _row(fields: Fields) -> RowSpec:
    name, title, rule = fields.text("task"), fields.text("title"), fields.text("rule")
    if rule not in tuple(Rule):
        fields.refuse(f"has the rule {rule!r}; known are {', '.join(Rule)}")
    needed = 1.0 if rule == Rule.EVERY_ITEM else fields.share("needed")
    fields.done()
    return RowSpec(name, title, needed, Rule(rule))


def _item(fields: Fields, system: str) -> Item:
    messages = tuple(map(_message, fields.objects("messages")))
    if not messages or messages[-1].role != "user":
        fields.refuse("needs messages that end with a user turn")
    if system:
        messages = (Message("system", system), *messages)
    item = Item(
        id=fields.text("id"),
        task=fields.text("task"),
        messages=messages,
        max_tokens=fields.positive("max_tokens"),
        grader=parse_grader(fields.child("grader")),
        expected_token_ids=_token_ids(fields),
    )
    fields.done()
    return item


def _message(fields: Fields) -> Message:
    message = Message(fields.text("role"), fields.text("content"))
    if message.role not in _ROLES:
        fields.refuse(f"has the role {message.role!r}")
    fields.done()
    return message


def _token_ids(fields: Fields) -> Mapping[str, tuple[int, ...]]:
    if not fields.has("expected_token_ids"):
        return {}
    by_quantization = fields.child("expected_token_ids")
    found = {name: by_quantization.whole_numbers(name) for name in by_quantization.names()}
    by_quantization.done()
    return found


def _with_rows(suite: Suite, fields: Fields) -> Suite:
    ids = [item.id for item in suite.items]
    if len(set(ids)) != len(ids):
        fields.refuse("has two items of the same id")
    tasks = dict.fromkeys(item.task for item in suite.items)
    rows = suite.rows or tuple(RowSpec(task, task, DEFAULT_NEEDED, Rule.SHARE) for task in tasks)
    names = [row.name for row in rows]
    if len(set(names)) != len(names) or set(names) != set(tasks):
        fields.refuse("needs exactly one row for each task of its items")
    return replace(suite, rows=rows)
