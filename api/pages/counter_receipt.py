"""After a result was handed over: the certificate of service, the recipient's signature, the invitation to rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.auth import check_csrf
from api.pages.counter_forms import drawn_code
from api.pages.rendering import asks_for_part, go_to, page
from api.pages.timeline import document_title
from api.pages.visit import Visit
from api.rest.requests import key_of
from api.uploads import receive_file
from engine.issue import handing_over, signed_slips
from workflows.errors import NotFound, YichuangError

_SIGNED_FOR: Final = frozenset({"window"})
"""Ways of service under which the recipient stands at the counter and signs."""


@get("/counter/receipt")
async def receipt_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """A certificate of service; the page asks for the part about its signature until that is judged."""
    return await _show(visit, visit.asked("document"))


async def _show(visit: Visit, document: str, refusal: YichuangError | None = None) -> Response[Any]:
    handed = await handing_over.read_handed(visit.context, visit.actor, document, visit.now)
    return page(
        visit.request,
        "counter_signature.html" if asks_for_part(visit.request) and not refusal else "counter_receipt.html",
        status=refusal.status if refusal else 200,
        handed=handed,
        titles={line["code"]: document_title(line["code"], visit.wording) for line in handed["lines"]},
        ratings=[{**one, "code": drawn_code(one["scanned"])} for one in handed["ratings"] if not one["rated"]],
        to_sign=handed["way"] in _SIGNED_FOR,
        refusal=refusal,
        done=bool(visit.asked("done")),
        key=uuid4().hex,
    )


@post("/counter/receipt/signature", request_max_body_size=None)
async def sign_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Take a signature in; ``csrf_token``, ``key``, ``document`` and ``way`` come before the file."""
    sent = dict[str, str]()

    def check(fields: Mapping[str, str]) -> None:
        check_csrf(visit.request, fields.get("csrf_token", ""))
        sent.update(fields)

    try:
        async with receive_file(visit.request, visit.context.settings, check) as received:
            way: signed_slips.Way = "pad" if sent.get("way") == "pad" else "slip"
            document, key = sent.get("document", ""), key_of(sent.get("key") or None)
            await signed_slips.keep_signature(visit.context, visit.actor, document, way, received, visit.now, key)
    except NotFound:
        raise
    except YichuangError as refusal:
        if refusal.code == "csrf_refused" or not sent.get("document"):
            raise
        return await _show(visit, sent["document"], refusal)
    return go_to(f"/counter/receipt?document={quote(document)}")
