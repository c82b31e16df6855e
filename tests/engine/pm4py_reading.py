"""Opens an event log in pm4py as an analyst would, in a process of its own, and tells what it found as JSON.

``python pm4py_reading.py LOG.xes LOG.json LOG.sqlite``
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pm4py
from pm4py.objects.ocel.validation import ocel20_rel_validation


def _xes(path: str) -> dict[str, Any]:
    log = pm4py.read_xes(path, show_progress_bar=False)
    graph, starts, ends = pm4py.discover_dfg(log)
    variants = pm4py.get_variants(log)
    return {
        "events": len(log),
        "cases": sorted(log["case:concept:name"].unique()),
        "dfg": sorted([first, then, int(count)] for (first, then), count in graph.items()),
        "starts": {name: int(count) for name, count in starts.items()},
        "ends": {name: int(count) for name, count in ends.items()},
        "variants": sorted([list(variant), int(count)] for variant, count in variants.items()),
        "resources": sorted(log["org:resource"].unique()),
        "first": min(log["time:timestamp"]).isoformat(),
        "outcomes": sorted(log.groupby("case:concept:name")["case:outcome"].first().dropna()),
    }


def _ocel(path: str) -> dict[str, Any]:
    log = pm4py.read_ocel2(path)
    return {
        "events": len(log.events),
        "objects": {kind: int(count) for kind, count in log.objects["ocel:type"].value_counts().items()},
        "relations": len(log.relations),
        "links": len(log.o2o),
        "changes": len(log.object_changes),
        "activities": {name: int(count) for name, count in log.events["ocel:activity"].value_counts().items()},
        "first": min(log.events["ocel:timestamp"]).isoformat(),
        "lines": sorted(int(one) for one in log.objects["lines"].dropna()),
    }


def main(xes: str, text: str, database: str) -> None:
    """Tell everything on the last line of the output; what the library prints itself comes before."""
    _, broken = ocel20_rel_validation.apply(database)
    found = {"xes": _xes(xes), "json": _ocel(text), "sqlite": _ocel(database), "broken": sorted(broken)}
    sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
