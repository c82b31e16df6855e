"""The architecture as rules: imports go one way, rules do no input or output, modules and functions stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("api", "engine", "storage", "workflows")
"""From the top down; each may import itself and what stands after it."""
PURE = {
    "__future__", "ast", "base64", "bisect", "calendar", "collections", "contextlib", "dataclasses", "datetime",
    "decimal", "enum", "functools", "hashlib", "hmac", "html", "importlib", "ipaddress", "itertools", "keyword", "math",
    "msgspec", "operator", "re", "string", "tomllib", "transitions", "types", "typing", "unicodedata", "uuid",
    "zoneinfo",
}  # fmt: skip
"""What workflows may import: nothing that reaches a file, a socket, a clock or a process by itself."""
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "time_ns", "uuid1", "uuid4", "getnode"}
FILES = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir", "touch", "iterdir", "print"}
PACKAGED = {"assessment.py", "calendar.py", "flow.py", "flow_parts.py", "item.py", "sample_hall.py", "templates.py"}
"""Modules of workflows that read the data packaged beside them."""


def modules(layer: str) -> list[Path]:
    found = sorted((ROOT / layer).rglob("*.py"))
    assert found, layer
    return found


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, wherever in it, with the line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.module or "", node.lineno


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_go_down_only(layer: str) -> None:
    above = set(LAYERS[: LAYERS.index(layer)]) | {"tests"}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(layer)
        for name, line in imports(path)
        if name.partition(".")[0] in above
    ]
    assert wrong == []


def test_everything_imported_is_of_a_layer_or_a_library() -> None:
    here = {path.name for path in ROOT.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert here == {*LAYERS, "tests"}


def test_rules_import_nothing_that_reaches_outside() -> None:
    wrong = [
        f"{path.name}:{line} imports {name}"
        for path in modules("workflows")
        for name, line in imports(path)
        if name.partition(".")[0] not in PURE | {"workflows"}
    ]
    assert wrong == []


def test_rules_read_no_clock_and_no_file_but_their_own_data() -> None:
    wrong = []
    for path in modules("workflows"):
        barred = CLOCKS | (FILES - {"read_text", "iterdir"} if path.name in PACKAGED else FILES)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
            if name in barred and not (name == "time" and isinstance(called, ast.Name)):
                wrong.append(f"{path.name}:{getattr(node, 'lineno', 0)} calls {name}()")
    assert wrong == []


def test_sql_is_written_in_storage_only() -> None:
    """Above storage nobody runs a statement of their own, but for the isolation of a verification."""
    statements = ("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE ", "ALTER ", "DROP ")
    found = {
        f"{path.relative_to(ROOT)}: {node.value[:40]}"
        for layer in ("api", "engine", "workflows")
        for path in modules(layer)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lstrip().startswith(statements)
    }
    assert found <= {"engine/health.py: SELECT true"}


def test_nothing_is_decided_in_api() -> None:
    """The outermost layer asks the engine: it neither opens transactions nor reads guards, flows' steps or clocks."""
    barred = {"storage.acts", "storage.cases", "workflows.guards", "workflows.effects", "workflows.scope",
              "workflows.clock_acts"}  # fmt: skip
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules("api")
        for name, line in imports(path)
        if name in barred or (name == "storage.db" and path.parent.name not in {"cli", "demo", "api"})
    ]
    assert wrong == []


@pytest.mark.parametrize("layer", LAYERS)
def test_modules_and_functions_stay_small(layer: str) -> None:
    wrong = []
    for path in modules(layer):
        if "migrations" in path.parts:
            continue
        text = path.read_text("utf-8")
        if len(text.splitlines()) > 300:
            wrong.append(f"{path.relative_to(ROOT)} has {len(text.splitlines())} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > 40:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {lines} lines")
    assert wrong == []


def test_below_api_no_two_files_share_a_name() -> None:
    names = [path.stem for layer in LAYERS[1:] for path in modules(layer) if path.parent.name in LAYERS]
    twice = {name for name in names if names.count(name) > 1 and name != "__init__"}
    assert twice == set()
