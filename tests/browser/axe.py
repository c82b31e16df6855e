"""Accessibility as axe-core sees it; installed by ``make`` beside the scripts of the pages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(sys.prefix) / "share" / "yichuang" / "testing" / "axe.js"
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what is in order is not described: a third of the time
    "preload": False,  # no sheets or films from elsewhere
}


def findings(page: Page) -> list[str]:
    """What axe finds on a page as it stands, each with the elements that it means."""
    page.evaluate(AXE.read_text("utf-8"))  # past the policy of the page, as a tool of the browser itself
    found: list[dict[str, Any]] = page.evaluate("async rules => (await axe.run(document, rules)).violations", _RULES)
    return [f"{page.url} {one['impact']} {one['id']}: {[node['target'] for node in one['nodes']][:4]}" for one in found]
