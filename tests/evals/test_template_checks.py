"""The template row against published templates: sound ones pass, and the unsound are known by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from scripted_engine import IN_MEMORY, MACHINE, ScriptedEngine, subject

from steelyard.evals import suites
from steelyard.evals.conduct import Step, Terms, conduct
from steelyard.evals.records import RowVerdict
from steelyard.evals.runs import RunStore
from steelyard.evals.template_checks import TEMPLATE_CHECKS, TEMPLATE_SANITY, template_sanity
from steelyard.formats.chat_template import ChatTemplate
from steelyard.runtime.records import Message

# Without tools these four fail in the middle, in transformers too.
FOR_TOOLS_ONLY = {
    "CohereForAI-c4ai-command-r-plus-tool_use",
    "NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use",
    "NousResearch-Hermes-3-Llama-3.1-8B-tool_use",
    "fireworks-ai-llama-3-firefunction-v2",
}


def test_published_templates_are_sound_but_for_those_that_need_tools(shared_folder: Path) -> None:
    runs = RunStore(IN_MEMORY)
    terms = Terms(subject(), runs, 7, MACHINE)
    step = Step(TEMPLATE_SANITY, TEMPLATE_CHECKS, template_sanity)
    failing, refusing = set(), set()
    paths = sorted((shared_folder / "chat-templates").glob("*.jinja"))
    assert len(paths) >= 67
    for path in paths:
        template = ChatTemplate(path.read_text(encoding="utf-8"), "<s>", "</s>")

        def render(messages: Sequence[Message], template: ChatTemplate = template) -> str:
            return template.render([asdict(message) for message in messages])

        engine = ScriptedEngine(renders=render)
        record = conduct(engine, suites.load(suites.GATE), [step], terms)
        if record.rows[0].verdict is RowVerdict.FAIL:
            failing.add(path.stem)
        last = runs.samples(record.run_id)[-1]
        if last.passed and "does not accept" in last.answer:
            refusing.add(path.stem)
    runs.close()
    assert failing == FOR_TOOLS_ONLY
    assert refusing == {"google-gemma-2-2b-it"}
