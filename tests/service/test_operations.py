"""What holds for every operation: a command for each, no network while offline, exactly its entries."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from steelyard.base.errors import Cancelled, RefusedByPolicy, SteelyardError
from steelyard.base.paths import Home
from steelyard.base.progress import CancelToken
from steelyard.cli.call import COVERED
from steelyard.cli.main import app
from steelyard.service import Steelyard
from steelyard.service import requests as ask
from steelyard.service.operation import Operation, operation, registry, to_json

OPERATIONS = sorted(registry().values(), key=lambda op: op.name)
NAMES = [op.name for op in OPERATIONS]

SAMPLES: dict[str, Any] = {
    "audit.check": ask.CheckEvidence(Path("no-such-file")),
    "audit.checkpoint": ask.MakeCheckpoint(),
    "audit.export": ask.ExportAudit(Path("no-such-folder") / "log.csv", "csv"),
    "audit.list": ask.ListAudit(),
    "audit.prove": ask.ProveEntry(1, Path("no-such-folder") / "entry.json"),
    "audit.verify": ask.VerifyAudit(),
    "audit.witness": ask.WitnessLog(Path("no-such-file"), "ben", Path("no-such-folder") / "x"),
    "audit.witnessed": ask.TakeWitnessed(Path("no-such-file")),
    "bundle.create": ask.CreateBundle(("no-such-model",), Path("no-such-folder/x")),
    "bundle.import": ask.ImportBundle(Path("no-such-bundle")),
    "bundle.inspect": ask.InspectBundle(Path("no-such-bundle")),
    "bundle.receipt": ask.CheckReceipt(Path("no-such-file")),
    "bundle.verify": ask.VerifyBundle(Path("no-such-bundle")),
    "catalog.add": ask.AddSource("stick", "folder", "/media/stick"),
    "catalog.drop": ask.RemoveSource("no-such-source"),
    "catalog.publish": ask.PublishCatalog(Path("no-such-folder"), ("no-such-model",)),
    "catalog.refresh": ask.RefreshCatalog(source="no-such-source"),
    "catalog.search": ask.SearchCatalog("qwen"),
    "catalog.show": ask.ShowEntry("Qwen/Qwen3-8B"),
    "catalog.sources": ask.ListSources(),
    "eval.gate": ask.RunGate("no-such-model"),
    "eval.list": ask.ListRuns(),
    "eval.run": ask.RunSuite("starter-check", "no-such-model"),
    "eval.show": ask.ShowRun("no-such-run"),
    "eval.suites": ask.ListSuites(),
    "fit.ask": ask.AskFit("no-such-model"),
    "key.create": ask.CreateKey("anna", valid_days=1),
    "key.export": ask.ExportKey("nobody", Path("no-such-folder") / "nobody.pub.pem"),
    "key.list": ask.ListKeys(),
    "key.revoke": ask.RevokeKey("nobody", "for the record"),
    "key.trust": ask.TrustKey(Path("no-such-file"), "ben", ("bundle",), "0" * 64),
    "license.explain": ask.ExplainLicense("mit"),
    "license.identify": ask.IdentifyLicense(Path("no-such-file")),
    "license.show": ask.ShowLicense("starter"),
    "machine.probe": ask.ProbeMachine(engine=False),
    "model.adopt": ask.AdoptModel(Path("no-such-file")),
    "model.approve": ask.ApproveModel("starter", "for the record"),
    "model.bench": ask.Benchmark("no-such-model"),
    "model.bom": ask.MakeBom("starter"),
    "model.complete": ask.Complete("no-such-model", prompt="hello"),
    "model.find": ask.FindModels(Path("no-such-folder")),
    "model.import": ask.ImportModel(Path("no-such-file")),
    "model.list": ask.ListModels(),
    "model.load": ask.LoadModel("no-such-model"),
    "model.pin": ask.PinModel("starter", "for the record"),
    "model.pull": ask.PullModel("owner/name", file="x.gguf", endpoint="http://127.0.0.1:9"),
    "model.remove": ask.RemoveModel("starter", dry_run=True),
    "model.show": ask.ShowModel("starter"),
    "model.unload": ask.UnloadModel("starter"),
    "model.verify": ask.VerifyModels("starter"),
    "transfer.discard": ask.DiscardTransfer("no-such-transfer"),
    "transfer.list": ask.ListTransfers(),
    "transfer.resume": ask.ResumeTransfer("no-such-transfer"),
    "network.connections": ask.ListConnections(),
    "policy.check": ask.CheckPolicy(Path("no-such-file")),
    "policy.set": ask.ChangeSetting("window.theme", "dark"),
    "policy.show": ask.ShowPolicy(),
    "policy.simulate": ask.SimulatePolicy("starter"),
    "policy.template": ask.WritePolicy(),
    "privacy.preview": ask.PreviewStorage("my name is Ada Lovelace"),
    "program.qualify": ask.Qualify(operation=False),
    "program.version": ask.ShowVersion(),
    "store.collect": ask.CollectGarbage(),
    "store.create": ask.MakeStore(Path("/dev/null/no-store")),
    "store.scrub": ask.ScrubStore(),
    "store.show": ask.ShowStore(),
}


@pytest.fixture
def desk(home: Home, tmp_path: Path) -> Iterator[Steelyard]:
    with Steelyard.open(home, environment={}, managed=tmp_path / "none.json") as opened:
        yield opened


@pytest.fixture
def offline_desk(home: Home, tmp_path: Path) -> Iterator[Steelyard]:
    with Steelyard.open(
        home, environment={}, flags={"network.offline": True}, managed=tmp_path / "none.json"
    ) as opened:
        yield opened


def entries(desk: Steelyard) -> list[tuple[str, str]]:
    return [(e.event.event, e.event.outcome.value) for e in desk.installation.log.entries()]


def test_the_samples_are_the_registry() -> None:
    assert sorted(SAMPLES) == NAMES
    for name, request in SAMPLES.items():
        assert isinstance(request, registry()[name].request)


def test_every_operation_has_a_command_and_every_command_an_operation() -> None:
    assert sorted(COVERED) == NAMES
    leaves = set()
    for command in vars(typer.main.get_command(app))["commands"].values():
        inner = vars(command).get("commands", {"": command}).values()
        leaves |= {leaf.callback.__name__ for leaf in inner if leaf.callback}
    assert leaves == {name for names in COVERED.values() for name in names}


@pytest.mark.parametrize("op", OPERATIONS, ids=NAMES)
def test_requests_and_results_are_frozen_and_have_a_json_form(op: Operation[Any, Any]) -> None:
    for kind in (op.request, op.result):
        assert dataclasses.is_dataclass(kind)
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # set by dataclass
    to_json(SAMPLES[op.name])


@pytest.mark.parametrize("op", OPERATIONS, ids=NAMES)
def test_each_operation_leaves_exactly_its_entries(
    op: Operation[Any, Any], desk: Steelyard
) -> None:
    try:
        desk.run(SAMPLES[op.name])
        end = "done"
    except RefusedByPolicy:
        end = "refused"
    except SteelyardError:
        end = "failed"
    expected = [(op.name, "begun"), (op.name, end)] if op.mutates else []
    assert entries(desk) == expected


@pytest.mark.parametrize("op", [op for op in OPERATIONS if op.network], ids=lambda op: op.name)
def test_a_network_operation_refuses_while_offline_and_says_so(
    op: Operation[Any, Any], offline_desk: Steelyard
) -> None:
    with pytest.raises(RefusedByPolicy) as caught:
        offline_desk.run(SAMPLES[op.name])
    assert caught.value.facts["key"] == "network.offline"
    assert entries(offline_desk)[-1] == (op.name, "refused")
    assert not any(c.allowed for c in offline_desk.run(ask.ListConnections()).connections)


def test_a_cancelled_operation_says_so_in_the_log(desk: Steelyard) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        desk.run(ask.VerifyModels("starter"), cancel=token)
    assert entries(desk)[-1] == ("model.verify", "cancelled")


def test_entries_name_the_model_by_digest_and_never_hold_a_prompt(desk: Steelyard) -> None:
    desk.run(ask.VerifyModels("starter"))
    with pytest.raises(SteelyardError):
        desk.run(ask.Complete("no-such-model", prompt="a very secret prompt"))
    last = list(desk.installation.log.entries())
    assert str(last[1].event.subject["digest"]).startswith("sha256:")
    assert all(b"very secret" not in entry.line for entry in last)


def test_nothing_is_done_when_the_log_cannot_be_written(desk: Steelyard) -> None:
    log = desk.installation.log
    desk.run(ask.VerifyModels("starter"))
    data = log.entries_file.read_bytes()
    log.entries_file.write_bytes(data[:-20])
    before = desk.installation.settings.text("window.theme")
    with pytest.raises(SteelyardError):
        desk.run(ask.ChangeSetting("window.theme", "dark"))
    assert desk.installation.settings.text("window.theme") == before


def test_an_operation_cannot_be_registered_twice() -> None:
    with pytest.raises(ValueError, match="twice"):

        @operation("model.list", summary="again")
        def again(context: object, request: ask.ListModels) -> ask.ModelList:
            raise AssertionError
