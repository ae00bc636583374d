"""The tree is the RFC's, its proofs are short, and every public vector gives the answer it names."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.audit.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TreeHasher,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    root_hash,
    tree_root,
)
from steelyard.audit.tiles import WIDTH, Tiles


class InMemory:
    """Complete subtrees computed from leaves held in memory."""

    def __init__(self, leaves: list[bytes]) -> None:
        self._leaves = leaves

    def node(self, level: int, index: int) -> bytes:
        return root_hash(self._leaves[index << level : (index + 1) << level])


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def recursive(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(recursive(leaves[:split]), recursive(leaves[split:]))


@given(st.integers(1, 70))
def test_the_root_is_the_rfc_6962_root(count: int) -> None:
    leaves = leaves_of(count)
    assert root_hash(leaves) == recursive(leaves) == tree_root(InMemory(leaves), count)


def test_no_leaves_have_a_root_too() -> None:
    assert TreeHasher().root() == EMPTY_ROOT == tree_root(InMemory([]), 0)


@given(st.data())
def test_a_proof_shows_its_leaf_and_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    root = root_hash(leaves)
    proof = inclusion_proof(InMemory(leaves), index, size)
    assert is_included(leaves[index], index, size, proof, root)
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        assert not is_included(leaves[other], index, size, proof, root)
        assert not is_included(leaves[index], other, size, proof, root)
    assert not is_included(leaves[index], index, size, [*proof, root], root)
    if proof:
        assert not is_included(leaves[index], index, size, proof[:-1], root)
        bad = data.draw(st.integers(0, len(proof) - 1))
        changed = [*proof[:bad], leaf_hash(b"other"), *proof[bad + 1 :]]
        assert not is_included(leaves[index], index, size, changed, root)


@given(st.data())
def test_a_longer_tree_is_shown_to_begin_with_the_shorter_one(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 70))
    old = data.draw(st.integers(0, new))
    leaves = leaves_of(new)
    roots = root_hash(leaves[:old]), root_hash(leaves)
    proof = consistency_proof(InMemory(leaves), old, new)
    assert is_consistent(old, new, proof, *roots) is (old > 0)
    if 0 < old < new:
        changed = [leaf_hash(b"other"), *leaves[1:old]]
        assert not is_consistent(old, new, proof, root_hash(changed), roots[1])
        assert not is_consistent(old, new, proof[1:], *roots)
        assert not is_consistent(old, new, [*proof, roots[1]], *roots)
        assert not is_consistent(old, new, proof, *reversed(roots))


def test_what_cannot_be_proven_is_an_error() -> None:
    nodes = InMemory(leaves_of(4))
    for index in (-1, 4):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(nodes, index, 4)
    with pytest.raises(ValueError, match="no proof"):
        consistency_proof(nodes, 5, 4)


def vectors(folder: Path, kind: str) -> list[dict[str, Any]]:
    files = sorted((folder / "vectors" / "merkle" / kind).rglob("*.json"))
    return [json.loads(file.read_text()) for file in files]


def decoded(texts: list[str] | None) -> list[bytes]:
    return [base64.b64decode(text) for text in texts or []]


def test_every_public_vector_gives_its_answer(shared_folder: Path) -> None:
    inclusion, consistency = (
        vectors(shared_folder, "inclusion"),
        vectors(shared_folder, "consistency"),
    )
    assert len(inclusion) + len(consistency) == 196
    for case in inclusion:
        leaf, root = decoded([case["leafHash"], case["root"]])
        proof = decoded(case["proof"])
        answer = is_included(leaf, case["leafIdx"], case["treeSize"], proof, root)
        assert answer is not case["wantErr"], case["desc"]
    for case in consistency:
        roots = decoded([case["root1"], case["root2"]])
        proof = decoded(case["proof"])
        answer = is_consistent(case["size1"], case["size2"], proof, *roots)
        assert answer is not case["wantErr"], case["desc"]


@pytest.mark.parametrize("count", [1, 255, 256, 257, 700, WIDTH * 3 + 1])
@pytest.mark.parametrize("completed", [True, False], ids=["with tiles", "without tiles"])
def test_the_files_give_the_tree(tmp_path: Path, count: int, completed: bool) -> None:
    leaves = leaves_of(count)
    tiles = Tiles(tmp_path)
    tiles.write_leaves(0, leaves[: count // 2])
    if completed:
        tiles.complete()
    tiles.write_leaves(count // 2, leaves[count // 2 :])
    if completed:
        tiles.complete()
        assert tiles.count(1) == count // WIDTH
    assert tree_root(tiles, count) == root_hash(leaves)
    index = count * 2 // 3
    proof = inclusion_proof(tiles, index, count)
    assert is_included(leaves[index], index, count, proof, root_hash(leaves))


def test_a_torn_or_missing_tile_is_made_anew(tmp_path: Path) -> None:
    leaves = leaves_of(WIDTH * 4)
    tiles = Tiles(tmp_path)
    tiles.write_leaves(0, leaves)
    tiles.complete()
    whole = tiles.file(1).read_bytes()
    tiles.file(1).write_bytes(whole[: HASH_BYTES + 7])
    tiles.complete()
    assert tiles.file(1).read_bytes() == whole
    tiles.forget()
    tiles.complete()
    assert tiles.file(1).read_bytes() == whole
    with pytest.raises(LookupError):
        tiles.node(0, WIDTH * 4)
