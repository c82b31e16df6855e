"""Run the benchmarks, or the rows that are named, and print a table, or JSON with ``--json``."""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from typing import Any, Final

from tests.bench.board import board_rounds
from tests.bench.commands import floor, in_process, over_http
from tests.bench.documents import document_rounds
from tests.bench.facts import fact_rounds
from tests.bench.hall import Hall, running_hall
from tests.bench.machine import start_and_memory
from tests.bench.pages import EMPTY, page_rounds
from tests.bench.scans import long_file, scan_rounds
from tests.bench.sweep import DUE, sweeps
from tests.bench.verify import verify_rounds
from tests.bench.warning_board import warning_rounds
from tests.bench.webhooks import webhook_rounds

ROUNDS = 5


Hold = Callable[[], Hall]


def main() -> None:
    """Measure the rows that are asked for, all of them without a name, and print each as it is done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="*", choices=[[], *ROWS], metavar="row", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each measurement of acts")
    parser.add_argument("--clocks", type=int, default=1_000_000, help="running clocks of the larger sweep")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    told: dict[str, Any] = {"python": sys.version}
    with ExitStack() as stack:
        hall = cache(lambda: stack.enter_context(running_hall()))
        for name in chosen.rows or ROWS:
            measure, show = ROWS[name]
            told[name] = measure(hall, chosen)
            if not chosen.json:
                show(told[name])
    if chosen.json:
        print(json.dumps(told))


def _acts(hall: Hold, chosen: argparse.Namespace) -> list[dict[str, float]]:
    """Floor, in process and over HTTP in turn, several rounds: the machine's own speed changes between them."""
    rounds = []
    for _ in range(ROUNDS):
        base = floor(hall(), chosen.seconds)
        inside, receipts = in_process(hall(), chosen.seconds)
        rate, median, p99 = over_http(hall(), chosen.seconds)
        rounds.append(
            {"floor": base, "in_process": inside, "receipts": receipts, "http": rate, "ms": median, "p99_ms": p99}
        )
    return rounds


def _acted(rounds: list[dict[str, float]]) -> None:
    def middle(name: str) -> float:
        return statistics.median(row[name] for row in rounds)

    def line(text: str, name: str) -> None:
        ratio = statistics.median(row[name] / row["floor"] for row in rounds) * 100
        print(f"{text:<58}{middle(name):>8.0f}/s {ratio:>6.0f} % of the floor")

    print(f"{platform.python_implementation()} {platform.python_version()}, medians of {len(rounds)} rounds")
    line("floor: pgbench writing the same rows, 16 clients", "floor")
    line("an act, in process, 16 clients", "in_process")
    line("an act with a numbered document, in process, 16 clients", "receipts")
    line("an act over HTTP, one API process, 16 clients", "http")
    print(f"{'  median / 99th percentile':<58}{middle('ms'):>8.1f} / {middle('p99_ms'):.1f} ms")


def _swept(timers: dict[str, dict[str, float]]) -> None:
    few, many = timers.values()
    for name, at in timers.items():
        text = f"timer sweep, {name} running clocks of which {DUE:,} due"
        print(f"{text:<58}{at['find'] * 1000:>8.1f} ms to find, {at['sweep']:.2f} s with carrying out")
    ratios = f"{many['find'] / few['find']:.2f} × to find, {many['sweep'] / few['sweep']:.2f} × with carrying out"
    print(f"{'  many beside few':<58}{ratios:>10}")


def _started(machine: dict[str, str]) -> None:
    for name, value in machine.items():
        print(f"{name:<58}{value:>10}")


def _pushed(rounds: list[dict[str, float]]) -> None:
    bare, rate = (statistics.median(row[name] for row in rounds) for name in ("bare", "delivered"))
    ratio = statistics.median(row["delivered"] / row["bare"] for row in rounds) * 100
    print(f"{'bare HTTP posts with the same client, 8 at once':<58}{bare:>8.0f}/s")
    print(f"{'webhook deliveries, signed and recorded, 8 at once':<58}{rate:>8.0f}/s {ratio:>6.0f} % of bare posts")


def _projected(rounds: list[dict[str, float]]) -> None:
    copied, made = (statistics.median(row[name] for row in rounds) for name in ("copied", "projected"))
    ratio = statistics.median(row["projected"] / row["copied"] for row in rounds) * 100
    print(f"{'COPY of events out of the trail, into nothing':<58}{copied:>8.0f}/s")
    print(f"{'events of the trail that become facts':<58}{made:>8.0f}/s {ratio:>6.0f} % of COPY")


