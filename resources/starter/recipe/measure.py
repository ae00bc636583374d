"""Held-out accuracy per task and engine, agreement between engines, and the `starter-check` suite.

An answer counts when its text equals the rule's answer; a JSON answer when it parses to the same
object with the keys in the order asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import Conversation, held_out, is_held_out
from engines import MAX_NEW_TOKENS, Engine, Generated, LlamaCpp, Transformers
from tasks import TASKS
from tokenizer import ASSISTANT, render
from transformers import AutoTokenizer

SUITE_ITEMS_PER_TASK = 8
LEAST_MARGIN = 0.25

ODD_TEXTS: tuple[str, ...] = (
    "Grüße, façade, naïve",
    "日本語と🙂 emoji\u200d",
    "  spaces   and\ttabs\n\n\nlines  ",
    "I'll can't WE'VE 1234567 3.14 a_b",
    "<|user|> inside <|end|> text",
    "e\u0301 combining, \u00a0hard space",
)


@dataclass(frozen=True)
class Measured:
    """What one engine generated for every held-out conversation, in their order."""

    label: str
    answers: list[Generated]
    correct: list[bool]


@dataclass(frozen=True)
class Measurements:
    """All engines on the same held-out conversations."""

    conversations: list[Conversation]
    engines: dict[str, Measured]
    tokenized_texts: int

    def score(self, label: str, task: str) -> tuple[int, int]:
        """Correct answers and questions of one task."""
        marks = [
            good
            for conversation, good in zip(
                self.conversations, self.engines[label].correct, strict=True
            )
            if conversation.task == task
        ]
        return sum(marks), len(marks)

    def same_answers(self, a: str, b: str) -> int:
        """How many conversations two engines answer with the same token ids."""
        pairs = zip(self.engines[a].answers, self.engines[b].answers, strict=True)
        return sum(x.ids == y.ids for x, y in pairs)


def prompt_text(conversation: Conversation) -> str:
    return render(conversation.messages(with_answer=False)) + f"{ASSISTANT}\n"


def is_correct(conversation: Conversation, text: str) -> bool:
    """Whether a generated text is the right answer to the last turn."""
    turn = conversation.turns[-1]
    if not turn.keys:
        return text == turn.answer
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return (
        isinstance(found, dict) and found == json.loads(turn.answer) and tuple(found) == turn.keys
    )


def measure(hf: Path, ggufs: Mapping[str, Path]) -> Measurements:
    """Run all held-out conversations through transformers (F16 weights) and each GGUF file.

    Raises ValueError when llama.cpp and transformers cut any text into different tokens, or the chat
    template gives another text than training saw.
    """
    tokenizer = AutoTokenizer.from_pretrained(str(hf))
    conversations = held_out()
    prompts = [prompt_text(c) for c in conversations]
    for conversation, prompt in zip(conversations, prompts, strict=True):
        messages = conversation.messages(with_answer=False)
        if (
            tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
            != prompt
        ):
            raise ValueError(f"chat template differs from training for {prompt!r}")
    files = {label: LlamaCpp(path) for label, path in ggufs.items()}
    ids = [tokenizer.encode(prompt) for prompt in prompts]
    for text in (*prompts, *ODD_TEXTS):
        for label, engine in files.items():
            if engine.tokenize(text) != tokenizer.encode(text):
                raise ValueError(f"tokens differ in {label} for {text!r}")
    engines: dict[str, Engine] = {"F16": Transformers(hf), **files}
    measured = {}
    for label, runner in engines.items():
        answers = [runner.generate(prompt) for prompt in ids]
        texts = [tokenizer.decode(answer.ids) for answer in answers]
        correct = [is_correct(c, text) for c, text in zip(conversations, texts, strict=True)]
        measured[label] = Measured(label, answers, correct)
        print(f"{label}: {sum(correct)} of {len(correct)} held-out answers right", flush=True)
    return Measurements(conversations, measured, len(prompts) + len(ODD_TEXTS))


def grader(conversation: Conversation) -> dict[str, Any]:
    turn = conversation.turns[-1]
    if turn.keys:
        return {"kind": "json", "keys": list(turn.keys), "expected": json.loads(turn.answer)}
    return {"kind": "exact", "expected": turn.answer}


def suite(measurements: Measurements, labels: tuple[str, ...]) -> dict[str, Any]:
    """The `starter-check` suite: the first held-out conversations of each task, right or wrong.

    Token ids are given where every engine's every token won by `LEAST_MARGIN` or more, so that
    another processor's rounding does not change them.
    """
    items = []
    for task in TASKS:
        of_task = [i for i, c in enumerate(measurements.conversations) if c.task == task]
        for number, index in enumerate(of_task[:SUITE_ITEMS_PER_TASK], start=1):
            conversation = measurements.conversations[index]
            if not all(is_held_out(turn.question) for turn in conversation.turns):
                raise ValueError(f"not held out: {conversation}")
            item: dict[str, Any] = {
                "id": f"{task}-{number:02d}",
                "task": task,
                "messages": conversation.messages(with_answer=False),
                "max_tokens": MAX_NEW_TOKENS,
                "grader": grader(conversation),
            }
            answers = {label: measurements.engines[label].answers[index] for label in labels}
            if min(answer.margin for answer in answers.values()) >= LEAST_MARGIN:
                item["expected_token_ids"] = {
                    label: answer.ids for label, answer in answers.items()
                }
            items.append(item)
    return {
        "id": "starter-check",
        "version": 1,
        "title": "Starter check",
        "description": (
            "Shows that this installation computes rightly: held-out items of the starter model's "
            f"own tasks, the first {SUITE_ITEMS_PER_TASK} of each, taken before any was answered. "
            "expected_token_ids are the ids under greedy decoding per quantization, without the "
            "closing token, and say what the starter answers, right or wrong; they are given for "
            f"items where every token won by a logit margin of at least {LEAST_MARGIN}, so that "
            "another processor's rounding does not change them."
        ),
        "language": "en",
        "system": None,
        "items": items,
    }
