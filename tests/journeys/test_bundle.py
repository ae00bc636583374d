"""A model carried across an air gap: two installations, no network, sticks with parts and damage, and back."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bundles.carrying import LARGE, MIB, README, flip, large_llama
from formats.gguf_builder import tiny_llama
from journeys.conftest import Answer, Program
from steelyard.cli.main import run

PART_BYTES = MIB


@dataclass
class Here(Program):
    """The same command lines in this process, without the second that a new one takes to start."""

    def __call__(self, *arguments: str | Path, stdin: str = "", **environment: str) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {"STEELYARD_HOME": str(self.home), **environment}.items():
                patch.setenv(name, value)
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = run([str(argument) for argument in arguments])
        return Answer(code, out.getvalue(), err.getvalue())


@dataclass
class Desk:
    """One side, offline."""

    program: Program

    def __call__(self, *arguments: str | Path, **environment: str) -> Answer:
        return self.program("--offline", *arguments, "--json", **environment)

    def apart(self, *arguments: str | Path) -> Answer:
        """In a process of its own, as people and scripts start it."""
        return Program(self.program.home)("--offline", *arguments, "--json")

    def key(self, name: str) -> str:
        """Make a key; its fingerprint."""
        return str(self("key", "create", name).result["key"]["fingerprint"])

    def trust(self, other: Desk, name: str, folder: Path, called: str) -> None:
        """Carry a public key over and believe it by its fingerprint."""
        exported = other("key", "export", name, "--out", folder / f"{name}.pem").result
        told = ("--as", called, "--fingerprint", exported["fingerprint"])
        assert self("key", "trust", exported["path"], *told).code == 0

    def models(self) -> dict[str, dict[str, Any]]:
        return {m["name"]: m for m in self("model", "list").result["models"]}


@dataclass
class Gap:
    """A connected side, an isolated side and the stick between."""

    low: Desk
    high: Desk
    stick: Path
    model: str


@pytest.fixture(scope="session")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Gap:
    """Keys made and trusted both ways, a model taken in on the low side, a bundle of it on the stick."""
    root = tmp_path_factory.mktemp("gap")
    low, high = Desk(Here(root / "low")), Desk(Here(root / "high"))
    stick = root / "stick"
    stick.mkdir()
    folder = root / "model"
    folder.mkdir()
    (folder / "large.gguf").write_bytes(LARGE["large.gguf"])
    (folder / "README.md").write_bytes(README)
    low.key("anna")
    low.key("ben")
    high.key("clara")
    taken = low("model", "import", folder / "large.gguf").result["model"]
    made = low.apart(
        "bundle", "create", "starter", taken["name"], "--out", stick / "x.steelyard",
        "--sign", "anna", "--sign", "ben", "--split", str(PART_BYTES), "--with-evals", "--with-notes",
    )  # fmt: skip
    assert made.code == 0, made.stdout
    assert len(made.result["parts"]) > 3
    high.trust(low, "anna", root, "low-anna")
    low.trust(high, "clara", root, "high-clara")
    return Gap(low, high, stick, taken["name"])


@pytest.fixture
def gap(crossed: Gap, tmp_path: Path) -> Gap:
    """The same, each test with its own copy of the high side and the stick."""
    high = tmp_path / "high"
    shutil.copytree(crossed.high.program.home, high)
    stick = tmp_path / "stick"
    shutil.copytree(crossed.stick, stick)
    return Gap(crossed.low, Desk(Here(high)), stick, crossed.model)


def problems(answer: Answer) -> list[str]:
    return [problem["kind"] for problem in answer.result["problems"]]


def test_the_whole_way_there_and_back(gap: Gap) -> None:
    first = gap.stick / "x.steelyard.001"
    inspected = gap.high.apart("bundle", "inspect", first)
    assert inspected.code == 0, inspected.stdout
    assert inspected.result["ok"]
    assert inspected.result["serial"] == 1
    assert {(s["name"], s["trusted"]) for s in inspected.result["signers"]} == {
        ("low-anna", True),
        ("", False),
    }
    here = {m["name"]: m["in_store"] for m in inspected.result["models"]}
    assert here == {"starter": True, gap.model: False}
    assert inspected.result["checked_bytes"] == 0
    kinds = {file["kind"] for file in inspected.result["files"]}
    assert kinds >= {"weights", "license", "bom", "approval", "proof", "blocks"}

    verified = gap.high.apart("bundle", "verify", first)
    assert (verified.code, verified.result["ok"], problems(verified)) == (0, True, [])
    assert verified.result["checked_bytes"] > len(LARGE["large.gguf"])

    imported = gap.high.apart("bundle", "import", first)
    assert imported.code == 0, imported.stdout
    assert {m["outcome"] for m in imported.result["models"]} == {"admitted"}
    assert imported.result["bytes_fetched"] == len(LARGE["large.gguf"])
    assert imported.result["proven_entries"] > 0
    model = gap.high.models()[gap.model]
    assert (model["state"], model["trust"]["signed_by"]) == ("admitted", "low-anna")
    assert gap.high.models()["starter"]["trust"]["signed_by"] == "low-anna"
    assert gap.high.apart("model", "verify", "--all").result["ok"]

    receipt = Path(imported.result["receipt"])
    assert receipt.parent == gap.stick
    checked = gap.low.apart("bundle", "receipt", receipt)
    assert checked.code == 0, checked.stdout
    assert checked.result["receiver"] == "clara"
    assert {m["outcome"] for m in checked.result["models"]} == {"admitted"}
    assert [s["name"] for s in checked.result["signers"]] == ["high-clara"]

    events = [(e["event"], e["outcome"]) for e in gap.high.apart("audit", "list").result["entries"]]
    assert ("bundle.import", "done") in events
    assert ("bundle.verify", "done") in events
    assert gap.high.apart("audit", "verify").result["ok"]
    assert gap.low.apart("audit", "verify").result["ok"]


def test_a_missing_part_is_named_and_nothing_is_copied(gap: Gap) -> None:
    (gap.stick / "x.steelyard.002").unlink()
    first = gap.stick / "x.steelyard.001"
    looked = gap.high("bundle", "inspect", first)
    assert (looked.code, problems(looked)) == (1, ["part-missing"])
    assert looked.result["problems"][0]["path"] == "x.steelyard.002"
    imported = gap.high("bundle", "import", first)
    assert (imported.code, imported.error["code"]) == (5, "bundle-part-missing")
    assert imported.error["facts"]["missing"] == ["x.steelyard.002"]
    assert gap.model not in gap.high.models()


def test_one_flipped_byte_is_mended_from_a_second_copy(gap: Gap) -> None:
    second = gap.stick / "second"
    second.mkdir()
    for part in gap.stick.glob("x.steelyard.*"):
        shutil.copyfile(part, second / part.name)
    whole = b"".join(p.read_bytes() for p in sorted(gap.stick.glob("x.steelyard.0*")))
    at = whole.index(LARGE["large.gguf"][2 * MIB : 2 * MIB + 64])
    flip(gap.stick / f"x.steelyard.{at // PART_BYTES + 1:03d}", at % PART_BYTES)
    first = gap.stick / "x.steelyard.001"

    verified = gap.high("bundle", "verify", first)
    assert (verified.code, problems(verified)) == (1, ["mismatch"])
    assert verified.result["problems"][0]["block_ranges"] == [[2 * MIB, 3 * MIB]]
    imported = gap.high("bundle", "import", first)
    assert imported.code == 1
    assert {m["name"]: m["outcome"] for m in imported.result["models"]} == {
        "starter": "admitted",
        gap.model: "damaged",
    }
    assert imported.result["receipt"] is None
    mended = gap.high("bundle", "import", first, "--second", second / "x.steelyard.001")
    assert mended.code == 0, mended.stdout
    assert mended.result["repaired_bytes"] == MIB
    assert mended.result["bytes_fetched"] == 0
    assert mended.result["receipt"]
    assert gap.high("model", "verify", gap.model).result["ok"]


def test_an_old_number_is_refused_until_a_person_accepts_it(gap: Gap) -> None:
    first = gap.stick / "x.steelyard.001"
    assert gap.high("bundle", "import", first).code == 0
    looked = gap.high("bundle", "inspect", first)
    assert (looked.code, problems(looked)) == (1, ["old-serial"])
    assert gap.high("bundle", "verify", first).result["ok"]  # its bytes are right all the same
    again = gap.high("bundle", "import", first)
    assert (again.code, again.error["code"]) == (1, "old-serial")
    accepted = gap.high("bundle", "import", first, "--accept-old-serial")
    assert accepted.code == 0
    entries = gap.high("audit", "list", "--text", "old_serial_accepted").result["entries"]
    assert entries


def test_an_untrusted_key_a_revoked_key_and_two_of_n(
    gap: Gap, crossed: Gap, tmp_path: Path
) -> None:
    first = gap.stick / "x.steelyard.001"
    stranger = Desk(Here(tmp_path / "stranger"))
    looked = stranger("bundle", "inspect", first)
    assert (looked.code, problems(looked)) == (1, ["untrusted"])
    assert looked.result["models"] == []
    refused = stranger("bundle", "import", first)
    assert (refused.code, refused.error["code"]) == (1, "signer-unknown")

    two = {"STEELYARD_BUNDLES_SIGNERS_NEEDED": "2"}
    short = gap.high("bundle", "import", first, **two)
    assert (short.code, short.error["code"]) == (1, "too-few-signers")
    gap.high.trust(crossed.low, "ben", tmp_path, "low-ben")
    enough = gap.high("bundle", "verify", first, **two)
    assert (enough.code, enough.result["ok"]) == (0, True)

    for name in ("low-anna", "low-ben"):
        assert gap.high("key", "revoke", name, "--reason", "the laptop was stolen").code == 0
    revoked = gap.high("bundle", "import", first)
    assert (revoked.code, revoked.error["code"]) == (1, "signer-revoked")
    assert gap.model not in gap.high.models()


def test_an_unsigned_bundle_says_so_and_is_refused_unless_policy_allows(
    gap: Gap, tmp_path: Path
) -> None:
    out = tmp_path / "plain"
    made = gap.low("bundle", "create", "starter", "--out", out, "--no-proofs")
    assert (made.code, problems(made)) == (0, ["unsigned"])
    assert "proof" not in {file["kind"] for file in made.result["files"]}
    refused = gap.high("bundle", "import", out)
    assert (refused.code, refused.error["code"]) == (1, "unsigned")
    allowed = gap.high("bundle", "import", out, STEELYARD_BUNDLES_ALLOW_UNSIGNED="true")
    assert allowed.code == 0, allowed.stdout
    assert allowed.result["receipt"] is None
    assert gap.high.models()["starter"]["trust"]["signed_by"] is None


def test_evaluation_runs_arrive_as_their_sender_s_word(gap: Gap, tmp_path: Path) -> None:
    run = gap.low("eval", "run", "starter-check", "starter").result["run_id"]
    out = tmp_path / "with-evals"
    made = gap.low(
        "bundle", "create", "starter", "--out", out, "--sign", "anna", "--with-evals"
    ).result
    assert f"runs/starter/{run}.json" in {file["path"] for file in made["files"]}
    imported = gap.high("bundle", "import", out).result
    assert run in imported["runs"]
    shown = gap.high("eval", "show", run).result
    assert shown["run"]["origin"] == f"low-anna, bundle {made['serial']}"
    assert shown["samples"]
    assert gap.high.models()["starter"]["gate"] is None


def test_people_read_what_happened_in_sentences(gap: Gap, tmp_path: Path) -> None:
    first = gap.stick / "x.steelyard.001"
    program = gap.high.program
    assert "Nothing is wrong with it." in program("bundle", "verify", first).stdout
    imported = program("bundle", "import", first)
    assert "Receipt to carry back" in imported.stdout
    assert re.search(rf"{gap.model}\s+admitted", imported.stdout)
    again = program("bundle", "import", first)
    assert (again.code, again.stdout) == (1, "")
    assert "already" in again.stderr
    stranger = Here(tmp_path / "stranger")
    assert "It would not be taken in." in stranger("bundle", "inspect", first).stdout
    wrong = program("bundle", "create", "starter", "--out", tmp_path / "y", "--split", "4X")
    assert wrong.code == 2
    assert "Traceback" not in wrong.stderr


def test_a_hostile_model_in_a_signed_bundle_is_held(gap: Gap, tmp_path: Path) -> None:
    """Even a trusted sender's model is judged by this installation."""
    path = tmp_path / "late.gguf"
    path.write_bytes(tiny_llama(general__name="late"))
    low = Desk(Here(tmp_path / "low"))
    shutil.copytree(gap.low.program.home, low.program.home)
    low("model", "import", path)
    blob = next((low.program.home / "data" / "store" / "models" / "late").iterdir())
    blob.chmod(0o600)
    blob.write_bytes(large_llama(1000))
    refused = low("bundle", "create", "late", "--out", tmp_path / "late", "--sign", "anna")
    assert (refused.code, refused.error["code"]) == (1, "damaged")
    assert not (tmp_path / "late").exists()
