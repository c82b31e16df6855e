"""Run the benchmarks and print a table, or JSON with ``--json``."""

from __future__ import annotations

import argparse
import json
import platform
import sys

from tests.bench.commands import floor, in_process, over_http
from tests.bench.hall import running_hall
from tests.bench.machine import start_and_memory

ROUNDS = 3


def main() -> None:
    """Measure floor, in-process and HTTP in turn, several rounds, and report the median ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=6.0, help="length of each measurement")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rounds = []
    with running_hall() as hall:
        for _ in range(ROUNDS):
            base = floor(hall, chosen.seconds)
            inside = in_process(hall, chosen.seconds)
            rate, median, p99 = over_http(hall, chosen.seconds)
            rounds.append({"floor": base, "in_process": inside, "http": rate, "http_ms": median, "http_p99_ms": p99})
    started = start_and_memory()
    if chosen.json:
        sys.stdout.write(json.dumps({"python": sys.version, "rounds": rounds, "machine": started}) + "\n")
        return
    print(
        f"{platform.python_implementation()} {platform.python_version()} ({sys.executable}), medians of {ROUNDS} rounds"
    )

    def middle(name: str) -> float:
        return sorted(row[name] for row in rounds)[ROUNDS // 2]

    def ratio(name: str) -> float:
        return sorted(row[name] / row["floor"] for row in rounds)[ROUNDS // 2] * 100

    print(f"{'pgbench, the same rows, 16 clients':<46}{middle('floor'):>10.0f}/s")
    print(
        f"{'an act, in process, 16 clients':<46}{middle('in_process'):>10.0f}/s {ratio('in_process'):>6.0f} % of the floor"
    )
    print(
        f"{'an act, over HTTP, one API process, 16 clients':<46}{middle('http'):>10.0f}/s {ratio('http'):>6.0f} % of the floor"
    )
    print(f"{'  median / p99':<46}{middle('http_ms'):>10.1f} / {middle('http_p99_ms'):.1f} ms")
    for name, value in started.items():
        print(f"{name:<46}{value:>10}")


main()
