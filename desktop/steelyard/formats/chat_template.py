"""Renders a model's chat template, which is a program from outside, in a sandbox that cannot be made to hang.

Output equals that of transformers' `apply_chat_template` for the same variables. Limits: size of the
template, processor time, memory, size of the output; each ends in a typed error.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from steelyard.base.clock import Clock, utc_now
from steelyard.base.digests import digest_of
from steelyard.base.errors import Json
from steelyard.formats.errors import (
    ConversationRefused,
    TemplateFailed,
    TemplateMalformed,
    TemplateUnsafe,
)
from steelyard.formats.gguf_cursor import over_limit

if TYPE_CHECKING:
    from jinja2 import Template

    from steelyard.formats.template_meter import Meter
    from steelyard.formats.template_sandbox import TemplateEnvironment

MAX_TEMPLATE_CHARS = 65_536
MAX_TEMPLATE_WORDS = 12_000
"""Words and marks, which is what parsing costs. The longest of 70 published templates has 16,714 characters and
4,777 words."""
_WORD = re.compile(r"\w+|[^\w\s]")

_RUN_TIME_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What ordinary mistakes in a template end in."""


class ChatTemplate:
    """One compiled chat template. May be used from several threads; renders take turns.

    Args:
        source: the template's text.
        bos_token: text of the beginning-of-sequence token; None leaves the variable undefined.
        eos_token: the same for the end of sequence.
        clock: what `strftime_now` reads; shown in local time as transformers does.

    Raises:
        TooLarge: longer than `MAX_TEMPLATE_CHARS` or `MAX_TEMPLATE_WORDS`.
        TemplateMalformed: it does not compile, or is larger or deeper than the sandbox takes.
    """

    def __init__(
        self,
        source: str,
        bos_token: str | None = "",
        eos_token: str | None = "",
        *,
        clock: Clock = utc_now,
    ) -> None:
        if len(source) > MAX_TEMPLATE_CHARS:
            raise over_limit("the length of the chat template", len(source), MAX_TEMPLATE_CHARS)
        words = sum(1 for _ in _WORD.finditer(source))
        if words > MAX_TEMPLATE_WORDS:
            raise over_limit("the words of the chat template", words, MAX_TEMPLATE_WORDS)
        self.source = source
        self.bos_token = bos_token
        self.eos_token = eos_token
        self._lock = threading.Lock()
        self._environment, self._template = _compile(source, clock)

    @property
    def digest(self) -> str:
        """`sha256:<hex>` of the template's text in UTF-8."""
        return digest_of(self.source.encode("utf-8", "surrogatepass"))

    def render(
        self,
        messages: Sequence[Mapping[str, Json]],
        *,
        add_generation_prompt: bool = True,
        **variables: Json,
    ) -> str:
        """The prompt text for a conversation.

        Args:
            messages: JSON values; usually `{"role": "user", "content": "..."}`.
            add_generation_prompt: end with the opening of the assistant's turn.
            variables: further names, such as `tools`, `documents`, `enable_thinking`.

        Raises:
            ConversationRefused: the template called `raise_exception`.
            TemplateOverLimit: it wanted too much time, memory or output.
            TemplateUnsafe: it reached for what the sandbox forbids.
            TemplateFailed: any other failure while rendering.
        """
        from steelyard.formats.template_meter import Meter  # noqa: PLC0415  # Jinja only when needed

        special = {"bos_token": self.bos_token, "eos_token": self.eos_token}
        given: dict[str, Json] = {
            "tools": None,
            "documents": None,
            **{name: token for name, token in special.items() if token is not None},
            **variables,
            "messages": [dict(message) for message in messages],
            "add_generation_prompt": add_generation_prompt,
        }
        plain = {name: _plain(value) for name, value in given.items()}
        with self._lock:
            meter = Meter()
            meter.weigh(plain)
            self._environment.begin(meter)
            return self._run(plain, meter)

    def _run(self, variables: dict[str, Json], meter: Meter) -> str:
        from jinja2.exceptions import SecurityError, TemplateError  # noqa: PLC0415  # as above

        from steelyard.formats.template_meter import exceeded  # noqa: PLC0415  # as above
        from steelyard.formats.template_operations import join_texts  # noqa: PLC0415  # as above
        from steelyard.formats.template_sandbox import RaisedByTemplate  # noqa: PLC0415  # as above

        try:
            context = self._template.new_context(variables)
            return join_texts(meter, self._template.root_render_func(context))
        except RaisedByTemplate as error:
            raise ConversationRefused(
                f"The model's chat template does not accept this conversation: {error}",
                next_step="Change the order or the roles of the messages.",
                detail=str(error),
            ) from error
        except SecurityError as error:
            raise TemplateUnsafe(
                f"The chat template tried something that is not allowed: {_short(error)}. It was stopped.",
                next_step="Do not use this model before its publisher has explained the template.",
                detail=_short(error),
            ) from error
        except (RecursionError, MemoryError) as error:
            raise exceeded("nesting", "what this program can follow") from error
        except (TemplateError, *_RUN_TIME_FAILURES) as error:
            raise TemplateFailed(
                f"The chat template failed on this conversation: {_short(error)}.",
                next_step="Use the template of the model's publisher.",
                detail=_short(error),
            ) from error


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _plain(value: Json) -> Json:
    """A copy made of exact JSON types: nothing with methods of its own reaches a template.

    Raises:
        TypeError: the caller passed something else; a bug, not the template's fault.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"a chat template takes JSON values, not {type(value).__name__}")


def _compile(source: str, clock: Clock) -> tuple[TemplateEnvironment, Template]:
    from jinja2.exceptions import TemplateSyntaxError  # noqa: PLC0415  # Jinja only when it is needed

    from steelyard.formats.template_sandbox import TemplateEnvironment  # noqa: PLC0415  # as above

    environment = TemplateEnvironment(lambda: clock().astimezone())
    try:
        return environment, environment.from_string(source)
    except TemplateSyntaxError as error:
        raise TemplateMalformed(
            f"The chat template cannot be read: line {error.lineno}: {str(error.message)[:200]}",
            next_step="Use the template of the model's publisher.",
            line=error.lineno,
        ) from error
    except (SyntaxError, RecursionError, MemoryError, ValueError, OverflowError) as error:
        # Python's own compiler gives up on nesting no real template has.
        raise TemplateMalformed(
            f"The chat template is nested too deeply: {_short(error)}.",
            next_step="Use the template of the model's publisher.",
        ) from error
