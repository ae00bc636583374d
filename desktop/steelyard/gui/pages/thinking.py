"""Tells the thinking part of an answer from the answer proper, also while it is still being written."""

from __future__ import annotations

from dataclasses import dataclass

OPENING = "<think>"
CLOSING = "</think>"


@dataclass(frozen=True)
class Parts:
    """What an answer consists of so far. `open`: the thinking part has not ended yet."""

    thinking: str
    answer: str
    open: bool


def split(text: str) -> Parts:
    """Split an answer that may begin with a thinking part between `<think>` tags.

    Some templates put the opening tag into the prompt; then the answer holds only the closing one.
    """
    head, closed, rest = text.partition(CLOSING)
    if closed:
        return Parts(head.removeprefix(OPENING).strip(), rest.lstrip("\n"), open=False)
    lead = text.lstrip()
    if lead.startswith(OPENING):
        return Parts(lead[len(OPENING) :].strip(), "", open=True)
    # The tag itself may still be arriving; showing half of it would flicker.
    if lead and OPENING.startswith(lead):
        return Parts("", "", open=True)
    return Parts("", text, open=False)
