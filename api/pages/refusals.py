"""Refusals for people: the same as for machines, as a page that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException

from api.errors import on_failure, on_http, on_refusal
from api.pages.rendering import NO_STORE, address_to_return, go_to, page
from workflows.errors import NotAuthenticated, YichuangError

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]
_FOR_MACHINES: Final = ("/api/", "/public/", "/health/", "/metrics", "/static/")


def as_page(handler: Handler) -> Handler:
    """The answer of a problem-document handler, as a page with the same status."""

    def handle(request: Request[Any, Any, Any], problem: Any) -> Response[Any]:
        answer = handler(request, problem)
        told = answer.content
        return page(
            request,
            "refusal.html",
            status=answer.status_code or 500,
            refusal={"zh": told["detail"], "en": told["title"], "basis": told.get("basis")},
        )

    return handle


def by_audience(handler: Handler) -> Handler:
    """A problem document for machines, a page for everybody else; for addresses that belong to no router."""
    shown = as_page(handler)

    def handle(request: Request[Any, Any, Any], problem: Any) -> Response[Any]:
        return (handler if request.url.path.startswith(_FOR_MACHINES) else shown)(request, problem)

    return handle


def _refused(request: Request[Any, Any, Any], refusal: YichuangError) -> Response[Any]:
    if isinstance(refusal, NotAuthenticated) and request.headers.get("HX-Request") == "true":
        return Response("", status_code=refusal.status, headers=NO_STORE)  # the page stays, and asks for the password
    if isinstance(refusal, NotAuthenticated):
        return go_to(f"/sign-in?next={quote(address_to_return(request), safe='/')}")
    return as_page(on_refusal)(request, refusal)


PAGE_ERRORS: Final[dict[type[Exception] | int, Any]] = {
    YichuangError: _refused,
    HTTPException: as_page(on_http),
    Exception: as_page(on_failure),
}
"""The exception handlers of every page."""
