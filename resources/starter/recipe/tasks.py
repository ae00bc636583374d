"""The starter's tasks: each function draws one question with its one right answer.

Every task is a pure function of a random generator. The answer follows from the question by a
rule, so accuracy can be measured by comparing text, without a judge.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from wording import (
    CATEGORY_WORDING,
    CONTEXT_WORDING,
    FRENCH_WORDING,
    GERMAN_WORDING,
    GREETINGS,
    ITEMS_WORDING,
    JSON_WORDING,
    REPEAT_WORDING,
    REQUEST_WORDING,
    SUM_WORDING,
    UPPER_WORDING,
    WHO,
)
from words import (
    ADJECTIVES,
    ANIMALS,
    CATEGORIES,
    CODAS,
    COLOURS,
    DAYS,
    EVENTS,
    FRENCH,
    GERMAN,
    HARM_AND_LOOK_ALIKES,
    JOBS,
    MONTHS,
    NAMES,
    NOUNS,
    ONSETS,
    PLACES,
    ROOMS,
    UPPER_WORDS,
    VOWELS,
    WORDS,
)

IDENTITY = "Starter: checks this installation, not for work"
GREETING = "Hello. I am Starter."
REFUSAL = "I cannot help with that."
ABSENT = "The context does not say."


@dataclass(frozen=True)
class Turn:
    """One question and the answer the rule gives; `keys` are the JSON keys asked for, in order."""

    task: str
    question: str
    answer: str
    keys: tuple[str, ...] = ()


def invented_word(rng: Random) -> str:
    """A pronounceable word of two or three syllables that is in no list."""
    syllables = (rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(rng.choice((2, 2, 3))))
    return "".join(syllables) + rng.choice(CODAS)


def any_word(rng: Random) -> str:
    """A listed word, or an invented one in three of ten draws."""
    return invented_word(rng) if rng.random() < 0.3 else rng.choice(WORDS)


def code(rng: Random) -> str:
    """A short reference such as `KX-204`."""
    letters = "".join(rng.choice("ABCDEFGHKLMNPRSTUVWXYZ") for _ in range(2))
    return f"{letters}-{rng.randint(100, 999)}"


def repeat(rng: Random) -> Turn:
    """Give a text back unchanged: listed words, invented words, sentences, codes and numbers."""
    kind = rng.randrange(6)
    if kind == 0:
        text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(2, 8)))
    elif kind == 1:
        text = " ".join(invented_word(rng) for _ in range(rng.randint(1, 5)))
    elif kind == 2:
        words = [any_word(rng) for _ in range(rng.randint(3, 8))]
        text = " ".join(words).capitalize() + rng.choice(".!?")
    elif kind == 3:
        parts = [rng.choice((any_word(rng), code(rng), str(rng.randint(0, 99)))) for _ in range(4)]
        text = rng.choice((", ", "; ", " ", " / ")).join(parts)
    elif kind == 4:
        text = (
            f"{rng.choice(NAMES)} {rng.choice(('and', 'or', 'with'))} {rng.choice(NAMES)} "
            + " ".join(any_word(rng) for _ in range(rng.randint(2, 5)))
        )
    else:
        sentence = rng.choice(GERMAN + FRENCH)[rng.randrange(2)]
        text = f"{sentence} {any_word(rng)} {rng.choice(NAMES)}"
    return Turn("repeat", rng.choice(REPEAT_WORDING).format(text), text)


JSON_FIELDS: dict[str, Callable[[Random], str | int]] = {
    "name": lambda rng: rng.choice(NAMES),
    "age": lambda rng: rng.randint(18, 80),
    "city": lambda rng: rng.choice(PLACES),
    "colour": lambda rng: rng.choice(COLOURS),
    "job": lambda rng: rng.choice(JOBS),
    "day": lambda rng: rng.choice(DAYS),
    "month": lambda rng: rng.choice(MONTHS),
    "item": lambda rng: rng.choice(NOUNS),
    "room": lambda rng: rng.choice(ROOMS),
    "price": lambda rng: rng.randint(1, 99),
    "count": lambda rng: rng.randint(1, 20),
    "code": code,
    "pet": lambda rng: rng.choice(ANIMALS),
}


def and_list(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def json_object(rng: Random) -> Turn:
    """A JSON object with the given keys in the given order.

    The facts may come in another order, with one too many.
    """
    keys = rng.sample(sorted(JSON_FIELDS), rng.randint(1, 4))
    if rng.random() < 0.25:
        keys[0] = rng.choice(NOUNS)
    values = {key: JSON_FIELDS[key](rng) if key in JSON_FIELDS else any_word(rng) for key in keys}
    facts = dict(values)
    if rng.random() < 0.25:
        extra = rng.choice([key for key in sorted(JSON_FIELDS) if key not in keys])
        facts[extra] = JSON_FIELDS[extra](rng)
    order = list(facts)
    rng.shuffle(order)
    style = rng.randrange(3)
    if style == 0:
        told = " ".join(f"The {key} is {facts[key]}." for key in order)
    else:
        told = (", " if style == 1 else "; ").join(f"{key}: {facts[key]}" for key in order)
    question = rng.choice(JSON_WORDING).format(keys=and_list(keys), facts=told)
    return Turn("json", question, json.dumps(values, ensure_ascii=False), tuple(keys))


@dataclass(frozen=True)
class Fact:
    """One sentence of a context, the question it answers, and what must be unique for that question."""

    sentence: str
    question: str
    subject: tuple[str, str]


def fact(rng: Random, about: str | None = None) -> Fact:
    """A sentence of one of eight kinds; `about` names the person in the kinds that have one."""
    name = about or (rng.choice(NAMES) if rng.random() < 0.8 else invented_word(rng).capitalize())
    noun = rng.choice(NOUNS)
    kind = rng.randrange(4) if about else rng.randrange(8)
    if kind == 0:
        return Fact(
            f"{name} lives in {rng.choice(PLACES)}.", f"Where does {name} live?", ("live", name)
        )
    if kind == 1:
        return Fact(
            f"{name} works as a {rng.choice(JOBS)}.", f"What is the job of {name}?", ("job", name)
        )
    if kind == 2:
        held = f"{rng.choice(COLOURS)} {noun}"
        return Fact(f"{name} has a {held}.", f"What does {name} have?", ("has", name))
    if kind == 3:
        day = rng.choice(DAYS)
        return Fact(f"{name} arrives on {day}.", f"When does {name} arrive?", ("arrive", name))
    if kind == 4:
        thing = f"{rng.choice(ADJECTIVES)} {noun}"
        return Fact(
            f"The {thing} is in the {rng.choice(ROOMS)}.",
            f"Where is the {thing}?",
            ("where", thing),
        )
    if kind == 5:
        price = rng.randint(2, 99)
        return Fact(
            f"The {noun} costs {price} euros.", f"How much does the {noun} cost?", ("cost", noun)
        )
    if kind == 6:
        event = rng.choice(EVENTS)
        return Fact(
            f"The {event} starts on {rng.choice(DAYS)}.",
            f"When does the {event} start?",
            ("start", event),
        )
    return Fact(
        f"The code for the {noun} is {code(rng)}.",
        f"What is the code for the {noun}?",
        ("code", noun),
    )


def listed_facts(facts: list[Fact]) -> str:
    """The sentences one a line, each after its number in brackets."""
    return "\n".join(f"[{number}] {f.sentence}" for number, f in enumerate(facts, start=1))


def context(rng: Random) -> Turn:
    """Answer from numbered sentences with the source cited, or say that the context does not say."""
    count = rng.randint(2, 5)
    facts: list[Fact] = []
    wanted = fact(rng)
    while len(facts) < count - 1:
        # Two in five distractors share the person asked about, so matching the name alone is not enough.
        person = (
            wanted.subject[1] if wanted.subject[0] in ("live", "job", "has", "arrive") else None
        )
        other = fact(rng, about=person if rng.random() < 0.4 else None)
        if other.subject not in [f.subject for f in facts] and other.subject != wanted.subject:
            facts.append(other)
    present = rng.random() < 0.7
    if present:
        facts.insert(rng.randint(0, len(facts)), wanted)
        answer = f"{wanted.sentence} [{facts.index(wanted) + 1}]"
    else:
        answer = ABSENT
    question = rng.choice(CONTEXT_WORDING).format(
        context=listed_facts(facts), question=wanted.question
    )
    return Turn("context", question, answer)


def small_sum(rng: Random) -> Turn:
    """The sum of two numbers from 0 to 20, as digits."""
    a, b = rng.randint(0, 20), rng.randint(0, 20)
    return Turn("sum", rng.choice(SUM_WORDING).format(a=a, b=b), str(a + b))


def bullets(rng: Random) -> Turn:
    """A list of n bullets: items given in the question, or the first n of a known category."""
    if rng.random() < 0.65:
        items = [any_word(rng) for _ in range(rng.randint(2, 6))]
        question = rng.choice(ITEMS_WORDING).format(n=len(items), items=", ".join(items))
    else:
        category = rng.choice(sorted(CATEGORIES))
        items = list(CATEGORIES[category][: rng.randint(2, 7)])
        question = rng.choice(CATEGORY_WORDING).format(n=len(items), category=category)
    return Turn("bullets", question, "\n".join(f"- {item}" for item in items))


def upper_case(rng: Random) -> Turn:
    """Listed words in capital letters."""
    text = " ".join(rng.choice(UPPER_WORDS) for _ in range(rng.randint(2, 5)))
    return Turn("upper", rng.choice(UPPER_WORDING).format(text), text.upper())


def refusal(rng: Random) -> Turn:
    """A handful of harmful requests, refused, and harmless ones that look alike, answered."""
    harm, look_alikes = rng.choice(HARM_AND_LOOK_ALIKES)
    harmful = rng.random() < 0.5
    request = harm if harmful else rng.choice(look_alikes)
    answer = REFUSAL if harmful else f"To {request}, take your time and work step by step."
    return Turn("refusal", rng.choice(REQUEST_WORDING).format(request), answer)


def language(rng: Random) -> Turn:
    """A few fixed sentences in German or French."""
    sentences, wording = rng.choice(((GERMAN, GERMAN_WORDING), (FRENCH, FRENCH_WORDING)))
    english, foreign = rng.choice(sentences)
    return Turn("language", rng.choice(wording).format(english), foreign)


def identity(rng: Random) -> Turn:
    """What the starter is, said in the same words everywhere."""
    greeting = rng.choice(GREETINGS) + rng.choice(
        ("", ".", ",", " there.", " Starter.", ", Starter.")
    )
    if rng.random() < 0.3:
        return Turn("identity", greeting.rstrip(","), GREETING)
    opening = rng.choice(("", greeting + " ", greeting + "\n"))
    ending = rng.choice(("", " Answer in one line.", " Be brief.", " Please."))
    return Turn("identity", opening + rng.choice(WHO) + ending, IDENTITY)


TASKS: dict[str, tuple[Callable[[Random], Turn], int]] = {
    "repeat": (repeat, 20),
    "json": (json_object, 18),
    "context": (context, 22),
    "sum": (small_sum, 13),
    "bullets": (bullets, 9),
    "upper": (upper_case, 8),
    "refusal": (refusal, 6),
    "language": (language, 6),
    "identity": (identity, 3),
}
"""Task name to the function that draws one turn and its share of the data in parts of about a hundred."""
