"""Signatures here verify with the public `model_signing` tool, and its signatures verify here."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signing.key_makers import NOW, make, trusting
from steelyard.base.digests import digest_of
from steelyard.signing import dsse, model_signing
from steelyard.signing.errors import (
    MalformedEnvelope,
    SignatureWrong,
    SignerUnknown,
    TooFewSigners,
    Unsigned,
    WrongDocument,
)
from steelyard.signing.key_record import Purpose
from steelyard.signing.own_keys import OwnKey
from steelyard.signing.trust import TrustList

SIGNATURES = "signatures"


@pytest.fixture
def anna(tmp_path: Path) -> OwnKey:
    return make(tmp_path / "keys")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with names that sort differently as text and as paths, and with paths the tool passes over."""
    root = tmp_path / "carried"
    for path in ("a/b.txt", "a.txt", "a-b/c", "ü/é.bin", ".gitattributes", ".github/x", "z"):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(path.encode())
    (root / SIGNATURES).mkdir()
    (root / SIGNATURES / "readme").write_text("nothing here is signed")
    return root


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): digest_of(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != SIGNATURES
    }


def verify(*files: bytes, trust: TrustList, needed: int = 1) -> dsse.Verified:
    return model_signing.verify(files, trust=trust, purpose=Purpose.BUNDLE, at=NOW, needed=needed)


