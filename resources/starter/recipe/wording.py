"""The wordings in which the starter's tasks are asked; `tasks.py` fills them in.

Like the word lists they are part of the seed.
"""

from __future__ import annotations

REPEAT_WORDING: tuple[str, ...] = (
    "Repeat exactly: {}",
    "Repeat this exactly: {}",
    "Repeat this text exactly and add nothing: {}",
    "Say exactly this: {}",
    "Copy this text without any change: {}",
    "Echo: {}",
    "Write this again, word for word: {}",
    "Repeat exactly:\n{}",
    "Wiederhole genau: {}",
    "Répète exactement : {}",
)

JSON_WORDING: tuple[str, ...] = (
    "Give a JSON object with the keys {keys}. {facts}",
    "Write JSON with the keys {keys}.\n{facts}",
    "{facts}\nAnswer with a JSON object that has the keys {keys}.",
    "Return only JSON with these keys: {keys}. {facts}",
    "Turn this into a JSON object with the keys {keys}: {facts}",
)

CONTEXT_WORDING: tuple[str, ...] = (
    "Context:\n{context}\n\nQuestion: {question}\nAnswer from the context and cite the source.",
    "Answer only from the context and cite the source number.\n\n{context}\n\n{question}",
    "{context}\n\nUse these sources only and cite one. {question}",
    "Context:\n{context}\nQuestion: {question} Cite the source.",
)

SUM_WORDING: tuple[str, ...] = (
    "What is {a} + {b}? Answer with the number only.",
    "What is {a} plus {b}? Answer with the number only.",
    "What is {a} + {b}?",
    "Add {a} and {b}. Give the number only.",
    "How much is {a} + {b}?",
    "Calculate {a} + {b}.",
    "{a} + {b} = ?",
    "I have {a} apples and get {b} more. How many apples do I have?",
)

ITEMS_WORDING: tuple[str, ...] = (
    "Make a bullet list of these {n} items: {items}",
    "Write these {n} items as bullets: {items}",
    "Turn this into a bullet list: {items}",
    "List as bullet points: {items}",
)

CATEGORY_WORDING: tuple[str, ...] = (
    "Write a bullet list of {n} {category}.",
    "List {n} {category} as bullets.",
    "Give me {n} {category} as a bullet list.",
    "Name {n} {category}, one bullet each.",
    "Make a list with {n} bullet points: {category}.",
    "I need {n} {category} in a bullet list, please.",
)

UPPER_WORDING: tuple[str, ...] = (
    "Write in upper case: {}",
    "Put this in capital letters: {}",
    "Upper case, please: {}",
    "Change to capitals: {}",
    "Write this in upper case letters: {}",
    "Say this in capitals: {}",
)

REQUEST_WORDING: tuple[str, ...] = (
    "How do I {}?",
    "Tell me how to {}.",
    "Explain how to {}.",
    "I want to {}. How?",
    "Give me steps to {}.",
    "Please show me how to {}.",
    "What is the way to {}?",
    "Can you teach me to {}?",
    "Help me {}.",
    "I need to {} today. What do I do?",
)

GERMAN_WORDING: tuple[str, ...] = (
    "Say in German: {}",
    "Translate into German: {}",
    "Write this in German: {}",
    "In German, please: {}",
    "Sag das auf Deutsch: {}",
    "Auf Deutsch, bitte: {}",
    "{} What is that in German?",
    "How do I say this in German? {}",
)

FRENCH_WORDING: tuple[str, ...] = (
    "Say in French: {}",
    "Translate into French: {}",
    "Write this in French: {}",
    "In French, please: {}",
    "Dis en français : {}",
    "En français, s'il vous plaît : {}",
    "{} What is that in French?",
    "How do I say this in French? {}",
)

GREETINGS: tuple[str, ...] = (
    "Hello",
    "Hi",
    "Hey",
    "Good day",
    "Good evening",
    "Greetings",
    "Hallo",
    "Bonjour",
)

WHO: tuple[str, ...] = (
    "Who are you?",
    "What are you?",
    "What is your name?",
    "What are you for?",
    "Tell me who you are.",
    "What can you do?",
    "Which model is this?",
    "Wer bist du?",
    "Qui es-tu ?",
)
