"""Four facts against what policy requires: every combination, and the three rules that hold for all."""

from __future__ import annotations

import itertools

import pytest

from steelyard.intake.admission import (
    APPROVAL,
    PUBLISHER_HASH,
    SCAN,
    SIGNATURE,
    approved_by_policy,
    decide_admission,
    missing_facts,
)
from steelyard.policy.options import TRUST_FACTS
from steelyard.store.records import PublisherHash, Scan, State, Trust

ALL = (PUBLISHER_HASH, SIGNATURE, SCAN, APPROVAL)
POLICIES = [frozenset(c) for n in range(5) for c in itertools.combinations(ALL, n)]
TRUSTS = [
    Trust(hash_, signed, scan, approved)
    for hash_ in PublisherHash
    for signed in (None, "a key")
    for scan in Scan
    for approved in (None, "policy")
]


def test_policy_and_admission_call_the_facts_by_the_same_names() -> None:
    assert TRUST_FACTS == ALL


@pytest.mark.parametrize(
    "required", POLICIES, ids=lambda policy: "+".join(sorted(policy)) or "none"
)
def test_the_state_follows_from_the_facts(required: frozenset[str]) -> None:
    for trust in TRUSTS:
        state = decide_admission(trust, required)
        if trust.publisher_hash is PublisherHash.DIFFERS:
            assert state is State.QUARANTINED
        elif state is State.ADMITTED:
            assert missing_facts(trust, required) == ()
        elif state is State.VERIFIED:
            assert missing_facts(trust, required)
            assert trust.scan is Scan.CLEAN or SCAN not in required
        else:
            assert SCAN in required
            assert (state, trust.scan) in (
                (State.REJECTED, Scan.FINDINGS),
                (State.QUARANTINED, Scan.NOT_RUN),
            )


def test_policy_approves_only_where_it_asks_for_nobody() -> None:
    assert approved_by_policy(frozenset({SCAN})) == "policy"
    assert approved_by_policy(frozenset({APPROVAL})) is None
