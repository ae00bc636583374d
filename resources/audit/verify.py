#!/usr/bin/env python3
"""Check an evidence package of a Steelyard audit log on any machine. Needs Python 3.9 and `cryptography`.

    python3 verify.py [FOLDER] [--key VERIFIER_KEY] [--against CHECKPOINT_FILE]

FOLDER holds `checkpoint`, `log-key.txt` and either `entries.jsonl` (the whole log) or `evidence.json` (chosen
entries with proofs). What is checked:
  1. `checkpoint` is signed with the log's Ed25519 key (C2SP signed note). Give --key with the key you got from
     whoever keeps the log; without it the key in the package is used, and you are told to compare it.
  2. Whole log: entries are numbered 1, 2, 3, ..., each names the hash of the one before, and the RFC 6962 Merkle
     root over all of them is the signed one. Chosen entries: each is proven to be under the signed root.
  3. --against: an older checkpoint of this log says the same about the entries it covers (whole log only).
Nothing of Steelyard is used, nothing is written, no network is needed. Exit code 0: it holds; 1: it does not.
What no check of one package can show: entries after the checkpoint, and a log that was written anew, with its
key, before anybody else kept a checkpoint of it.
"""

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """The package does not hold; the message says why."""


def require(condition, why):
    if not condition:
        raise Refused(why)


def leaf_hash(line):
    return hashlib.sha256(b"\x00" + line).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """RFC 6962 root over leaves as they come."""

    def __init__(self):
        self.size = 0
        self.stack = []

    def add(self, leaf):
        bits = self.size
        while bits & 1:
            leaf = node_hash(self.stack.pop(), leaf)
            bits >>= 1
        self.stack.append(leaf)
        self.size += 1

    def root(self):
        root = self.stack[-1] if self.stack else hashlib.sha256(b"").digest()
        for left in reversed(self.stack[:-1]):
            root = node_hash(left, root)
        return root


def root_from_proof(leaf, index, size, proof):
    """RFC 9162, section 2.1.3.2; None where the proof has not the length it must have."""
    position, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if position & 1 or position == last:
            root = node_hash(sibling, root)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        position, last = position >> 1, last >> 1
    return root if last == 0 else None


def read_key(text):
    """NAME+ID+BASE64(0x01 || public key); the ID must be that of name and key."""
    name, identifier, encoded = text.strip().split("+", 2)
    content = base64.b64decode(encoded, validate=True)
    require(len(content) == 33 and content[0] == 1, "the log's key is not an Ed25519 key")
    expected = hashlib.sha256(name.encode() + b"\n" + content).digest()[:4]
    require(identifier == expected.hex(), "the log's key does not fit its identifier")
    return name, expected, Ed25519PublicKey.from_public_bytes(content[1:])


def read_checkpoint(data, key):
    """(size, root) of a checkpoint that this key signed."""
    name, identifier, public = key
    text, _, signatures = data.decode("utf-8").rpartition("\n\n")
    origin, size, root = (text + "\n").split("\n")[:3]
    require(origin == name, f"the checkpoint is of {origin!r}, and the key of {name!r}")
    for line in signatures.splitlines():
        mark, signer, encoded = line.split(" ")
        content = base64.b64decode(encoded, validate=True)
        if mark == "\u2014" and signer == name and content[:4] == identifier:
            try:
                public.verify(content[4:], (text + "\n").encode("utf-8"))
            except InvalidSignature:
                raise Refused("the checkpoint's signature is wrong") from None
            return int(size), base64.b64decode(root, validate=True)
    raise Refused("the checkpoint is not signed with the log's key")


def unique(pairs):
    require(len(dict(pairs)) == len(pairs), "an entry names a field twice")
    return dict(pairs)


def check_whole(path, size, root, older):
    """Every entry, and the roots of the given checkpoints by size."""
    tree, previous, first, last = Tree(), "", "", ""
    with path.open("rb") as stream:
        for line in stream:
            number = tree.size + 1
            require(line.endswith(b"\n"), f"entry {number} is cut off")
            entry = json.loads(line, object_pairs_hook=unique)
            require(entry["seq"] == number, f"entry {entry['seq']} stands where {number} should")
            require(entry["previous"] == previous, f"entry {number} does not follow the one before")
            leaf = leaf_hash(line[:-1])
            tree.add(leaf)
            previous = f"sha256:{leaf.hex()}"
            first, last = first or entry["time"], entry["time"]
            if number in older:
                require(tree.root() == older.pop(number), f"another history up to entry {number}")
    require(tree.size == size, f"{tree.size} entries are here, and {size} were signed")
    require(tree.root() == root, "the entries are not those that were signed")
    require(not older, "the other checkpoint is over entries that are not here")
    return f"all {size} entries, from {first} to {last}"


def check_chosen(path, size, root):
    """Every entry of a selection, each by its own proof."""
    document = json.loads(path.read_bytes(), object_pairs_hook=unique)
    for row in document["entries"]:
        index, line = row["index"], row["line"].encode("utf-8")
        proof = [base64.b64decode(one, validate=True) for one in row["proof"]]
        require(0 <= index < size, f"entry {index + 1} is not among the {size} signed ones")
        found = root_from_proof(leaf_hash(line), index, size, proof)
        require(found == root, f"entry {index + 1} is not proven")
        require(json.loads(line)["seq"] == index + 1, f"entry {index + 1} has another number")
    return f"{len(document['entries'])} of {size} entries"


def main():
    options = argparse.ArgumentParser(description="Check an evidence package of an audit log.")
    options.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    options.add_argument("--key", help="the log's key, as whoever keeps the log told you")
    options.add_argument("--against", type=Path, help="an older checkpoint of this log")
    given = options.parse_args()
    try:
        packed = (given.folder / "log-key.txt").read_text("utf-8").strip()
        require(given.key in (None, packed), "the package is signed with another key than yours")
        key = read_key(packed)
        size, root = read_checkpoint((given.folder / "checkpoint").read_bytes(), key)
        older = dict([read_checkpoint(given.against.read_bytes(), key)]) if given.against else {}
        whole = given.folder / "entries.jsonl"
        require(whole.exists() or not older, "--against needs a package of the whole log")
        held = (
            check_whole(whole, size, root, older)
            if whole.exists()
            else check_chosen(given.folder / "evidence.json", size, root)
        )
    except (Refused, OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        print(f"REFUSED: {problem}")
        return 1
    print(f"HOLDS: {held}, signed by {key[0]}")
    print(f"Merkle root {root.hex()}")
    if given.key is None:
        print(f"Compare the log's key with the one its keeper tells you:\n  {packed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
