"""RFC 6962 hashes: a leaf per entry, a root over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_hash(leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree head over leaf hashes; 32 bytes; one pass, memory in log2 of their number.

    Adding a leaf merges as many complete subtrees as the leaf's number has trailing one bits, which
    gives the same tree as the RFC's split at the largest power of two.
    """
    stack: list[bytes] = []
    for number, leaf in enumerate(leaves):
        node = leaf
        bits = number
        while bits & 1:
            node = node_hash(stack.pop(), node)
            bits >>= 1
        stack.append(node)
    if not stack:
        return EMPTY_ROOT
    root = stack.pop()
    while stack:
        root = node_hash(stack.pop(), root)
    return root
