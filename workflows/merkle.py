"""Merkle trees of many digests under one root (RFC 6962, 2.1): a root, and the path that proves one leaf to be in it.

Leaves and inner nodes are hashed with prefixes of their own, so that neither can pass for the other. A node without a
neighbour moves up unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from workflows.events import DIGEST_ALGORITHMS

_LEAF: Final = b"\0"
_NODE: Final = b"\1"


def leaf_hash(data: bytes, algorithm: str = "sha256") -> bytes:
    """The hash under which ``data`` stands in a tree, 32 bytes."""
    return DIGEST_ALGORITHMS[algorithm](_LEAF + data)


def node_hash(left: bytes, right: bytes, algorithm: str = "sha256") -> bytes:
    """The hash of two neighbours, 32 bytes."""
    return DIGEST_ALGORITHMS[algorithm](_NODE + left + right)


class Tree:
    """A tree over leaves that does not change any more.

    :param leaves: hashes of :func:`leaf_hash`, in order. :param algorithm: of the events' closed list.
    """

    def __init__(self, leaves: Iterable[bytes], algorithm: str = "sha256") -> None:
        levels = [list(leaves)]
        self.size = len(levels[0])
        while len(levels[-1]) > 1:
            levels.append(_above(levels[-1], algorithm))
        self._levels = levels
        self.root = levels[-1][0] if self.size else DIGEST_ALGORITHMS[algorithm](b"")
        """The hash over all leaves; of no leaves, the digest of no bytes."""

    def path(self, index: int) -> list[bytes]:
        """The neighbours that lead from a leaf to the root, from the bottom up.

        :param index: of the leaf, from 0. :raises IndexError: there is no such leaf.
        """
        if not 0 <= index < self.size:
            raise IndexError(index)
        found = []
        for level in self._levels[:-1]:
            beside = index ^ 1
            if beside < len(level):
                found.append(level[beside])
            index >>= 1
        return found


def _above(level: Sequence[bytes], algorithm: str) -> list[bytes]:
    pairs = [node_hash(level[at], level[at + 1], algorithm) for at in range(0, len(level) - 1, 2)]
    return pairs + list(level[len(level) - len(level) % 2 :])


def root_through(leaf: bytes, index: int, size: int, path: Sequence[bytes], algorithm: str = "sha256") -> bytes:
    """The root of a tree of ``size`` leaves in which ``leaf`` stands at ``index``, if ``path`` is its path.

    :param leaf: a hash of :func:`leaf_hash`. :param index: from 0.
    :raises ValueError: no tree of that size has such a path.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has none at {index}")
    found, last, neighbours = leaf, size - 1, iter(path)
    try:
        while last:
            if index & 1:
                found = node_hash(next(neighbours), found, algorithm)
            elif index < last:
                found = node_hash(found, next(neighbours), algorithm)
            index, last = index >> 1, last >> 1
    except StopIteration:
        raise ValueError("the path is too short") from None
    if next(neighbours, None) is not None:
        raise ValueError("the path is too long")
    return found
