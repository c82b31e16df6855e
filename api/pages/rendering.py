"""Pages out of templates: escaped, never cached, with what every page carries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from api.auth import CSRF_COOKIE
from api.headers import SECURITY_HEADERS
from api.pages.assets import installed, static_url
from api.pages.forms import LONG_PARTS, ROW_PARTS, wrong_fields
from api.pages.navigation import navigation_of
from api.pages.wording import Wording, wording_of
from api.state import clock_of, context_of
from engine.viewing.links import Picture, Size, link_to
from workflows.actor import Actor

_API: Final = Path(__file__).resolve().parent.parent
NO_STORE: Final = {"Cache-Control": "no-store"}
"""Personal data stays out of the browser's cache."""
PageRequest = Request[Any, Any, Any]


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_API / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["static"] = static_url
    environment.globals["installed"] = installed
    environment.globals["row_parts"] = ROW_PARTS
    environment.globals["long_parts"] = LONG_PARTS
    environment.globals["wrong_fields"] = wrong_fields
    return environment


_ENVIRONMENT: Final = _environment()


def page(
    request: PageRequest,
    template: str,
    *,
    wording: Wording | None = None,
    status: int = 200,
    cookies: Sequence[Cookie] = (),
    **values: Any,
) -> Response[str]:
    """A page, or a part of one: where ``template`` does not build on the layout, it answers a request of htmx.

    :param template: file name under ``api/templates``. :param status: HTTP status.
    :param wording: the reader's by default. :param values: what the template shows; everything is escaped there.
    """
    words = wording or wording_of(request)
    reader, here = reader_of(request), address_to_return(request)
    html = _ENVIRONMENT.get_template(template).render(
        w=words,
        t=words.t,
        reader=reader,
        navigation=navigation_of(reader, here),
        page_link=_page_links(request, reader),
        csrf=request.cookies.get(CSRF_COOKIE, "") if reader else "",
        here=here,
        **values,
    )
    headers = {
        **SECURITY_HEADERS,
        **NO_STORE,
    }  # also where no route adds them
    return Response(html, media_type=MediaType.HTML, status_code=status, headers=headers, cookies=list(cookies))


def _page_links(request: PageRequest, reader: Actor | None) -> Callable[..., str]:
    """Gives out addresses of page pictures that work for this reader alone, and for minutes only."""

    def link(scan: UUID | str, number: int, size: Size = "thumbnail", turned: int = 0, *, seen: bool = False) -> str:
        picture = Picture(UUID(str(scan)), number, size, turned, seen)
        return link_to(context_of(request.app), reader, picture, clock_of(request.app)()) if reader else ""

    return link


def reader_of(request: PageRequest) -> Actor | None:
    """Who is signed in in this browser, if anybody is."""
    user: Actor | None = request.scope.get("user")
    return user if request.scope.get("auth") else None


def asks_for_part(request: PageRequest) -> bool:
    """Whether the page itself asks, with htmx, for a part to put in place; else a whole page is wanted."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Boosted") != "true"


_SENT_FROM: Final = ("/counter/at", "/counter/waiting", "/counter/making", "/counter/parcels", "/counter")
"""Pages whose forms are sent to addresses below theirs, the longer address first."""


def go_to(path: str, cookies: Sequence[Cookie] = ()) -> Redirect:
    """Send the browser on to a page of ours, to be fetched with GET."""
    return Redirect(local_path(path), status_code=303, headers=NO_STORE, cookies=list(cookies))


def local_path(path: str) -> str:
    """The path itself where it stays on this server, else the start page."""
    stays = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if stays else "/"


def address_to_return(request: PageRequest) -> str:
    """The page to come back to: this one, or where a form was sent to an address that shows nothing by itself, the list
    that it stood on, or else its case.
    """
    path = request.url.path
    if request.method == "GET":
        return f"{path}?{request.url.query}" if request.url.query else path
    sent_from = next((one for one in _SENT_FROM if path.startswith(f"{one}/")), None)
    number = request.scope.get("path_params", {}).get("number")
    if sent_from == "/counter/at":
        return f"{sent_from}/{number}"
    return sent_from or (f"/cases/{number}" if number else path)
