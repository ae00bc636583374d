"""Messages into the text a model was trained on, through its own chat template, for every engine."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from steelyard.runtime.errors import NoChatTemplate
from steelyard.runtime.records import Message

if TYPE_CHECKING:
    from steelyard.formats.chat_template import ChatTemplate


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
