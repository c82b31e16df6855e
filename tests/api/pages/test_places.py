"""The pages of places: a hall with its window is opened in two forms, and what was typed wrong stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from api.pages.forms import Typed
from api.pages.places import hours_of, hours_text
from tests.api.pages.browser import Browser

At = Callable[..., Awaitable[Browser]]
HALL = {"code": "east-hall", "kind": "hall", "name": "示例区政务服务中心", "name_en": "District Hall",
        "agency_word": "示区政服", "hours": "8:30-12:00 14:30—17:30"}  # fmt: skip


async def test_a_hall_and_its_window_are_added_by_the_system_administrator(at_desk: At) -> None:
    system = await at_desk("system_admin")
    page = await system.open("/organisations/460107/new")
    page = await system.send(page.form("/new"), **(HALL | {"hours": "上午"}))
    assert page.answer.status_code == 422
    assert page.form("/new").value("hours") == "上午"
    assert [values["class"] for _, values in page.elements if "wrong" in values.get("class", "")] == ["field wrong"]
    page = await system.send(page.form("/new"), hours=HALL["hours"])
    assert "机构已新增" in page.text
    assert "08:30-12:00 14:30-17:30" in page.text
    page = await system.open("/organisations/east-hall/new")
    page = await system.send(page.form("/new"), code="e01", kind="window", name="<i>1号</i>", name_en="One")
    assert "<i>" not in page.html.partition("</header>")[2]
    page = await system.send(page.form("/organisations/e01"), name="1号窗口")
    assert "已保存" in page.text
    listed = await system.open("/organisations?kind=window&text=1号窗口")
    assert "e01" in listed.text
    assert "w02" not in listed.text


async def test_the_auditor_looks_and_a_clerk_does_not(at_desk: At) -> None:
    auditor, clerk = await at_desk("auditor"), await at_desk("clerk")
    page = await auditor.open("/organisations/hall")
    assert page.answer.status_code == 200
    assert not [form for form in page.forms if "/organisations/" in form.action]
    assert "没有符合条件的机构" in (await auditor.open("/organisations?text=nowhere")).text
    for address in ("/organisations", "/organisations/hall", "/organisations/hall/new"):
        assert (await clerk.open(address)).answer.status_code == 403
    assert (await auditor.open("/organisations/nowhere")).answer.status_code == 404


@pytest.mark.parametrize(
    "typed", ["8:30-12:00 14:30—17:30", "08：30至12：00，14：30到17：30", "08:30~12:00;14:30–17:30"]
)
def test_hours_are_read_as_people_type_them(typed: str) -> None:
    hours = hours_of(Typed.of([("hours", typed)]))
    assert isinstance(hours, dict)
    assert hours_text(hours) == "08:30-12:00 14:30-17:30"


@pytest.mark.parametrize("typed", ["上午", "8:30", "8:30-12:00 14", "-"])
def test_hours_that_cannot_be_read_stay_as_they_were_typed(typed: str) -> None:
    assert hours_of(Typed.of([("hours", typed)])) == typed
