"""Which state a judged model gets: its trust facts held against those that policy requires."""

from __future__ import annotations

from steelyard.store.records import PublisherHash, Scan, State, Trust

PUBLISHER_HASH = "publisher-hash"
SIGNATURE = "signature"
SCAN = "scan"
APPROVAL = "approval"

DEFAULT_REQUIRED = frozenset({SCAN})
"""Policy's default (`admission.required`): the structure scan must have passed."""


def decide_admission(trust: Trust, required: frozenset[str]) -> State:
    """The state that follows from four facts.

    Bytes that differ from their publisher's hash stay quarantined whatever policy says. A failed scan rejects
    where policy requires one. What is whole but lacks another required fact waits as `verified`.

    Args:
        required: any of `publisher-hash`, `signature`, `scan`, `approval`.
    """
    if trust.publisher_hash is PublisherHash.DIFFERS:
        return State.QUARANTINED
    if SCAN in required and trust.scan is Scan.FINDINGS:
        return State.REJECTED
    if SCAN in required and trust.scan is Scan.NOT_RUN:
        return State.QUARANTINED
    return State.VERIFIED if missing_facts(trust, required) else State.ADMITTED


def missing_facts(trust: Trust, required: frozenset[str]) -> tuple[str, ...]:
    """The required facts that do not hold, in the order people name them."""
    holds = {
        PUBLISHER_HASH: trust.publisher_hash is PublisherHash.MATCHES,
        SIGNATURE: trust.signed_by is not None,
        SCAN: trust.scan is Scan.CLEAN,
        APPROVAL: trust.approved_by is not None,
    }
    return tuple(fact for fact, true in holds.items() if fact in required and not true)


def approved_by_policy(required: frozenset[str]) -> str | None:
    """`policy` where policy asks for no person's approval, else None: nobody yet."""
    return None if APPROVAL in required else "policy"
