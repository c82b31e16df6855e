"""A licence application from registration to delivery, by four people."""

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.context import Context
from engine.opening import Applicant, Opening, open_case
from engine.operations import act
from engine.work import Answer, Command
from storage import audit, results
from tests.people import actor
from workflows import events
from workflows.events import Act
from workflows.item import load_catalogue

FOOD = next(item for item in load_catalogue() if item.name.startswith("食品经营许可"))
START = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


async def test_a_permit_goes_from_the_window_to_delivery(context: Context) -> None:
    clerk, officer, approver, issuer = [await actor(name) for name in ("clerk", "officer", "approver", "issuer")]
    opened = await open_case(
        context,
        clerk,
        Opening(item=FOOD.code, applicant=Applicant("organisation", "示例餐饮有限公司", "uscc", "91350100M000100Y43")),
        START,
    )
    number, now = opened["case"], START

    async def go(who: Any, what: Act, **payload: Any) -> Answer:
        nonlocal now
        now += timedelta(minutes=10)
        return await act(context, Command(who, number, what, payload, now))

    e_cert = [line.code for line in FOOD.materials if line.e_cert]
    await go(clerk, Act.RECEIVE, materials=[{"line": e_cert[0], "exempt": "e_cert"}])
    answer = await go(officer, Act.GIVE_NOTICE, lines=[
        {"material": FOOD.materials[0].code, "defect": "未签字", "requirement": "签字", "basis": "办法第10条"}
    ])
    assert answer["state"] == "CORRECTION"
    await go(clerk, Act.SUPPLY, lines=[1])
    trail = await audit.of_case(number)
    assert [row["name"] for row in trail] == ["case:open", "case:receive", "case:give_notice", "case:supply"]
    assert all(events.digest(row).hex() == row["digest"] for row in trail)
