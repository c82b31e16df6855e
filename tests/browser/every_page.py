"""Every page that there is, with somebody who sees it and something to see on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the list is also read where no browser is
    from tests.browser.desk import Desk

FOOD: Final = "11460100MB9A00014Q3460110001000"

NO_PAGES: Final = {
    "/language/{language:str}": "remembers a choice and leads back",
    "/live": "a stream of events",
    "/status/{query_code:str}/documents/{document:str}": "a file",
    "/figures/{name:str}/table.csv": "a file",
    "/cases/new/materials": "a part of the page of the intake",
    "/mandates/new/items": "a part of the page of a new mandate",
    "/cases/{number:str}/news": "a part of the page of a case",
    "/cases/{number:str}/materials/{line:str}/scans": "a part of the page of a case",
    "/cases/{number:str}/pages": "leads to the first page",
    "/cases/{number:str}/scans/{scan:uuid}/pages/{number_in_scan:int}": "leads to where the page stands now",
}
"""What is asked for by an address and is no page, with what it is."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page with something on it.

    :param name: of its pictures. :param address: with names of :mod:`tests.browser.things` in braces.
    :param who: sign-in name; empty for pages that are open to everybody.
    :param first: what is done on the page before it is looked at.
    """

    name: str
    address: str
    who: str = ""
    first: Callable[[Desk], None] | None = None

    @property
    def path(self) -> str:
        """The address without its query."""
        return self.address.partition("?")[0]


def let_in(desk: Desk) -> None:
    """Show who one is with the last four digits of the telephone, unless this browser has done so."""
    if desk.page.locator("#last_four").count():
        desk.page.fill("#last_four", "1234")
        desk.page.keyboard.press("Enter")
        desk.page.wait_for_selector("main h1:has-text('《'), main .now, main .status, main form.leave")


def _fill_in(desk: Desk, number: str = "11010519491231002X", mobile: str = "13800001234") -> None:
    desk.page.check("[name=kind] >> nth=0")
    desk.page.fill("[name=name]", "示例王秀英")
    desk.page.fill("[name=id_number]", number)
    desk.page.fill("[name=mobile]", mobile)


def send_wrong(desk: Desk) -> None:
    """Send a form with numbers that cannot be: refused, each error beside its field."""
    _fill_in(desk, "110105194912310021", "1380000")
    desk.page.click("main button.main")
    desk.page.wait_for_selector("main .refused .what", state="visible")


def end_session(desk: Desk) -> None:
    """The session has ended while a form was filled in."""
    _fill_in(desk)
    kept = [one for one in desk.context.cookies() if one["name"] == "yc_session"]
    desk.context.clear_cookies(name="yc_session")
    try:
        desk.page.click("main button.main")
        desk.page.wait_for_selector("#sign-in-again[open]")
    finally:
        desk.context.add_cookies(kept)  # type: ignore[arg-type]  # what a browser gives it also takes


def cut_off(desk: Desk) -> None:
    """The server cannot be reached while a form is sent."""
    _fill_in(desk)
    desk.context.set_offline(True)  # until the next page is shown
    desk.page.click("main button.main")
    desk.page.wait_for_selector("#unreachable", state="visible")


def _of(who: str, *pages: tuple[str, str]) -> tuple[Shown, ...]:
    return tuple(Shown(name, address, who) for name, address in pages)


EVERY_PAGE: Final = (
    Shown("sign-in", "/sign-in"),
    Shown("status-ask", "/status"),
    Shown("status-prove", "/status/{code}"),
    Shown("status", "/status/{code}", first=let_in),
    Shown("rating", "/status/{delivered_code}/rating", first=let_in),
    Shown("guide", "/guide/items"),
    Shown("guide-found", "/guide/items?text=食品"),
    Shown("guide-item", f"/guide/items/{FOOD}"),
    Shown("not-found-outside", "/nowhere"),
    *_of(
        "clerk",
        ("tasks", "/"),
        ("cases", "/cases"),
        ("intake-item", "/cases/new"),
        ("intake-found", "/cases/new?text=jyxk"),
        ("intake", f"/cases/new?item={FOOD}"),
        ("case-new", "/cases/{new}"),
        ("case-received", "/cases/{received}"),
        ("case-correction", "/cases/{correction}"),
        ("case-delivered", "/cases/{delivered}"),
        ("case-receipt", "/cases/{received}/received"),
        ("case-flow", "/cases/{review}/flow"),
        ("case-arrange", "/cases/{received}/arrange"),
        ("case-offers", "/cases/{new}/materials/M02/offers"),
        ("viewer", "/cases/{received}/pages/M01/1"),
        ("consultations", "/consultations"),
        ("consultation-item", "/consultations/new"),
        ("consultation-new", f"/consultations/new?item={FOOD}"),
        ("consultation", "/consultations/{consultation}"),
        ("capture", "/capture"),
        ("capture-batch", "/capture/{pile}"),
        ("papers", "/papers"),
        ("papers-new", "/papers/new"),
        ("paper-batch", "/papers/{batch}"),
        ("mandates", "/mandates"),
        ("mandate-new", "/mandates/new"),
        ("password", "/password"),
        ("not-found", "/cases/460100000000000000"),
        ("not-allowed", "/audit"),
    ),
    Shown("intake-wrong", f"/cases/new?item={FOOD}", "clerk", send_wrong),
    Shown("session-ended", f"/cases/new?item={FOOD}", "clerk", end_session),
    Shown("unreachable", f"/cases/new?item={FOOD}", "clerk", cut_off),
    *_of(
        "officer",
        ("department", "/department"),
        ("desk", "/cases/{review}/desk"),
        ("desk-page", "/cases/{review}/desk/M01/1"),
        ("opinion-templates", "/opinion-templates"),
        ("bulk", "/bulk?action=accept&case={received}@1"),
        ("finding-answer", "/audit/findings/{finding}"),
        ("inbox", "/inbox"),
    ),
    *_of(
        "approver",
        ("tasks-approver", "/"),
        ("desk-decision", "/cases/{verify}/desk"),
        ("delegations", "/delegations"),
    ),
    *_of(
        "issuer",
        ("counter", "/counter"),
        ("counter-making", "/counter/making"),
        ("counter-waiting", "/counter/waiting"),
        ("counter-at", "/counter/at/{ready}"),
        ("counter-post", "/counter/at/{ready}?way=post"),
        ("counter-parcels", "/counter/parcels"),
        ("counter-parcel", "/counter/parcels/{waybill}"),
        ("counter-receipt", "/counter/receipt?document={receipt}"),
    ),
    *_of(
        "agent",
        ("principals", "/principals"),
        ("mandate", "/mandates/{mandate}"),
        ("visits", "/visits"),
        ("visit-new", "/visits/new"),
    ),
    *_of(
        "impasse_handler",
        ("impasses", "/impasses"),
        ("impasse-new", "/impasses/new"),
        ("impasse", "/impasses/{impasse}"),
    ),
    *_of("complaint_handler", ("ratings", "/ratings")),
    *_of(
        "hall_manager",
        ("board", "/board"),
        ("board-cases", "/board/cases?level=red&when=now"),
        ("board-owed", "/board/owed"),
        ("cards", "/cards"),
        ("figures", "/figures"),
        ("figure", "/figures/received?over=day"),
        ("figure-cases", "/figures/received/cases"),
        ("reports", "/reports"),
        ("wall", "/wall"),
        ("closures", "/closures"),
        ("inbox-by-hand", "/inbox/by-hand"),
        ("compliance", "/compliance"),
        ("compliance-rule", "/compliance/A1"),
        ("compliance-case", "/compliance/cases/{correction}"),
    ),
    *_of(
        "assessor",
        ("assessments", "/assessments"),
        ("assessment", "/assessments/{assessment}"),
        ("contract-new", "/contracts/new"),
        ("contract", "/contracts/{contract}"),
    ),
    *_of(
        "auditor",
        ("audit-cases", "/audit"),
        ("audit-record", "/audit/cases/{denied}"),
        ("audit-events", "/audit/events"),
        ("audit-anomalies", "/audit/anomalies"),
        ("audit-samples", "/audit/samples"),
        ("audit-sample", "/audit/samples/{sample}"),
        ("audit-findings", "/audit/findings"),
        ("audit-finding", "/audit/findings/{finding}"),
        ("audit-looks", "/audit/looks"),
        ("exports", "/exports"),
        ("alarms", "/alarms"),
    ),
    *_of(
        "item_steward",
        ("catalogue", "/catalogue"),
        ("item-versions", "/catalogue/items/{item}"),
        ("item-version", "/catalogue/items/{item}/versions/2"),
        ("item-difference", "/catalogue/items/{item}/difference/1/2"),
        ("flow-versions", "/catalogue/flows/REAL_ESTATE"),
        ("flow-difference", "/catalogue/flows/REAL_ESTATE/difference/1/2"),
        ("flow", "/catalogue/flows/PERMIT/versions/2"),
        ("drafts", "/drafts"),
        ("draft-new", "/drafts/new"),
        ("draft", "/drafts/{draft}"),
        ("moves", "/moves"),
        ("move", "/moves/{plan}"),
        ("calendars", "/calendars"),
        ("calendar", "/calendars/2026"),
        ("calendar-trial", "/calendars/trial"),
        ("calendar-edition", "/calendars/2026/editions/1"),
        ("webhooks", "/webhooks"),
        ("webhook", "/webhooks/{webhook}"),
    ),
    *_of(
        "system_admin",
        ("people", "/people"),
        ("person", "/people/clerk"),
        ("dead-letters", "/dead-letters"),
        ("inbox-unsent", "/inbox/unsent"),
        ("places", "/organisations"),
        ("place", "/organisations/hall"),
        ("place-new", "/organisations/hall/new"),
    ),
    *_of(
        "security_admin",
        ("person-roles", "/people/clerk"),
        ("tokens", "/tokens"),
    ),
)  # fmt: skip
"""Every page at least once, and states that annoy: refused, not allowed, not there, session over, server gone."""
