"""Messages into the text a model was trained on, through its own chat template, for every engine."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

from steelyard.base.errors import UsageError
from steelyard.runtime.errors import NoChatTemplate
from steelyard.runtime.records import GenerationRequest, Message
from steelyard.runtime.workers.answer import Prompt

if TYPE_CHECKING:
    from steelyard.formats.chat_template import ChatTemplate


class Vocabulary(Protocol):
    """An engine's way from text to tokens."""

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Token ids; control tokens that are written out count as such only when `special`."""
        ...

    def with_bos(self, tokens: list[int]) -> list[int]:
        """The tokens after one beginning-of-text token, if the model wants one."""
        ...


def prompt_of(
    request: GenerationRequest, template: ChatTemplate | None, vocabulary: Vocabulary
) -> Prompt:
    """The prompt of a request: messages through the template, or the plain text.

    Raises:
        UsageError: both, neither, or nothing in it.
        NoChatTemplate, SteelyardError: as `render`.
    """
    if (request.prompt is None) == (not request.messages):
        raise UsageError("Give either messages or a prompt.")
    if request.prompt is None:
        text, special = render(template, request.messages, thinking=request.thinking), True
    else:
        text, special = request.prompt, False
    tokens = vocabulary.with_bos(vocabulary.tokenize(text, special=special))
    if not tokens:
        raise UsageError("The prompt is empty.", next_step="Write something to continue.")
    return Prompt(tokens, text)


def chat_template(source: str | None, bos: str, eos: str) -> ChatTemplate | None:
    """The template of a model; None when it defines none."""
    if not source:
        return None
    from steelyard.formats.chat_template import ChatTemplate  # noqa: PLC0415  # brings Jinja

    return ChatTemplate(source, bos, eos)


def render(template: ChatTemplate | None, messages: tuple[Message, ...], *, thinking: bool) -> str:
    """The prompt, open for the model's turn.

    Args:
        thinking: passed on as `enable_thinking`, the name that templates use.

    Raises:
        NoChatTemplate: the model defines none.
        SteelyardError: the template fails, or goes past its limits (`formats.chat_template`).
    """
    if template is None:
        raise NoChatTemplate(
            "This model defines no chat template, so it cannot be sent messages.",
            next_step="Give it a plain prompt to continue instead.",
        )
    return template.render([asdict(m) for m in messages], enable_thinking=thinking)
