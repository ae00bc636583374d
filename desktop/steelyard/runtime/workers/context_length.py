"""How long a context to make: the same rule for every engine."""

from __future__ import annotations

from steelyard.runtime.errors import ContextTooLong

DEFAULT_CONTEXT_TOKENS = 8192
"""Taken when none is asked for: enough to work with, and its cache fits beside other programs."""


def context_length(trained: int, asked: int) -> int:
    """The context to make for a model trained for `trained` tokens (0: not known) when `asked` (0: choose).

    Raises:
        ContextTooLong: more is asked than the model was trained for; beyond that, answers decay.
    """
    if asked < 0 or (trained and asked > trained):
        raise ContextTooLong(
            f"The model was trained for {trained} tokens; {asked} were asked for.",
            next_step=f"Choose at most {trained} tokens."
            if trained
            else "Choose a positive number.",
            context_tokens=asked,
            trained_context_tokens=trained,
        )
    return asked or min(trained or DEFAULT_CONTEXT_TOKENS, DEFAULT_CONTEXT_TOKENS)


def check_room(prompt_tokens: int, limit_tokens: int, trained_tokens: int) -> None:
    """Refuse a prompt that leaves no room for an answer.

    Raises:
        ContextTooLong: with both numbers.
    """
    if prompt_tokens < limit_tokens:
        return
    raise ContextTooLong(
        f"The prompt has {prompt_tokens} tokens; the context holds {limit_tokens}, answer included.",
        next_step="Shorten the prompt or the conversation, or load the model with a longer context.",
        prompt_tokens=prompt_tokens,
        context_tokens=limit_tokens,
        trained_context_tokens=trained_tokens,
    )
