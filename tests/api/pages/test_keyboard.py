"""What a hand on the keyboard finds first: the menu, the acts in the order they are wanted, what is proposed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from tests.api.pages.browser import Browser
from tests.factories import Story

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


def acts(html: str) -> list[str]:
    """The acts of a page, in their order."""
    return re.findall(r'id="action-(\w+)"', html)


async def test_what_goes_back_or_to_a_refusal_is_never_the_first_act(at_desk: At, case_in: Bring) -> None:
    story = await case_in("CORRECTION")
    clerk = acts((await (await at_desk("clerk")).open(f"/cases/{story.number}")).html)
    assert clerk.index("supply") < clerk.index("escalate")
    story = await case_in("VERIFY")
    for page in (f"/cases/{story.number}", f"/cases/{story.number}/desk"):
        reviewer = acts((await (await at_desk("reviewer")).open(page)).html)
        assert reviewer.index("endorse") < reviewer.index("send_back")


async def test_keys_lead_to_the_menu_the_acts_and_what_is_done_to_many(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    desk = await at_desk("clerk")
    page = await desk.open(f"/cases/{story.number}")
    assert re.search(r'<nav class="rail"[^>]* accesskey="8" data-arrows="a"', page.html)
    assert re.search(r'id="actions"[^>]* accesskey="g"', page.html)
    assert "Ctrl+Enter" in page.text
    queue = await desk.open("/")
    assert re.search(r'<select id="bulk-action"[^>]* accesskey="b"', queue.html)


async def test_the_newest_paper_is_the_first_to_be_served(at_desk: At, case_in: Bring) -> None:
    story = await case_in("CORRECTION")
    page = await (await at_desk("clerk")).open(f"/cases/{story.number}")
    offered = re.search(r'<select id="serve-document".*?</select>', page.html, re.DOTALL)
    assert offered
    assert offered[0].index("补正告知书") < offered[0].index("收件凭证")


async def test_what_was_counted_is_proposed_again_when_more_comes_in(at_desk: At, case_in: Bring) -> None:
    story = await case_in("CORRECTION")
    page = await (await at_desk("clerk")).open(f"/cases/{story.number}")
    form = page.html[page.html.index('id="action-supply"') :]
    assert re.search(r'name="materials\.M01\.originals" value="1"', form)
