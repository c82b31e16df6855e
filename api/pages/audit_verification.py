"""The page that verifies a case and says what was checked, what was not, what a break means and what to do then."""

from __future__ import annotations

from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.forms import Typed
from api.pages.rendering import page
from api.pages.visit import Visit
from engine.audit_desk import case_record
from engine.reading import seen_case


@post("/audit/cases/{number:str}/verification")
async def verify_from_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """Verify a case with its stored files and show the statement, made to be printed. It is logged."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    found = await case_record.verify_record(visit.context, visit.actor, number, visit.now)
    _, flow = await seen_case(visit.context, visit.actor, number)
    return page(
        visit.request,
        "audit_verification.html",
        found=found,
        state_title=visit.wording.of(flow.states[found["state"]]),
        verified_at=visit.now,
    )
