"""Lets a year of the hall go by on servers of its own and prints its figures, month by month."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from datetime import UTC, datetime

from engine.context import open_context
from engine.projecting import project
from storage.db import close_pool, open_pool
from tests.bench.hall import Hall, running_hall
from tests.year.comparing import MONTHS, OF_CASES, asked_for
from tests.year.plan import FIRST, LAST
from tests.year.the_year import Year, live

NO_HURRY = 3600.0
WIDTH = 28


async def nothing(_: Year, __: datetime) -> None:
    """Nothing is asked on the way."""


def say(*words: str) -> None:
    """A line for whoever looks on."""
    sys.stdout.write(" ".join(words) + "\n")


async def tell(hall: Hall, applications: int, seed: int) -> None:
    """Let the year go by, then print every figure: twelve months and the year, numerator over denominator."""
    await open_pool(hall.settings.database_url.get_secret_value(), size=8)
    try:
        context, begun = open_context(hall.settings), time.monotonic()
        year = await live(context, seed, applications, nothing)
        took = time.monotonic() - begun
        await project(seconds=NO_HURRY, now=datetime.now(UTC))
        say(f"{len(year.lives)} cases, {len(year.diary)} deeds, {year.fired} acts of time in {took:.0f} s")
        say("figure".ljust(WIDTH), *(f"{period.since:%m}".rjust(8) for period in MONTHS), "year".rjust(10))
        for figure in await asked_for(context, OF_CASES, FIRST, LAST, by=("month",)):
            cells = [_shown(cell).rjust(8) for cell in figure["cells"]]
            say(figure["name"].ljust(WIDTH), *cells, _shown(figure["total"]).rjust(10))
    finally:
        await close_pool()


def _shown(cell: dict[str, int | None]) -> str:
    below = cell["denominator"]
    return str(cell["numerator"]) if below is None else f"{cell['numerator']}/{below}" if below else "—"


def main() -> None:
    """What is asked for on the command line."""
    wanted = argparse.ArgumentParser(prog="python -m tests.year", description=__doc__)
    wanted.add_argument("applications", type=int, nargs="?", default=330, help="beside the planted ones")
    wanted.add_argument("--seed", type=int, default=1)
    chosen = wanted.parse_args()
    with running_hall() as hall:
        asyncio.run(tell(hall, chosen.applications, chosen.seed))


if __name__ == "__main__":
    main()
