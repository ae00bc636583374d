"""The gate's row about the chat template: what is said reaches the model whole, once and in order.

A template may refuse a system turn with an error; one that drops it without a word is not sound.
"""

from __future__ import annotations

from steelyard.evals.checks import Check, expect, run_checks
from steelyard.evals.conduct import Bench
from steelyard.evals.engine import Engine
from steelyard.evals.records import Row
from steelyard.evals.verdicts import RowSpec, Rule, judge, not_run
from steelyard.formats.errors import ConversationRefused
from steelyard.runtime.records import Message

TEMPLATE_SANITY = RowSpec("template-sanity", "Chat template is sound", 1.0, Rule.EVERY_ITEM)
TEMPLATE_CHECKS = 7

USER = "What is kept in the grey cabinet?"
CONVERSATION = (
    Message("user", USER),
    Message("assistant", "Two spare fuses and a torch."),
    Message("user", "Since when?"),
)
SYSTEM = "You look after the inventory of a small workshop."
ODD = "Grüße, 日本語 and 🧭; \"quoted\" 'too' \\n {{ 7 * 7 }} {% raw %} <b>&amp;</b>\n\tindented"


def template_sanity(bench: Bench) -> Row:
    """Render a handful of conversations through the engine's own template and look at what comes out."""
    if bench.engine.loaded.template_digest is None:
        bench.skip(TEMPLATE_CHECKS)
        return not_run(TEMPLATE_SANITY, "the model has no chat template")
    checks = _TemplateChecks(bench.engine).named()
    return judge(TEMPLATE_SANITY, run_checks(bench, TEMPLATE_SANITY, checks))


class _TemplateChecks:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def named(self) -> dict[str, Check]:
        return {
            "user-turn": self._user_turn,
            "conversation": self._conversation,
            "open-turn": self._open_turn,
            "repeatable": self._repeatable,
            "begins-once": self._begins_once,
            "odd-text": self._odd_text,
            "system-turn": self._system_turn,
        }

    def _single(self) -> str:
        return self._engine.render((Message("user", USER),))

    def _user_turn(self) -> str:
        text = self._single()
        expect(text.count(USER) == 1, "the user's text does not appear exactly once")
        return text

    def _conversation(self) -> str:
        text = self._engine.render(CONVERSATION)
        places = [text.find(turn.content) for turn in CONVERSATION]
        expect(-1 not in places, "a turn of a conversation is missing")
        expect(places == sorted(places), "turns come in another order")
        return text

    def _open_turn(self) -> str:
        _, _, after = self._single().partition(USER)
        expect(bool(after.strip()), "nothing tells the model that its turn has come")
        return after

    def _repeatable(self) -> str:
        text = self._single()
        expect(self._single() == text, "the same messages are rendered in two ways")
        return text

    def _begins_once(self) -> str:
        ids = self._engine.tokenize(self._single(), special=True)
        expect(len(ids) < 2 or ids[0] != ids[1], "the beginning-of-text token comes twice")
        return " ".join(map(str, ids[:8]))

    def _odd_text(self) -> str:
        text = self._engine.render((Message("user", ODD),))
        expect(ODD in text, "unusual characters, or code in a message, do not survive")
        return text

    def _system_turn(self) -> str:
        try:
            text = self._engine.render((Message("system", SYSTEM), Message("user", USER)))
        except ConversationRefused as error:
            return error.message
        expect(SYSTEM in text, "a system turn is dropped without a word")
        return text