def theirs_says(folder: Path, signature: Path, public_key: Path) -> None:
    """Verify with the real package; it raises where it does not verify."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own dependencies warn at import
        from model_signing import hashing, verifying

        config = hashing.Config().set_ignored_paths(paths=[], ignore_git_paths=False)
        verifying.Config().use_elliptic_key_verifier(public_key=public_key).set_hashing_config(
            config
        ).verify(folder, signature)


def test_the_public_package_verifies_ours(folder: Path, anna: OwnKey, tmp_path: Path) -> None:
    statement = model_signing.statement_for(digests(folder), "carried", ignored=[SIGNATURES])
    signature = folder / SIGNATURES / "anna.sig"
    signature.write_bytes(model_signing.sign(statement, anna))
    public_key = tmp_path / "keys" / "anna.pub.pem"
    theirs_says(folder, signature, public_key)
    (folder / "z").write_bytes(b"changed")
    with pytest.raises(ValueError, match="Hash mismatch for 'z'"):
        theirs_says(folder, signature, public_key)
    (folder / "z").write_bytes(b"z")
    (folder / ".github" / "smuggled").write_bytes(b"more")
    with pytest.raises(ValueError, match="smuggled"):
        theirs_says(folder, signature, public_key)


def test_the_public_command_verifies_ours_and_we_verify_its_own(
    folder: Path, anna: OwnKey, tmp_path: Path
) -> None:
    def run(*arguments: str) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "model_signing", *arguments, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr

    ours = tmp_path / "ours.sig"
    statement = model_signing.statement_for(digests(folder), "carried", ignored=[SIGNATURES])
    ours.write_bytes(model_signing.sign(statement, anna))
    public, private = (str(tmp_path / "keys" / f"anna.{kind}.pem") for kind in ("pub", "key"))
    run(
        *("verify", "key", "--no-ignore-git-paths", "--public_key", public, "--signature"),
        str(ours),
    )
    theirs = tmp_path / "theirs.sig"
    run(
        *("sign", "key", "--no-ignore-git-paths", "--private_key", private),
        *("--ignore-paths", str(folder / SIGNATURES), "--signature", str(theirs)),
    )
    found = verify(theirs.read_bytes(), trust=trusting(anna.record))
    read = model_signing.read_statement(found.payload)
    assert read.files == digests(folder)
    assert read.name == "carried"
    assert SIGNATURES in read.ignored
    assert read.digest == model_signing.read_statement(statement).digest


def test_several_signers_write_several_files_over_one_statement(
    folder: Path, anna: OwnKey, tmp_path: Path
) -> None:
    ben = make(tmp_path / "ben", "ben")
    statement = model_signing.statement_for(digests(folder), "carried")
    files = [model_signing.sign(statement, key) for key in (anna, ben)]
    trust = trusting(anna.record, ben.record)
    assert [s.name for s in verify(*files, trust=trust, needed=2).signers] == ["anna", "ben"]
    with pytest.raises(TooFewSigners):
        verify(files[0], files[0], trust=trust, needed=2)
    other = model_signing.statement_for({"a": "0" * 64}, "carried")
    with pytest.raises(MalformedEnvelope, match="different lists"):
        verify(files[0], model_signing.sign(other, ben), trust=trust)


def test_no_signature_file_an_unknown_signer_and_a_changed_list_are_told_apart(
    folder: Path, anna: OwnKey, tmp_path: Path
) -> None:
    statement = model_signing.statement_for(digests(folder), "carried")
    data = model_signing.sign(statement, anna)
    with pytest.raises(Unsigned):
        verify(trust=trusting(anna.record))
    with pytest.raises(SignerUnknown):
        verify(data, trust=trusting(make(tmp_path / "ben", "ben").record))
    document = json.loads(data)
    other = model_signing.statement_for({"a": "0" * 64}, "carried")
    import base64

    document["dsseEnvelope"]["payload"] = base64.b64encode(other).decode()
    with pytest.raises(SignatureWrong):
        verify(json.dumps(document).encode(), trust=trusting(anna.record))


BREAKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "another media type": lambda d: d.update(mediaType="application/json"),
    "no envelope": lambda d: d.pop("dsseEnvelope"),
    "a message signature": lambda d: d.update(dsseEnvelope=None, messageSignature={}),
}


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS.keys())
def test_a_file_of_another_form_is_refused(
    anna: OwnKey, change: Callable[[dict[str, Any]], object]
) -> None:
    document = json.loads(model_signing.sign(model_signing.statement_for({}, "x"), anna))
    change(document)
    with pytest.raises(MalformedEnvelope):
        verify(json.dumps(document).encode(), trust=trusting(anna.record))


def test_an_envelope_for_another_document_is_refused(anna: OwnKey) -> None:
    document = json.loads(model_signing.sign(model_signing.statement_for({}, "x"), anna))
    document["dsseEnvelope"] = json.loads(dsse.sign(b"{}", "application/vnd.other", [anna]))
    with pytest.raises(WrongDocument):
        verify(json.dumps(document).encode(), trust=trusting(anna.record))


def altered(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(model_signing.statement_for({"a": "1" * 64, "b/c": "2" * 64}, "x"))
    change(document)
    return json.dumps(document).encode()


def consistent(names: list[str]) -> bytes:
    """A statement whose digest is right, with these names as they are."""
    resources = [{"name": name, "algorithm": "sha256", "digest": "1" * 64} for name in names]
    document = json.loads(model_signing.statement_for({}, "x"))
    document["predicate"]["resources"] = resources
    digest = hashlib.sha256(bytes.fromhex("1" * 64) * len(names)).hexdigest()
    document["subject"][0]["digest"]["sha256"] = digest
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "names",
    [["../x"], ["/x"], ["a//b"], ["a/./b"], ["a\\b"], [""], ["a/"], ["x", "x"], ["a\0"]],
    ids=str,
)
def test_a_statement_naming_paths_twice_or_outside_is_refused(names: list[str]) -> None:
    assert model_signing.read_statement(consistent(["fine", "a/b"])).files
    with pytest.raises(MalformedEnvelope):
        model_signing.read_statement(consistent(names))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(_type="https://in-toto.io/Statement/v0"),
        lambda d: d.update(predicateType="https://slsa.dev/provenance/v1"),
        lambda d: d.update(subject=[]),
        lambda d: d.update(subject=d["subject"] * 2),
        lambda d: d["subject"][0]["digest"].update(sha256="0" * 64),
        lambda d: d["predicate"]["serialization"].update(method="shards"),
        lambda d: d["predicate"]["serialization"].update(hash_type="blake2b"),
        lambda d: d["predicate"]["serialization"].update(ignore_paths="signatures"),
        lambda d: d["predicate"]["resources"].pop(),
        lambda d: d["predicate"]["resources"].reverse(),
        lambda d: d["predicate"]["resources"][0].update(algorithm="blake3"),
        lambda d: d["predicate"]["resources"][0].update(digest="XYZ"),
        lambda d: d["predicate"].update(resources={}),
        lambda d: d.update(predicate=[]),
    ],
)
def test_a_statement_of_another_form_is_refused(
    change: Callable[[dict[str, Any]], object],
) -> None:
    with pytest.raises(MalformedEnvelope):
        model_signing.read_statement(altered(change))


def test_a_log_key_does_not_sign_bundles(tmp_path: Path) -> None:
    key = make(tmp_path / "log", "log", Purpose.CHECKPOINT)
    with pytest.raises(ValueError, match="elliptic"):
        model_signing.sign(b"{}", key)
