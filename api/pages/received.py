"""What the applicant takes along: the receipt (D01) of a case that was just received, to print, and the next one."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.rendering import asks_for_part, page
from api.pages.visit import Visit
from engine.intake_sheet import find_receipt, read_receipt


@get("/cases/{number:str}/received")
async def received_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """The receipt with its link, once a worker has made it; the page asks for that part until it is there."""
    if asks_for_part(visit.request):
        document, ready = await find_receipt(visit.context, visit.actor, number)
        return page(visit.request, "received_receipt.html", number=number, document=document, ready=ready)
    found = await read_receipt(visit.context, visit.actor, number, visit.now)
    return page(visit.request, "received.html", number=number, **found)
