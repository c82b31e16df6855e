"""The form of a delegation: begun for the reader's own absence, with colleagues to choose from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.api.pages.browser import Browser, Page

At = Callable[..., Awaitable[Browser]]


def offered(page: Page) -> set[str]:
    """The sign-in names that the form offers."""
    listed = page.html.partition('<datalist id="colleagues">')[2].partition("</datalist>")[0]
    return {part.partition('"')[0] for part in listed.split('value="')[1:]}


async def test_the_form_begins_with_ones_own_absence_and_offers_colleagues(at_desk: At) -> None:
    officer = await at_desk("officer")
    page = await officer.open("/delegations")
    form = page.form("/delegations")
    begun = {name: form.value(name) for name in ("person", "role", "organisation", "from_at", "delegate")}
    assert begun == {
        "person": "officer", "role": "officer", "organisation": "amr", "from_at": "2026-03-02T09:30", "delegate": ""
    }  # fmt: skip
    assert {"officer", "officer2", "approver"} <= offered(page)
    assert "officer.hrss" not in offered(page)
    page = await officer.send(form, delegate="officer2", until_at="2026-03-06T09:30", reason="年休假")
    assert page.answer.status_code == 200, page.text
    assert "代理中" in page.text


async def test_somebody_without_a_role_to_delegate_begins_with_nobody(at_desk: At) -> None:
    administrator = await at_desk("system_admin")
    page = await administrator.open("/delegations")
    assert page.form("/delegations").value("person") == ""
