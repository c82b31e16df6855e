"""Merkle trees: the published vectors of RFC 6962, and whatever is altered gives another root."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.merkle import Tree, leaf_hash, node_hash, root_through

INPUTS = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
"""The inputs of the reference trees of Certificate Transparency."""
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
leaves = st.lists(st.binary(max_size=8).map(leaf_hash), min_size=1, max_size=70)


def by_the_book(hashes: list[bytes]) -> bytes:
    """RFC 6962 2.1 as it is written: split at the largest power of two below the size."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(by_the_book(hashes[:split]), by_the_book(hashes[split:]))


def test_the_published_roots_come_out() -> None:
    assert Tree([]).root == hashlib.sha256().digest()
    for size, root in enumerate(ROOTS, 1):
        assert Tree(map(leaf_hash, INPUTS[:size])).root.hex() == root


@given(leaves)
def test_every_leaf_is_proved_and_the_root_is_that_of_the_book(hashes: list[bytes]) -> None:
    tree = Tree(hashes)
    assert tree.root == by_the_book(hashes)
    for index, leaf in enumerate(hashes):
        assert root_through(leaf, index, len(hashes), tree.path(index)) == tree.root


@given(leaves, st.data())
def test_whatever_is_altered_gives_another_root_or_none(hashes: list[bytes], data: st.DataObject) -> None:
    tree, index = Tree(hashes), data.draw(st.integers(0, len(hashes) - 1))
    path, other = tree.path(index), leaf_hash(b"something else entirely")
    assert root_through(other, index, len(hashes), path) != tree.root
    assert Tree([*hashes[:index], other, *hashes[index + 1 :]]).root != tree.root
    assert Tree([*hashes, other]).root != tree.root
    for wrong in ([*path, other], path[:-1]):
        if wrong != path:
            with pytest.raises(ValueError, match="path is too"):
                root_through(hashes[index], index, len(hashes), wrong)
    for at in range(len(path)):
        assert root_through(hashes[index], index, len(hashes), [*path[:at], other, *path[at + 1 :]]) != tree.root


def test_places_outside_of_the_tree_are_refused() -> None:
    tree = Tree(map(leaf_hash, INPUTS))
    for index in (-1, len(INPUTS)):
        with pytest.raises(IndexError):
            tree.path(index)
        with pytest.raises(ValueError, match="has none at"):
            root_through(tree.root, index, len(INPUTS), [])


def test_a_tree_of_another_algorithm_is_another_tree() -> None:
    pair = [leaf_hash(data, "sm3") for data in INPUTS[:2]]
    assert Tree(pair, "sm3").root == hashlib.new("sm3", b"\1" + pair[0] + pair[1]).digest()
