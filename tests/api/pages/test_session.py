"""Signing in and out, the language, and pages that are nobody's business."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.api.hall import Caller, Clock
from tests.api.pages.browser import Browser
from tests.factories import FOOD, LABOUR, Story

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


async def test_a_clerk_signs_in_and_sees_the_tasks(at_desk: At) -> None:
    browser = await at_desk()
    page = await browser.sign_in("clerk")
    assert page.answer.url.path == "/"
    assert "我的待办" in page.text
    cookies = page.answer.history[0].headers.get_list("set-cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"yc_session", "yc_csrf"}
    assert all("HttpOnly" in cookie and "SameSite=strict" in cookie for cookie in cookies)


async def test_a_wrong_password_is_told_and_the_name_is_kept(at_desk: At) -> None:
    page = await (await at_desk()).sign_in("clerk", "Wrong-2026-no")
    assert page.answer.status_code == 401
    assert "用户名或密码不正确" in page.text
    assert page.form("/sign-in").value("login") == "clerk"
    assert page.form("/sign-in").value("password") == ""


async def test_who_is_not_signed_in_is_sent_to_sign_in_and_then_on_to_the_page(at_desk: At, case_in: Bring) -> None:
    story = await case_in("NEW")
    browser = await at_desk()
    page = await browser.open(f"/cases/{story.number}")
    assert page.answer.url.path == "/sign-in"
    page = await browser.send(page.form("/sign-in"), login="clerk", password="Sample-2026")
    assert page.answer.url.path == f"/cases/{story.number}"


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_sign_in_leads_nowhere_else(at_desk: At, place: str) -> None:
    browser = await at_desk()
    answer = await browser.http.post(
        "/sign-in", data={"login": "clerk", "password": "Sample-2026", "next": place}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


async def test_a_sign_in_form_of_another_site_is_refused(at_desk: At) -> None:
    browser = await at_desk()
    answer = await browser.http.post(
        "/sign-in", data={"login": "clerk", "password": "Sample-2026"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert not browser.http.cookies


async def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(at_desk: At) -> None:
    browser = await at_desk("clerk")
    stolen = browser.http.cookies["yc_session"]
    page = await browser.send((await browser.open("/")).form("/sign-out"))
    assert page.answer.url.path == "/sign-in"
    answer = await browser.http.get("/", headers={"Cookie": f"yc_session={stolen}"})
    assert answer.status_code == 303


async def test_an_idle_session_is_over(at_desk: At, clock: Clock) -> None:
    browser = await at_desk("clerk")
    clock.advance(minutes=16)
    assert (await browser.open("/")).answer.url.path == "/sign-in"


async def test_a_bearer_token_opens_no_page(clerk: Caller) -> None:
    answer = await clerk.get("/cases")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/cases")


async def test_the_language_is_remembered(at_desk: At, case_in: Bring) -> None:
    story = await case_in("ACCEPTED")
    browser = await at_desk("clerk")
    page = await browser.open(f"/language/en?next=/cases/{story.number}")
    assert page.answer.url.path == f"/cases/{story.number}"
    assert '<html lang="en">' in page.html
    assert "What you can do now" in page.text
    assert FOOD.name_en in page.text
    page = await browser.open("/language/zh?next=/")
    assert '<html lang="zh-CN">' in page.html
    assert (await browser.open("/language/fr")).answer.status_code == 404


async def test_hidden_characters_are_refused_in_words(at_desk: At) -> None:
    browser = await at_desk("clerk")
    for address in ("/cases/%00", "/cases?item=%00", "/cases/new?item=%00", "/status/%00", "/status?code=%E2%80%AE"):
        page = await browser.open(address)
        assert page.answer.status_code == 422, address
        assert "不可见的控制字符" in page.text
    assert "不可见的控制字符" in (await (await at_desk()).sign_in("clerk\0")).text


async def test_a_page_that_does_not_exist_is_refused_in_words(at_desk: At) -> None:
    browser = await at_desk()
    page = await browser.open("/no-such-page")
    assert page.answer.status_code == 404
    assert page.answer.headers["content-type"].startswith("text/html")
    assert "没有这个地址" in page.text
    assert (await browser.http.get("/api/v1/no-such-thing")).headers["content-type"] == "application/problem+json"


async def test_another_department_finds_no_such_case(at_desk: At, case_in: Bring) -> None:
    story = await case_in("DISPATCHED")
    page = await (await at_desk("officer.health")).open(f"/cases/{story.number}")
    assert page.answer.status_code == 404
    assert "没有找到该办件" in page.text
    assert story.number not in page.text


async def test_a_department_sees_its_own_case(at_desk: At, case_in: Bring, clock: Clock) -> None:
    story = await case_in("ACCEPTED", item=LABOUR)
    clock.now += timedelta(minutes=1)
    page = await (await at_desk("officer.hrss")).open(f"/cases/{story.number}")
    assert page.answer.status_code == 200


async def test_a_page_whose_session_has_ended_stays_and_is_told_the_new_token(at_desk: At) -> None:
    browser = await at_desk("clerk")
    part = {"HX-Request": "true"}
    browser.http.cookies.delete("yc_session")
    answer = await browser.http.get("/", headers=part, follow_redirects=False)
    assert (answer.status_code, answer.text) == (401, "")
    wrong = await browser.http.post("/sign-in", data={"login": "clerk", "password": "Wrong-2026-no"}, headers=part)
    assert wrong.status_code == 401
    again = await browser.http.post("/sign-in", data={"login": "clerk", "password": "Sample-2026"}, headers=part)
    assert again.status_code == 200
    assert again.headers["X-CSRF-Token"] == browser.http.cookies["yc_csrf"]
    assert f'data-reader="{again.headers["X-Reader"]}"' in (await browser.open("/")).html


async def test_a_list_is_answered_alone_where_the_page_asks_for_it(at_desk: At) -> None:
    browser = await at_desk("clerk")
    alone = await browser.http.get("/", headers={"HX-Request": "true"})
    assert "<html" not in alone.text
    assert 'id="tasks"' in alone.text
    assert "<html" in (await browser.http.get("/", headers={"HX-Request": "true", "HX-Boosted": "true"})).text
