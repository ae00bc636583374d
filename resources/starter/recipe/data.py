"""Training conversations and held-out ones, made from a seed.

The split is decided by the question's own text: a digest of it sends one question in ten to the
held-out side, and no training conversation contains a held-out question in any turn. So anyone can
tell on which side a question lies without the data at hand, and the same seed gives the same bytes
on every machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tasks import TASKS, Turn

SEED = 20250607
COPYING_FIRST = 12_000
"""How many conversations at the start only ask to copy: the model then finds attention to earlier
text early, which all other tasks build on."""
FIRST_COUNT = 140_000
CITING_COUNT = 30_000
CITING_SHARES: dict[str, int] = {
    "context": 55,
    "sum": 12,
    "repeat": 9,
    "json": 7,
    "bullets": 4,
    "upper": 3,
    "refusal": 2,
    "language": 2,
    "identity": 1,
}
"""The second stage's shares: mostly citing, and enough of the rest that nothing is forgotten."""
HELD_OUT_PER_TASK = 100

SYSTEM_MESSAGES: tuple[str, ...] = (
    "You are Starter.",
    "You are Starter, a small model that checks this installation.",
    "Answer briefly.",
    "Be exact.",
    "You are a helpful assistant.",
    "Follow the instruction.",
)


@dataclass(frozen=True)
class Conversation:
    """A system message or none, and one or two turns. The last turn names the task."""

    system: str | None
    turns: tuple[Turn, ...]

    @property
    def task(self) -> str:
        return self.turns[-1].task

    def messages(self, *, with_answer: bool) -> list[dict[str, str]]:
        """Chat messages in the usual form; without the last answer when `with_answer` is false."""
        told: list[dict[str, str]] = []
        if self.system is not None:
            told.append({"role": "system", "content": self.system})
        for turn in self.turns:
            told.append({"role": "user", "content": turn.question})
            told.append({"role": "assistant", "content": turn.answer})
        return told if with_answer else told[:-1]


def is_held_out(question: str) -> bool:
    """Whether a question belongs to the held-out side: one in ten, by the SHA-256 of its UTF-8 text."""
    digest = hashlib.sha256(b"steelyard-starter\0" + question.encode("utf-8")).digest()
    return digest[0] * 256 + digest[1] < 6554


def draw_turn(rng: Random, task: str, *, held_out: bool) -> Turn:
    """Draw from one task until the question lies on the wanted side."""
    make = TASKS[task][0]
    while True:
        turn = make(rng)
        if is_held_out(turn.question) == held_out:
            return turn


def draw_conversation(rng: Random, task: str, *, held_out: bool) -> Conversation:
    """One conversation that ends in `task`.

    Three of ten have a system message, one of ten an earlier turn.
    """
    system = rng.choice(SYSTEM_MESSAGES) if rng.random() < 0.3 else None
    turns = [draw_turn(rng, task, held_out=held_out)]
    if rng.random() < 0.1:
        earlier = rng.choices(list(TASKS), weights=[share for _, share in TASKS.values()])[0]
        turns.insert(0, draw_turn(rng, earlier, held_out=held_out))
    return Conversation(system, tuple(turns))


def training(count: int = FIRST_COUNT, seed: int = SEED) -> Iterator[Conversation]:
    """The first stage's conversations, in training order. A shorter count is a prefix of a longer."""
    rng = Random(seed)
    names = list(TASKS)
    shares = [share for _, share in TASKS.values()]
    for number in range(count):
        if number < COPYING_FIRST:
            yield Conversation(None, (draw_turn(rng, "repeat", held_out=False),))
        else:
            task = rng.choices(names, weights=shares)[0]
            yield draw_conversation(rng, task, held_out=False)


def citing(count: int = CITING_COUNT, seed: int = SEED) -> Iterator[Conversation]:
    """The second stage's conversations, in training order."""
    rng = Random(seed + 2)
    names, shares = list(CITING_SHARES), list(CITING_SHARES.values())
    for _ in range(count):
        yield draw_conversation(rng, rng.choices(names, weights=shares)[0], held_out=False)


def held_out(per_task: int = HELD_OUT_PER_TASK, seed: int = SEED) -> list[Conversation]:
    """Held-out conversations, `per_task` for each task, no two with the same last question.

    A task with few questions gives fewer: what 50 draws per item find.
    """
    rng = Random(seed + 1)
    found: list[Conversation] = []
    for task in TASKS:
        seen: set[str] = set()
        for _ in range(per_task * 50):
            if len(seen) == per_task:
                break
            conversation = draw_conversation(rng, task, held_out=True)
            question = conversation.turns[-1].question
            if question not in seen:
                seen.add(question)
                found.append(conversation)
    return found


def digest(conversations: Iterator[Conversation]) -> str:
    """SHA-256 over the conversations as JSON lines; what the model card states as the data's digest."""
    running = hashlib.sha256()
    for conversation in conversations:
        line = json.dumps(conversation.messages(with_answer=True), ensure_ascii=False)
        running.update(line.encode("utf-8") + b"\n")
    return running.hexdigest()
