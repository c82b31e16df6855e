"""What goes over the wire the second time, and what is left of a page on paper."""

from __future__ import annotations

import re
from typing import Any, Final

from tests.browser.conftest import At
from tests.browser.desk import Desk
from tests.browser.test_case import open_case

WIDTH: Final = 718
"""The printable width of a sheet of A4 in CSS pixels, with margins of a centimetre."""


def fetched(desk: Desk, path: str) -> tuple[int, set[str]]:
    """Bytes that came over the wire while a page was opened, and the files among them that were not kept."""
    session = desk.context.new_cdp_session(desk.page)
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    kept: set[str] = set()

    def began(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["response"]["url"]
        if event["response"].get("fromDiskCache"):
            kept.add(event["requestId"])

    session.on("Network.responseReceived", began)
    session.on("Network.requestServedFromCache", lambda event: kept.add(event["requestId"]))
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    session.send("Network.enable")
    desk.go(path)
    desk.page.wait_for_load_state("load")
    session.detach()
    came = [address for key, address in addresses.items() if key not in kept]
    files = {found[1] for address in came if (found := re.search(r"/static/([^?]+)", address))}
    return sum(sizes.get(key, 0) for key in addresses), files


def test_styles_and_scripts_come_once_and_small(at_desk: At) -> None:
    desk = at_desk("clerk")  # the start page has fetched what all pages share
    first, files = fetched(desk, "/cases/new")
    again, left = fetched(desk, "/cases/new")
    assert files
    assert left == set()
    assert again < first < 100_000
    assert desk.complaints == []


def test_a_case_and_a_list_on_paper_keep_to_the_sheet(at_desk: At) -> None:
    desk = at_desk("clerk")
    number = open_case(desk, "示例打印")
    desk.page.set_viewport_size({"width": WIDTH, "height": 1015})
    desk.page.emulate_media(media="print")
    for path in (f"/cases/{number}", "/", "/cases"):
        desk.go(path)
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= WIDTH, path
        for what in (".rail", "main form[method=post] button", "a.button", "kbd"):
            assert not [one for one in desk.page.locator(what).all() if one.is_visible()], (path, what)
        for table in desk.page.locator("table.list:has(tbody tr)").all():
            heads = [one for one in table.locator("thead tr").last.locator("th").all() if one.is_visible()]
            cells = [one for one in table.locator("tbody tr").first.locator("> *").all() if one.is_visible()]
            assert len(heads) == len(cells), path
    desk.page.emulate_media(media="screen")
