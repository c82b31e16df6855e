"""机构: a hall that opens is put into the tree by its system administrator, and nothing is taken out again."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from engine.administration.managing_places import PlaceChange, add_place, change_place, import_places, list_places
from engine.context import Context
from engine.identity import add_person
from storage import organisations
from storage.db import reading
from tests.engine.test_refusals import refused
from tests.factories import START, bring
from tests.people import actor
from workflows.actor import Role
from workflows.errors import Conflict, DefinitionError, Forbidden, Malformed, NotFound
from workflows.place import Hours, Place

WINDOW: dict[str, Any] = {
    "code": "w10", "parent": "hall", "kind": "window", "region": "460100", "name": "综合窗口10号",
    "name_en": "General window 10",
}  # fmt: skip
HOURS = Hours(zone="Asia/Shanghai", sessions=((time(9), time(12)), (time(13, 30), time(17))))
HALL = WINDOW | {"code": "east-hall", "parent": "460107", "kind": "hall", "region": "460107", "agency_word": "示东政服",
                 "hours": HOURS}  # fmt: skip
DEPARTMENT = WINDOW | {"code": "bureau", "parent": "460107", "kind": "department", "region": "460107",
                       "agency_word": "示东监", "uscc": "91110108551385082Q"}  # fmt: skip


async def add(who: str = "system_admin", **place: Any) -> None:
    await add_place(await actor(who), Place(**(WINDOW | place)), START)


async def logged() -> list[tuple[str, str]]:
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT subject, action FROM access_log WHERE starts_with(subject, 'organisation:')"
            " AND actor IN (SELECT id FROM people) ORDER BY seq"
        )
    return [(row["subject"], row["action"]) for row in rows]


async def test_a_hall_opens_with_a_window_and_people_who_work_there(context: Context) -> None:
    await add(**HALL)
    await add(parent="east-hall", region="460107")
    window = await organisations.by_code("w10")
    assert window is not None
    assert window["path"] == "460000/460100/460107/east-hall/w10"
    await add_person("east.clerk", "示例东", "Very-good-password-1", [(Role.clerk, "east-hall")], START)
    assert (await actor("east.clerk")).may(Role.clerk, within=window["path"])
    found = await list_places(await actor("auditor"), text="east-hall")
    assert [(row["code"], row["parent"], row["hours"]["sessions"][0]) for row in found] == [
        ("east-hall", "460107", ["09:00:00", "12:00:00"])
    ]
    assert await logged() == [("organisation:east-hall", "organisation.add"), ("organisation:w10", "organisation.add")]


@pytest.mark.parametrize(
    ("place", "field"),
    [
        (WINDOW | {"parent": "460100"}, "$.parent"),
        (WINDOW | {"kind": "department", "agency_word": "示", "uscc": "91110108551385082Q"}, "$.parent"),
        (WINDOW | {"region": "460107"}, "$.region"),
        (WINDOW | {"kind": "region", "parent": "460107", "region": "110101"}, "$.region"),
        (WINDOW | {"hours": HOURS}, "$.hours"),
        (HALL | {"hours": None}, "$.hours"),
        (HALL | {"hours": Hours(zone="Asia/Nowhere", sessions=HOURS.sessions)}, "$.hours"),
        (HALL | {"hours": Hours(zone="Asia/Shanghai", sessions=((time(12), time(9)),))}, "$.hours"),
        (HALL | {"agency_word": None}, "$.agency_word"),
        (DEPARTMENT | {"uscc": "911101085513850820"}, "$.uscc"),
    ],
)
async def test_a_place_that_cannot_be_is_refused_at_its_field(
    context: Context, place: dict[str, Any], field: str
) -> None:
    async with refused("place_wrong", Malformed) as caught:
        await add(**place)
    assert caught.value.extra["field"] == field


async def test_codes_and_agency_words_are_used_once(context: Context) -> None:
    async with refused("place_taken", Conflict):
        await add(code="w01")
    async with refused("agency_word_taken", Conflict):
        await add(**(HALL | {"agency_word": "示政服"}))


@pytest.mark.parametrize("who", ["security_admin", "auditor", "clerk", "hall_manager"])
async def test_only_a_system_administrator_adds_and_changes(context: Context, who: str) -> None:
    async with refused("role_not_allowed", Forbidden):
        await add(who)
    async with refused("role_not_allowed", Forbidden):
        await change_place(await actor(who), "hall", PlaceChange(name="别处"), START)


async def test_an_administrator_of_a_hall_adds_windows_there_and_nowhere_else(context: Context) -> None:
    await add_person("hall.admin", "示例管", "Very-good-password-1", [(Role.system_admin, "hall")], START)
    await add("hall.admin")
    async with refused("organisation_not_found", NotFound):
        await add("hall.admin", code="w11", parent="town-hall")
    async with refused("organisation_not_found", NotFound):
        await change_place(await actor("hall.admin"), "amr", PlaceChange(name="别处"), START)
    rows = await list_places(await actor("hall.admin"))
    assert {row["path"].split("/")[2] for row in rows} == {"hall"}


async def test_the_list_goes_on_where_a_page_ended(context: Context) -> None:
    auditor, found, after = await actor("auditor"), [], ""
    while rows := await list_places(auditor, after=after, limit=7):
        found += [row["path"] for row in rows]
        after = rows[-1]["code"]
    assert found == [row["path"] for row in await organisations.every()]


async def test_what_people_read_of_a_place_changes_and_what_numbers_hang_on_does_not(context: Context) -> None:
    administrator = await actor("system_admin")
    await change_place(administrator, "hall", PlaceChange(name="示例市政务服务局", phone="0898-12345"), START)
    row = await organisations.by_code("hall")
    assert row is not None
    assert (row["name"], row["phone"], row["agency_word"]) == ("示例市政务服务局", "0898-12345", "示政服")
    assert await logged() == [("organisation:hall", "organisation.change")]
    await change_place(administrator, "hall", PlaceChange(name="示例市政务服务局"), START)
    assert len(await logged()) == 1


async def test_hours_by_which_limits_were_counted_stay(context: Context) -> None:
    administrator = await actor("system_admin")
    await change_place(administrator, "hall", PlaceChange(hours=HOURS), START)
    await bring(context, "RECEIVED")
    later = Hours(zone="Asia/Shanghai", sessions=((time(9), time(18)),))
    async with refused("hall_has_cases", Conflict):
        await change_place(administrator, "hall", PlaceChange(hours=later), START)
    await change_place(administrator, "hall", PlaceChange(hours=HOURS, name="仍然开门"), START)


async def test_a_file_of_places_is_taken_over_wholly_or_not_at_all(context: Context) -> None:
    places = [Place(**HALL), Place(**(WINDOW | {"parent": "east-hall", "region": "460107"})), Place(**DEPARTMENT)]
    assert await import_places(places, START) == ["east-hall", "w10", "bureau"]
    assert await import_places(places, START) == []
    wrong = [Place(**(WINDOW | {"code": "w11"})), Place(**(HALL | {"name": "别名"})),
             Place(**(WINDOW | {"code": "w12", "parent": "nowhere"}))]  # fmt: skip
    with pytest.raises(DefinitionError) as caught:
        await import_places(wrong, START)
    assert "east-hall: is there already, and differs" in caught.value.en
    assert "w12.parent: nowhere does not come before it" in caught.value.en
    assert await organisations.by_code("w11") is None


async def test_the_first_file_of_an_empty_installation_has_a_root(context: Context) -> None:
    root = Place(code="110000", kind="region", region="110000", name="示例直辖市", name_en="Sample Municipality")
    assert await import_places([root, Place(**(HALL | {"parent": "110000", "region": "110000"}))], START)
    with pytest.raises(DefinitionError, match="definition_not_wellformed"):
        await import_places([Place(**(WINDOW | {"code": "w12", "parent": ""}))], START)
