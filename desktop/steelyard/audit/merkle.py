"""RFC 6962 / 9162 Merkle tree: a leaf per entry, a root over all, and short proofs about both.

An inclusion proof shows that one entry is under a root; a consistency proof, that a later root is over the same
entries and more. Both are checked without the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Protocol

EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_BYTES = 32
MAX_PROOF_HASHES = 128


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class TreeHasher:
    """The root over leaf hashes as they come; memory in log2 of their number.

    Adding a leaf merges as many complete subtrees as the leaf's number has trailing one bits, which
    gives the same tree as the RFC's split at the largest power of two.
    """

    def __init__(self) -> None:
        self.size = 0
        self._stack: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add the next leaf hash."""
        bits = self.size
        while bits & 1:
            leaf = hashlib.sha256(b"\x01" + self._stack.pop() + leaf).digest()
            bits >>= 1
        self._stack.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root over the leaves so far."""
        if not self._stack:
            return EMPTY_ROOT
        root = self._stack[-1]
        for left in reversed(self._stack[:-1]):
            root = node_hash(left, root)
        return root


def root_hash(leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree head over leaf hashes; 32 bytes; one pass."""
    hasher = TreeHasher()
    for leaf in leaves:
        hasher.add(leaf)
    return hasher.root()


class Nodes(Protocol):
    """Where complete subtrees' roots come from."""

    def node(self, level: int, index: int) -> bytes:
        """The root over the 2^level leaves from number index · 2^level on."""
        ...


def tree_root(nodes: Nodes, size: int) -> bytes:
    """The root over the first `size` leaves."""
    return _over(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]), RFC 6962 section 2.1.1: what is needed besides the leaf to get the root.

    Raises:
        ValueError: `index` is not among the first `size` leaves.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_over(nodes, middle, end))
            end = middle
        else:
            proof.append(_over(nodes, start, middle))
            start = middle
    proof.reverse()
    return proof


def consistency_proof(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]), RFC 6962 section 2.1.2; empty when `old` is 0 or `new`.

    Raises:
        ValueError: `old` is beyond `new`.
    """
    if not 0 <= old <= new:
        raise ValueError(f"there is no proof from {old} to {new}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, end = 0, new
    whole = True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_over(nodes, middle, end))
            end = middle
        else:
            proof.append(_over(nodes, start, middle))
            start = middle
            whole = False
    if not whole:
        proof.append(_over(nodes, start, end))
    proof.reverse()
    return proof


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that a proof leads to, or None where the proof has not the length it must have.

    Source: RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size or len(leaf) != HASH_BYTES:
        return None
    position, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != HASH_BYTES:
            return None
        if position & 1 or position == last:
            root = node_hash(sibling, root)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        position, last = position >> 1, last >> 1
    return root if last == 0 else None


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf hash is number `index` of the `size` under `root`."""
    return root_from_inclusion(leaf, index, size, proof) == root


def is_consistent(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Whether the `new` leaves under `new_root` begin with the `old` ones under `old_root`.

    An empty old tree shows nothing, so the answer is no. Source: RFC 9162 section 2.1.4.2.
    """
    if any(len(one) != HASH_BYTES for one in proof):
        return False
    if not 0 < old < new:
        return 0 < old == new and not proof and old_root == new_root
    rest = list(proof)
    if old & (old - 1) == 0:
        rest.insert(0, old_root)
    if not rest:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = rest[0]
    for one in rest[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            first, second = node_hash(one, first), node_hash(one, second)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            second = node_hash(second, one)
        position, last = position >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _over(nodes: Nodes, start: int, end: int) -> bytes:
    """The root over leaves `start` to `end - 1`, where `start` is where the tree splits."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return nodes.node(level, start >> level)
    middle = start + _split(size)
    return node_hash(_over(nodes, start, middle), _over(nodes, middle, end))
