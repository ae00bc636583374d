"""Policy's rules where they bite: at load, at approval, before a file is rolled out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from formats.gguf_builder import small_gguf
from steelyard.base.errors import Json
from steelyard.base.paths import Home
from steelyard.policy.errors import GateNeeded, ModelNotAllowed, NotAnApprover
from steelyard.service import Steelyard
from steelyard.service import requests as ask

Open = Callable[..., Steelyard]


@pytest.fixture
def open_with(home: Home, tmp_path: Path) -> Iterator[Open]:
    """Open the installation under these settings."""
    with ExitStack() as stack:

        def opened(**flags: Json) -> Steelyard:
            values = {k.replace("__", ".").replace("_", "-"): v for k, v in flags.items()}
            return stack.enter_context(
                Steelyard.open(home, environment={}, flags=values, managed=tmp_path / "none.json")
            )

        yield opened


def test_a_denied_license_is_not_loaded_nor_approved_and_both_are_recorded(open_with: Open) -> None:
    desk = open_with(models__denied_licenses=["apache-2.0"])
    with pytest.raises(ModelNotAllowed, match="apache"):
        desk.run(ask.Complete("starter", prompt="hello"))
    with pytest.raises(ModelNotAllowed):
        desk.run(ask.ApproveModel("starter"))
    outcomes = [(e.event.event, e.event.outcome.value) for e in desk.installation.log.entries()]
    assert ("model.complete", "refused") in outcomes
    assert ("model.approve", "refused") in outcomes


def test_only_listed_accounts_approve_and_with_a_reason(open_with: Open) -> None:
    with pytest.raises(NotAnApprover, match="not among the accounts"):
        open_with(approval__accounts=["somebody-else"]).run(ask.ApproveModel("starter", "why"))
    careful = open_with(approval__reason_required=True)
    with pytest.raises(NotAnApprover, match="needs a reason"):
        careful.run(ask.ApproveModel("starter", "  "))
    approved = careful.run(ask.ApproveModel("starter", "checked by hand"))
    assert approved.model.trust.approved_by not in (None, "policy")


def test_a_needed_trust_fact_is_asked_for_again_at_load(open_with: Open) -> None:
    desk = open_with(load__required=["signature"])
    with pytest.raises(ModelNotAllowed, match="it lacks: signature"):
        desk.run(ask.LoadModel("starter"))


def test_a_model_is_used_only_after_its_gate_and_evaluated_before_it(open_with: Open) -> None:
    desk = open_with(load__gate="fast-gate")
    with pytest.raises(GateNeeded) as caught:
        desk.run(ask.Complete("starter", prompt="hello"))
    assert "steelyard eval gate starter" in (caught.value.next_step or "")
    desk.run(ask.RunSuite("starter-check", "starter"))


def test_checking_a_file_says_what_it_would_change_here(open_with: Open, tmp_path: Path) -> None:
    desk = open_with()
    file = tmp_path / "rollout.json"
    file.write_text(
        json.dumps(
            {
                "network.offline": {"Value": True, "Locked": True},
                "models.allowed-licenses": {"Value": ["mit"]},
            }
        )
    )
    checked = desk.run(ask.CheckPolicy(file))
    assert checked.ok
    assert [(c.key, c.new, c.locked) for c in checked.changes] == [
        ("network.offline", True, True),
        ("models.allowed-licenses", ["mit"], True),
    ]
    verdict = next(v for v in checked.models if v.model == "starter")
    assert (verdict.now, verdict.then) == (True, False)
    assert "models.allowed-licenses" in verdict.objections[0]
    assert not desk.run(ask.SimulatePolicy("starter", file)).verdict.then
    assert desk.run(ask.SimulatePolicy("starter")).verdict.then


def test_a_file_that_would_be_safe_mode_is_said_to_be_so(open_with: Open, tmp_path: Path) -> None:
    file = tmp_path / "rollout.json"
    file.write_text('{"network.ofline": {"Value": true}}')
    checked = open_with().run(ask.CheckPolicy(file))
    assert not checked.ok
    assert "network.ofline" in checked.problems[0]


def test_a_model_policy_objects_to_is_taken_in_as_verified_with_the_reason(
    open_with: Open, tmp_path: Path
) -> None:
    file = tmp_path / "nameless.gguf"
    file.write_bytes(small_gguf())
    strict = open_with(models__denied_licenses=["unknown"])
    taken = strict.run(ask.ImportModel(file))
    assert taken.model.state == "verified"
    assert "models.denied-licenses" in taken.model.reason
    with pytest.raises(ModelNotAllowed):
        strict.run(ask.ApproveModel(taken.model.name))
    assert open_with().run(ask.ApproveModel(taken.model.name)).model.state == "admitted"
