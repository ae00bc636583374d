"""Tries a chat template on small conversations and tells what its user should know.

Two kinds: an attack (it is stopped by a limit or the sandbox), and a remark (it drops a turn, never opens
the model's turn, doubles the first token, adds words of its own, ...). A template that raises an error about
a conversation is not remarked upon: saying no is sound, dropping words silently is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from steelyard.base.errors import Json
from steelyard.formats.chat_template import ChatTemplate
from steelyard.formats.errors import (
    ConversationRefused,
    TemplateFailed,
    TemplateMalformed,
    TemplateOverLimit,
    TemplateUnsafe,
    TooLarge,
)

_USER = "Quokka seven"
_OTHER_USER = "Wombat nine"
_ASSISTANT = "Numbat four"
_SYSTEM = "Bilby twelve"
_DAY = datetime(2024, 2, 3, 12, tzinfo=UTC)
_LATER_DAY = datetime(2031, 10, 29, 12, tzinfo=UTC)
_OWN_WORDS = re.compile(r"[^\W\d_]{2,30}(?:[ ,.':;-]{1,3}[^\W\d_]{1,30}){4}")
"""Five words in a row: control tokens and role names have fewer. Bounded, so that matching stays linear."""
_LOOKED_AT_CHARS = 50_000


@dataclass(frozen=True)
class Remark:
    """One thing about a template.

    Attributes:
        code: `unreadable`, `attack`, `bos-twice`, `bos-added-again`, `no-generation-prompt`, `drops-system`,
            `drops-user`, `drops-assistant`, `own-words`, `uses-date`, `no-eos`.
        sentence: the same in words; may quote the template.
        harmful: True when the template should not be used at all.
    """

    code: str
    sentence: str
    harmful: bool = False


def lint(
    source: str, bos_token: str | None, eos_token: str | None, *, adds_bos: bool = False
) -> tuple[Remark, ...]:
    """Try a template.

    Args:
        adds_bos: the tokenizer puts the beginning-of-sequence token in front by itself.
    """
    try:
        first = ChatTemplate(source, bos_token, eos_token, clock=lambda: _DAY)
        second = ChatTemplate(source, bos_token, eos_token, clock=lambda: _LATER_DAY)
        return _Trial(first, second, adds_bos=adds_bos).remarks()
    except (TemplateMalformed, TooLarge) as error:
        return (Remark("unreadable", error.message),)
    except (TemplateOverLimit, TemplateUnsafe) as error:
        return (Remark("attack", error.message, harmful=True),)


def _message(role: str, content: str) -> Mapping[str, Json]:
    return {"role": role, "content": content}


class _Trial:
    def __init__(self, template: ChatTemplate, later: ChatTemplate, *, adds_bos: bool) -> None:
        self._template = template
        self._later = later
        self._adds_bos = adds_bos

    def remarks(self) -> tuple[Remark, ...]:
        single = self._render(_message("user", _USER))
        found = [*self._of_turns(), *self._of_system()]
        if single is not None:
            found += [*self._of_single(single), *self._of_beginning(single)]
        return tuple(found)

    def _render(
        self, *messages: Mapping[str, Json], open_turn: bool = True, later: bool = False
    ) -> str | None:
        template = self._later if later else self._template
        try:
            return template.render(messages, add_generation_prompt=open_turn)
        except (ConversationRefused, TemplateFailed):
            return None

    def _of_single(self, single: str) -> list[Remark]:
        found = []
        other = self._render(_message("user", _OTHER_USER))
        if _USER not in single or other == single:
            found.append(Remark("drops-user", "The chat template leaves out what the user says."))
        if self._render(_message("user", _USER), open_turn=False) == single:
            found.append(
                Remark(
                    "no-generation-prompt",
                    "The chat template never opens the model's turn, so it may continue the user's.",
                )
            )
        if self._render(_message("user", _USER), later=True) != single:
            found.append(
                Remark(
                    "uses-date",
                    "The chat template writes today's date, so the same conversation differs by day.",
                )
            )
        if own := _OWN_WORDS.search(single.replace(_USER, "\n"), 0, _LOOKED_AT_CHARS):
            start = max(own.start() - 20, 0)
            found.append(
                Remark(
                    "own-words",
                    f"The chat template adds words of its own: {single[start : start + 200]!r}.",
                )
            )
        return found

    def _of_beginning(self, single: str) -> list[Remark]:
        bos = self._template.bos_token
        if not bos or not single.startswith(bos):
            return []
        if single.startswith(bos + bos):
            return [
                Remark("bos-twice", "The chat template writes the beginning-of-text token twice.")
            ]
        if self._adds_bos:
            return [
                Remark(
                    "bos-added-again",
                    "Template and tokenizer both put a beginning-of-text token in front; only one may count.",
                )
            ]
        return []

    def _of_turns(self) -> list[Remark]:
        turns = (
            _message("user", _USER),
            _message("assistant", _ASSISTANT),
            _message("user", _OTHER_USER),
        )
        text = self._render(*turns)
        if text is None:
            return []
        found = []
        if _ASSISTANT not in text:
            found.append(
                Remark("drops-assistant", "The chat template leaves out the model's earlier turns.")
            )
        eos = self._template.eos_token
        if eos and eos not in text.partition(_ASSISTANT)[2]:
            found.append(
                Remark("no-eos", f"The chat template does not end the model's turn with {eos!r}.")
            )
        return found

    def _of_system(self) -> list[Remark]:
        text = self._render(_message("system", _SYSTEM), _message("user", _USER))
        if text is None or _SYSTEM in text:
            return []
        return [
            Remark("drops-system", "The chat template leaves out the system turn without a word.")
        ]
