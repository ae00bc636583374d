"""Two machines: one keeps a log, the other witnesses it, and tells when it is written anew."""

from __future__ import annotations

from pathlib import Path

from journeys.conftest import Answer, Program


def exchange(giver: Program, taker: Program, key: str, stick: Path) -> None:
    """Carry a key for checkpoints, with the fingerprint told over another way."""
    file = stick / f"{key}.pub.pem"
    fingerprint = giver("key", "export", key, "--out", file, "--json").result["fingerprint"]
    trusted = taker(
        *("key", "trust", file, "--as", key, "--fingerprint", fingerprint),
        *("--for", "checkpoint", "--json"),
    )
    assert trusted.result["key"]["state"] == "in-force"


def test_a_log_is_witnessed_and_found_rewritten(tmp_path: Path) -> None:
    keeper, carol = Program(tmp_path / "keeper"), Program(tmp_path / "carol")
    stick = tmp_path / "stick"
    stick.mkdir()

    def checkpoint(name: str) -> Answer:
        return keeper("audit", "checkpoint", "--for-witness", stick / name, "--json")

    def witness(name: str) -> Answer:
        signed = stick / f"{name}.signed"
        return carol("audit", "witness", stick / name, "--key", "carol", "--out", signed, "--json")

    carol("key", "create", "carol", "--purpose", "checkpoint", "--json")
    made = checkpoint("first").result
    exchange(carol, keeper, "carol", stick)
    exchange(keeper, carol, "audit-log", stick)
    assert witness("first").result["before"] == 0
    taken = keeper("audit", "witnessed", stick / "first.signed", "--json").result
    assert taken["witnesses"] == ["carol"]
    verified = keeper("audit", "verify", "--from", stick / "first.signed", "--json").result
    assert verified["ok"]
    assert verified["witnessed_to"] == verified["compared_with"] == made["size"]

    # Whoever holds the key writes the log anew. On its own machine nothing shows.
    for file in (keeper.home / "data" / "audit").rglob("*"):
        if file.is_file() and file.name != "origin":
            file.unlink()
    checkpoint("again")
    told = keeper("audit", "verify", "--from", stick / "first.signed", "--json")
    assert (told.code, told.result["problem"]["kind"]) == (1, "checkpoint")
    size = made["size"]
    keeper(
        *("audit", "checkpoint", "--since", str(size), "--for-witness", stick / "second", "--json")
    )
    refused = witness("second")
    assert (refused.code, refused.error["code"]) == (1, "checkpoint-refused")
    assert refused.error["facts"]["kind"] == "history"
