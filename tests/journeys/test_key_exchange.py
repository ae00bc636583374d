"""Two people exchange a key: one makes and exports it, the other compares the fingerprint and trusts it."""

from __future__ import annotations

from pathlib import Path

from journeys.conftest import Program

PASSPHRASE = "never to be seen again"


def test_a_key_is_made_carried_trusted_and_revoked(tmp_path: Path) -> None:
    sender, receiver = Program(tmp_path / "sender"), Program(tmp_path / "receiver")

    made = sender(
        *("key", "create", "anna", "--passphrase-variable", "ANNAS", "--json"), ANNAS=PASSPHRASE
    )
    assert made.result["key"]["protected"]
    fingerprint = made.result["key"]["fingerprint"]
    assert fingerprint.startswith("sha256:")

    carried = tmp_path / "stick" / "anna.pub.pem"
    carried.parent.mkdir()
    exported = sender("key", "export", "anna", "--out", carried)
    assert exported.code == 0
    assert b"PRIVATE" not in carried.read_bytes()
    spoken = next(line for line in exported.stdout.splitlines() if "Fingerprint" in line)

    def trust(told: str) -> tuple[int, str]:
        answer = receiver(
            *("key", "trust", carried, "--as", "anna", "--fingerprint", told, "--json")
        )
        return answer.code, "" if answer.document["ok"] else answer.error["code"]

    assert trust("sha256:" + "0" * 64) == (1, "fingerprint-differs")
    # The way it is read aloud, in groups.
    assert trust(spoken.removeprefix("Fingerprint").strip()) == (0, "")

    revoked = receiver("key", "revoke", "anna", "--reason", "her laptop was stolen", "--json")
    assert revoked.result["key"]["state"] == "revoked"
    listed = receiver("key", "list", "--json").result["keys"]
    (known,) = [key for key in listed if key["origin"] == "user"]
    assert known["fingerprint"] == fingerprint
    assert known["revoked_reason"] == "her laptop was stolen"

    for program in (sender, receiver):
        log = (program.home / "data" / "audit" / "entries.jsonl").read_text()
        assert fingerprint in log
        assert PASSPHRASE not in log
