"""What the documents say is in the code: commands, files, routes, settings, keys, and every word of the glossary."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from litestar import Router
from litestar.handlers import HTTPRouteHandler
from piccolo.table import Table

import storage
from api.cli import cli
from api.pages import PAGES
from api.rest import OPEN_ROUTES, ROUTES
from engine.settings import Settings
from workflows import calendar, flow_format, item, material, payload
from workflows.actor import TITLES, Role
from workflows.clock import ClockKind, Unit
from workflows.clock_explain import KINDS as CLOCK_TITLES
from workflows.documents import KINDS as DOCUMENTS
from workflows.events import Act, EventName
from workflows.flow import packaged_flows
from workflows.guards import GUARDS, SELECTORS
from workflows.item import EXCLUDED_KINDS
from workflows.light import Light
from workflows.lints import LINTS

ROOT = Path(__file__).parents[2]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
PAGES_OF_TEXT = (*READMES, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
GUIDES = [path for path in PAGES_OF_TEXT if path.name.startswith(("guide-", "README"))]
DECISIONS = sorted((ROOT / "docs").glob("[0-9]*.md"))
CODE = re.compile(r"`([^`\n]+)`")
IN_CODE = re.compile(r"`((?:workflows|storage|engine|api|tests|deploy)/[\w./-]*\w):?([A-Za-z_][\w.]*)?`")


def tables() -> set[str]:
    """The name of every table that storage declares."""
    found = set()
    for module in pkgutil.iter_modules(storage.__path__, "storage."):
        if not module.ispkg and module.name != "storage.scan_child":
            declared = vars(importlib.import_module(module.name)).values()
            found |= {kind._meta.tablename for kind in declared if isinstance(kind, type) and issubclass(kind, Table)}
    return found - {Table._meta.tablename}


def codes(path: Path) -> list[str]:
    """Every piece of code on a page: words in backticks and lines of blocks."""
    text = path.read_text("utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return CODE.findall(text) + [line for block in blocks for line in block.splitlines()]


def glossary() -> dict[str, set[str]]:
    """Identifiers of the glossary and the Chinese terms that stand beside them."""
    text = READMES[0].read_text("utf-8").partition("\n## Glossary\n")[2]
    rows = re.findall(r"^\| ([^|]+) \| `([^`|]+)` \| [^|]+ \|$", text, re.MULTILINE)
    found: dict[str, set[str]] = {}
    for chinese, identifier in rows:
        found.setdefault(identifier, set()).add(chinese)
    return found


def titled() -> Iterable[tuple[str, str]]:
    """Identifiers with the Chinese title that the code gives them."""
    for flow in packaged_flows().values():
        yield from ((state.name, state.title) for state in flow.states.values())
        yield from ((step.definition.action.value, step.definition.title) for step in flow.steps)
    yield from ((role.value, TITLES[role][0]) for role in Role)
    yield from ((kind.value, CLOCK_TITLES[kind][0]) for kind in ClockKind)
    yield from ((kind.code, kind.title) for kind in DOCUMENTS.values())
    yield from ((name, titles[0]) for name, titles in EXCLUDED_KINDS.items())


def test_a_newcomer_finds_the_three_commands_first() -> None:
    for readme in READMES:
        lines = readme.read_text("utf-8").splitlines()[3:6]
        commands = [line.partition("#")[0].strip() for line in lines]
        assert commands == ["make up", "make test", "make demo"]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    written = {word for path in PAGES_OF_TEXT for code in codes(path) for word in re.findall(r"^make (\w+)", code)}
    assert written <= set(targets)


def test_the_glossary_has_every_identifier_of_the_code() -> None:
    enums: list[Any] = [Act, EventName, Role, ClockKind, Unit, Light]
    wanted = {member.value for enum in enums for member in enum} | tables() | set(DOCUMENTS) | {n for n, _ in titled()}
    assert sorted(wanted - set(glossary())) == []


def test_the_glossary_uses_the_terms_of_the_code() -> None:
    words = glossary()
    strange = [f"{name}: {title}" for name, title in titled() if not any(title in one for one in words[name])]
    assert strange == []


def test_the_places_of_the_glossary_know_the_identifier() -> None:
    text = READMES[0].read_text("utf-8").partition("\n## Glossary\n")[2]
    for identifier, place in re.findall(r"^\| [^|]+ \| `([^`|]+)` \| ([^|]+) \|$", text, re.MULTILINE):
        assert re.search(rf"\b{re.escape(identifier)}\b", (ROOT / place).read_text("utf-8")), f"{identifier} in {place}"


@pytest.mark.parametrize("path", PAGES_OF_TEXT, ids=lambda path: path.name)
def test_the_files_and_functions_that_a_page_names_are_there(path: Path) -> None:
    for name, function in IN_CODE.findall(path.read_text("utf-8")):
        assert (ROOT / name).exists(), name
        if function:
            assert function in functions_of(ROOT / name), f"{name}:{function}"
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text("utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


def functions_of(path: Path) -> set[str]:
    """Names that a module defines: functions, classes, methods as Class.method, and values."""
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            names |= {f"{node.name}.{inner.name}" for inner in getattr(node, "body", ()) if hasattr(inner, "name")}
    return names


def test_the_tour_passes_five_files() -> None:
    for readme in READMES:
        tour = re.findall(r"^\d\. `([\w/]+\.py):", readme.read_text("utf-8"), re.MULTILINE)
        assert len(set(tour)) == 5


@pytest.mark.parametrize("path", PAGES_OF_TEXT, ids=lambda path: path.name)
def test_the_commands_that_a_page_names_exist(path: Path) -> None:
    for line in re.findall(r"yichuang ([a-z][^`\n]*)", path.read_text("utf-8")):
        command: click.Command = cli
        words = re.split(r"[\s)]+", line)
        while isinstance(command, click.Group):
            found = command.commands.get(words[0])
            assert found is not None, f"yichuang {line}"
            command, words = found, words[1:]
            if not words or not words[0]:
                break
        options = {option for parameter in command.params for option in parameter.opts}
        stated = set(re.findall(r"--[a-z]+", line.partition("#")[0]))
        assert stated <= options, f"yichuang {line}"


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_the_addresses_that_a_guide_names_are_routes(path: Path) -> None:
    known = {one for handler in OPEN_ROUTES if isinstance(handler, HTTPRouteHandler) for one in handler.paths}
    known |= {route.path for router in PAGES if isinstance(router, Router) for route in router.routes}
    known |= {f"/api/v1{one}" for handler in ROUTES if isinstance(handler, HTTPRouteHandler) for one in handler.paths}
    patterns = [re.sub(r"\{[^}]+\}", "[^/]+", route) for route in known] + [
        "/api/v1/openapi.json",
        "/api/v1",
        "/cases/…",
    ]
    text = re.sub(r"\$[A-Za-z]\w*|\$\d", "x", path.read_text("utf-8"))
    named = re.findall(r"(?:x|`|GET |POST )(/(?:api|public|health|status|sign-in|cases|metrics)[^\s`\"'?,;)]*)", text)
    for address in named:
        assert any(re.fullmatch(pattern, address) for pattern in patterns), address


def test_the_operator_finds_every_setting() -> None:
    documented = set(re.findall(r"YICHUANG_([A-Z_]+)", (ROOT / "docs/guide-operator.md").read_text("utf-8")))
    of_commands = {"SETTINGS", "WATCH_TOKEN"}  # read by the command line, not by a process of the engine
    assert documented - of_commands == {name.upper() for name in Settings.model_fields}
    for path in PAGES_OF_TEXT:
        assert set(re.findall(r"YICHUANG_([A-Z_]+)", path.read_text("utf-8"))) <= documented, path.name


def test_the_steward_finds_every_key() -> None:
    kinds: list[Any] = [
        *(flow_format.Header, flow_format.State, flow_format.Transition, flow_format.ClockEffects, flow_format.Flags),
        *(flow_format.Timer, flow_format.Limit, payload.Field, material.MaterialLine, material.SituationQuestion),
        *(item.ItemVersion, item.StatutoryLimit, item.PromiseLimit, item.Extension, item.SpecialProcedure),
        *(item.Result, item.Fee, calendar.YearEdition, calendar.Holiday),
    ]
    text = (ROOT / "docs/guide-steward.md").read_text("utf-8")
    documented = {word for code in CODE.findall(text) for word in re.findall(r"\w+", code)}
    keys = {field.encode_name for kind in kinds for field in msgspec.structs.fields(kind)}
    words = set(payload.TYPES) | {"choice"} | set(GUARDS) | set(SELECTORS) | {lint.__name__ for lint in LINTS}
    assert sorted((keys | words) - documented) == []


def test_the_decisions_are_numbered_and_listed() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    index = (ROOT / "docs/README.md").read_text("utf-8")
    for path in DECISIONS:
        text = path.read_text("utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        assert re.findall(r"^\*\*([\w ]+)\.\*\*", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
            "Superseded by",
        ]
        assert f"]({path.name})" in index
        assert len(text.splitlines()) <= 40
