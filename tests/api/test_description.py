"""The description of the interface: well formed, complete, and loading nothing from elsewhere."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
async def description(http: httpx.AsyncClient) -> dict[str, Any]:
    """The description as anybody may read it."""
    answer = await http.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every operation by ``METHOD path``."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def references(node: Any) -> list[str]:
    """Every ``$ref`` below a node."""
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for inner in node.values() for found in references(inner)]
    return [found for inner in node for found in references(inner)] if isinstance(node, list) else []


async def test_the_description_keeps_to_its_standard(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(description).validate()


async def test_every_operation_has_a_name_a_summary_and_its_refusals(description: dict[str, Any]) -> None:
    found = operations(description)
    names = [operation["operationId"] for operation in found.values()]
    assert len(names) == len(set(names))
    for where, operation in found.items():
        assert operation["summary"], where
        assert operation["description"], where
        if "/health" in where or "/metrics" in where:
            continue
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], (where, status)


async def test_the_fixed_addresses_are_there(description: dict[str, Any]) -> None:
    case = "/api/v1/cases/{number}"
    assert set(operations(description)) >= {
        "POST /api/v1/consultations",
        "GET /api/v1/items",
        "GET /api/v1/items/{code}",
        "GET /api/v1/flows/{name}",
        "POST /api/v1/cases",
        "GET /api/v1/cases",
        f"GET {case}",
        *(f"GET {case}/{part}" for part in ("actions", "events", "clocks", "materials", "documents", "scans")),
        *(f"GET {case}/{part}" for part in ("notice", "notifications", "cards", "duties", "procedures", "children")),
        *(f"{method} {case}/appointments" for method in ("GET", "POST")),
        f"POST {case}/actions/{{action}}",
        f"POST {case}/unmask",
        f"GET {case}/paper",
        f"POST {case}/paper/returns",
        *(f"{method} /api/v1/paper-batches" for method in ("GET", "POST")),
        "GET /api/v1/paper-batches/{code}",
        *(
            f"POST /api/v1/paper-batches/{{code}}/{step}"
            for step in ("send", "unpack", "receive", "refuse", "take-back")
        ),
        "POST /api/v1/paper-batches/{code}/discrepancies/{discrepancy}",
        *(f"GET /api/v1/{part}" for part in ("papers", "papers/owed", "completeness", "completeness/{figure}")),
        f"POST {case}/materials/{{line}}/scans",
        "GET /api/v1/scans/{scan}/content",
        "GET /api/v1/scans/{scan}/pages/{page}",
        "GET /api/v1/tasks",
        "GET /api/v1/calendar",
        "GET /api/v1/cards",
        "POST /api/v1/bulk/{action}",
        "POST /api/v1/packages",
        "GET /api/v1/calendar/recounts",
        "GET /api/v1/calendar/recounts/{recount}",
        *(f"{method} /api/v1/closures" for method in ("GET", "POST")),
        *(f"{method} /api/v1/delegations" for method in ("GET", "POST")),
        "DELETE /api/v1/delegations/{delegation}",
        *(f"{method} /api/v1/impasses" for method in ("GET", "POST")),
        "GET /api/v1/impasses/{number}",
        "POST /api/v1/impasses/{number}/steps/{step}",
        "POST /api/v1/impasses/{number}/unmask",
        *(f"{method} /api/v1/mandates" for method in ("GET", "POST")),
        "GET /api/v1/mandates/{mandate}",
        *(f"POST /api/v1/mandates/{{mandate}}/{part}" for part in ("scans", "revocation", "cases")),
        *(f"{method} /api/v1/visits" for method in ("GET", "POST")),
        "POST /api/v1/visits/{visit}/record",
        "POST /public/cases/{query_code}/rating",
        "GET /public/cases/{query_code}",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
    }


async def test_what_the_description_refers_to_exists(description: dict[str, Any]) -> None:
    for reference in references(description):
        node: Any = description
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
    for schema in description["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_examples_fit_what_they_illustrate(description: dict[str, Any]) -> None:
    checked = 0
    for where, operation in operations(description).items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = content["schema"] | {"components": description["components"]}
            target = schema.get("$ref", "").rpartition("/")[2]
            examples = schema.get("examples") or description["components"]["schemas"].get(target, {}).get(
                "examples", []
            )
            for example in examples:
                Draft202012Validator(schema).validate(example)
                checked += 1
        assert operation["operationId"], where
    assert checked >= 3


async def test_nothing_is_loaded_from_elsewhere(http: httpx.AsyncClient, description: dict[str, Any]) -> None:
    assert "http://" not in str(description)
    assert "https://" not in str(description)
    for page in ("", "/", "/redoc", "/swagger", "/elements", "/rapidoc", "/scalar", "/openapi.yaml"):
        assert (await http.get(f"/api/v1{page}")).status_code == 404
