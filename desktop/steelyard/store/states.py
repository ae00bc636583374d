"""The life of a model: which state may follow which.

`quarantined` means the bytes may not be used: they were not judged, were not found good, or were good and
have changed since. `retired` means the record is kept and the bytes are gone; importing them again revives
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from steelyard.store.errors import IllegalTransition
from steelyard.store.records import State

TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.EXPECTED: frozenset({State.FETCHING, State.RETIRED}),
        State.FETCHING: frozenset({State.QUARANTINED, State.RETIRED}),
        State.QUARANTINED: frozenset(
            {State.VERIFIED, State.ADMITTED, State.REJECTED, State.RETIRED}
        ),
        State.VERIFIED: frozenset(
            {State.ADMITTED, State.QUARANTINED, State.REJECTED, State.RETIRED}
        ),
        State.ADMITTED: frozenset(
            {State.VERIFIED, State.QUARANTINED, State.REJECTED, State.RETIRED}
        ),
        State.REJECTED: frozenset(
            {State.QUARANTINED, State.VERIFIED, State.ADMITTED, State.RETIRED}
        ),
        State.RETIRED: frozenset(
            {State.QUARANTINED, State.VERIFIED, State.ADMITTED, State.REJECTED}
        ),
    }
)
"""From each state, the states that may follow."""

JUDGED_ANEW = frozenset({State.REJECTED, State.RETIRED})
"""Out of these only judging the bytes anew leads: `Store.admit` and `Store.hold`, not `Store.set_state`."""

IN_STORE = frozenset({State.VERIFIED, State.ADMITTED})
"""States a model can only have while its files are in the store, whole."""


def check_transition(old: State, new: State) -> None:
    """Raise unless `new` may follow `old`; staying in a state is allowed.

    Raises:
        IllegalTransition: with both as facts.
    """
    if new != old and new not in TRANSITIONS[old]:
        raise IllegalTransition(
            f"A model that is {old} cannot become {new}.",
            next_step=f"From {old} it can become {', '.join(sorted(TRANSITIONS[old]))}.",
            **{"from": old.value, "to": new.value},
        )
