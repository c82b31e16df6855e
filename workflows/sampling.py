"""Samples that anybody can draw again (抽样): from the same population and seed the same cases, on any machine.

Every case holds lots, one or as many as its weight. A lot is the SHA-256 digest of the text
``seed|case number|number of the lot``; the smallest lot of a case is its place, and the cases with the smallest places
are drawn. With one lot each that is a simple random sample; with more it is weighted sampling without replacement
(Efraimidis and Spirakis 2006: the smallest of w even draws is distributed as one draw to the power of 1/w), in whole
numbers only, so that no machine rounds otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from workflows.errors import Malformed

ALGORITHM: Final = 1
"""The version of the rule above; a sample keeps it."""
LARGEST: Final = 1000
"""How many cases are drawn at most."""
LONGEST_SEED: Final = 100


class Method(StrEnum):
    """How cases are drawn."""

    random = "random"
    weighted = "weighted"


class Stratum(StrEnum):
    """What a population is divided by before it is drawn from."""

    item = "item"
    department = "department"
    hall = "hall"


class Allocation(StrEnum):
    """How the places of a sample are shared out among strata."""

    proportional = "proportional"
    equal = "equal"


class Member(NamedTuple):
    """One case of a population. :param weight: lots that it holds, from 1. :param stratum: empty without strata."""

    number: str
    weight: int = 1
    stratum: str = ""


def check_draw(seed: str, size: int, population: int) -> None:
    """What a draw needs: a seed that can be written down, a size within bounds, something to draw from.

    :raises Malformed: ``seed_wrong``, ``sample_size_wrong``, ``population_empty``.
    """
    if not (1 <= len(seed) <= LONGEST_SEED and seed.isprintable() and seed == seed.strip()):
        raise Malformed(
            "seed_wrong",
            f"随机种子应为1至{LONGEST_SEED}个可见字符，首尾不留空格。",
            f"The seed has 1 to {LONGEST_SEED} visible characters, no blank at either end.",
        )
    if not 1 <= size <= LARGEST:
        raise Malformed(
            "sample_size_wrong",
            f"样本量应为1至{LARGEST}件。",
            f"A sample has 1 to {LARGEST} cases.",
            largest=LARGEST,
        )
    if population == 0:
        raise Malformed(
            "population_empty",
            "按所选条件没有可抽取的办件，请放宽区间或条件。",
            "No case fits these conditions, so nothing can be drawn; widen the period or the conditions.",
        )


def place_of(seed: str, member: Member) -> bytes:
    """The smallest lot of a case, 32 bytes."""
    begun = hashlib.sha256(f"{seed}|{member.number}|".encode())
    return min(_lot(begun, n) for n in range(1, member.weight + 1))


def _lot(begun: hashlib._Hash, number: int) -> bytes:
    lot = begun.copy()
    lot.update(str(number).encode())
    return lot.digest()


def draw(
    population: Sequence[Member], size: int, seed: str, allocation: Allocation = Allocation.proportional
) -> list[Member]:
    """Draw a sample, stratum by stratum in the order of their names, each in the order of its places.

    :param population: every case once. :param size: cases wanted; all of them where there are fewer.
    :raises Malformed: see :func:`check_draw`.
    """
    check_draw(seed, size, len(population))
    strata: dict[str, list[Member]] = {}
    for member in population:
        strata.setdefault(member.stratum, []).append(member)
    shares = allocate({name: len(members) for name, members in strata.items()}, size, allocation)
    return [
        drawn
        for name in sorted(strata)
        for drawn in sorted(strata[name], key=lambda one: (place_of(seed, one), one.number))[: shares[name]]
    ]


def allocate(sizes: Mapping[str, int], size: int, how: Allocation) -> dict[str, int]:
    """How many places each stratum gets: none more than it has cases, all places given out as far as cases reach.

    Proportional places are shared out by the largest remainder, equal ones one by one; ties go by the stratum's name.
    """
    wanted = min(size, sum(sizes.values()))
    shares = dict.fromkeys(sizes, 0)
    if how is Allocation.proportional:
        whole = sum(sizes.values())
        shares = {name: wanted * count // whole for name, count in sizes.items()}
        rest = sorted(sizes, key=lambda name: (-(wanted * sizes[name] % whole), name))
        for name in rest[: wanted - sum(shares.values())]:
            shares[name] += 1
        return shares
    while (left := wanted - sum(shares.values())) > 0:
        for name in [name for name in sorted(sizes) if shares[name] < sizes[name]][:left]:
            shares[name] += 1
    return shares


def canonical(population: Iterable[Member]) -> bytes:
    """A population as text, one line a case: number, weight, stratum, parted by tabs, in the order of numbers."""
    lines = (f"{one.number}\t{one.weight}\t{one.stratum}\n" for one in sorted(population))
    return "".join(lines).encode()


def parse(text: bytes) -> list[Member]:
    """A population from its text. The inverse of :func:`canonical`."""
    parts = (line.split("\t") for line in text.decode().splitlines())
    return [Member(number, int(weight), stratum) for number, weight, stratum in parts]


def digest_of(population: Iterable[Member]) -> str:
    """The SHA-256 digest of a population's text, hexadecimal."""
    return hashlib.sha256(canonical(population)).hexdigest()