def _figures(boards: dict[str, dict[str, float]]) -> None:
    first = next(iter(boards.values()))["board"]
    for name, at in boards.items():
        ratio = f"{at['board'] / first:.2f} ×; {at['counted'] * 1000:.0f} ms counted from facts"
        print(f"{f'a month of figures by department, {name}':<58}{at['board'] * 1000:>8.1f} ms {ratio}")


def _warned(sizes: dict[str, dict[str, float]]) -> None:
    for name, at in sizes.items():
        text = f"the warning board, {name} open cases"
        beside = f"{at['board'] / at['pass']:.1f} × one pass over its rows; a list behind it {at['list'] * 1000:.0f} ms"
        print(f"{text:<58}{at['board'] * 1000:>8.1f} ms {beside}")


def _paged(sizes: dict[str, dict[str, dict[str, float]]]) -> None:
    for size, pages in sizes.items():
        bare = pages.pop("the bare statement")["ms"]
        floor = bare + pages[EMPTY]["ms"]
        print(f"{f'{size} cases: the bare statement of a list':<58}{bare:>8.1f} ms")
        for name, at in pages.items():
            beside = f"{at['ms'] / floor:.1f} × statement and empty page, {at['kB']:.0f} kB"
            print(f"{f'  {name}':<58}{at['ms']:>8.1f} ms p99 {at['p99']:.1f}, least {at['least']:.1f}; {beside}")


def _verified(rounds: list[dict[str, float]]) -> None:
    def line(text: str, name: str) -> None:
        rate = statistics.median(row[name] for row in rounds)
        hashed, copied = (statistics.median(row[name] / row[floor] for row in rounds) * 100
                          for floor in ("hashed", "copied"))  # fmt: skip
        print(f"{text:<58}{rate:>8.0f}/s {hashed:>6.0f} % of hashing, {copied:.0f} % of COPY")

    print(f"{'hashing of the same bytes, of events in memory':<58}{rounds[0]['hashed']:>8.0f}/s")
    line("events of the trail that are verified", "verified")
    line("the same by two processes", "spread")


def _printed(rounds: list[dict[str, float]]) -> None:
    bare, made = (statistics.median(row[name] for row in rounds) for name in ("bare", "made"))
    ratio = statistics.median(row["made"] / row["bare"] for row in rounds) * 100
    print(f"{'bare Typst on the same templates, one process':<58}{bare:>8.0f}/s")
    print(f"{'documents from stored values to PDF/A, one process':<58}{made:>8.0f}/s {ratio:>6.0f} % of bare Typst")


def _scanned(found: tuple[list[dict[str, float]], dict[str, float]]) -> None:
    rounds, long = found

    def middle(name: str) -> float:
        return statistics.median(row[name] for row in rounds)

    print(f"{'bare decode and encode at three sizes, pages of 300 dpi':<58}{middle('bare'):>8.1f}/s")
    for name, text in (("straight", "scans judged, measured and drawn"), ("askew", "the same, set straight by 1.2°")):
        floor_name = "bare" if name == "straight" else "bare_askew"
        ratio = statistics.median(row[name] / row[floor_name] for row in rounds) * 100
        print(f"{text:<58}{middle(name):>8.1f}/s {ratio:>6.0f} % of bare")
    print(f"{'a PDF of 500 such pages':<58}{long['rate']:>8.1f}/s {long['peak']:>6.0f} MiB at most")


ROWS: Final[dict[str, tuple[Callable[[Hold, argparse.Namespace], Any], Callable[[Any], None]]]] = {
    "acts": (_acts, _acted),
    "sweep": (lambda hall, chosen: sweeps(hall(), chosen.clocks), _swept),
    "webhooks": (lambda hall, _: webhook_rounds(hall()), _pushed),
    "facts": (lambda hall, _: fact_rounds(hall()), _projected),
    "board": (lambda hall, _: board_rounds(hall()), _figures),
    "warnings": (lambda hall, _: warning_rounds(hall()), _warned),
    "pages": (lambda hall, _: page_rounds(hall()), _paged),
    "verify": (lambda _, __: verify_rounds(), _verified),
    "documents": (lambda _, __: document_rounds(), _printed),
    "scans": (lambda _, __: (scan_rounds(), long_file()), _scanned),
    "machine": (lambda _, __: start_and_memory(), _started),
}
"""What is measured, in this order: webhooks come before facts, for their replay reads every event there is."""

if __name__ == "__main__":
    main()
