"""What is put into people's hands, over HTTP from the window to the end: proxies, parcels, certificates, messages."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from engine.issue.counter import pickup_code
from engine.settings import Settings
from storage.db import reading
from tests.acceptance.halls import Hall, running
from tests.api.hall import FIRM, FOOD, refused
from tests.courier import KEY as COURIER_KEY
from tests.courier import SampleCourier, report_headers, sample_courier
from tests.gateways import KEY, HttpGateway, http_gateway
from tests.mandates import agent_number

GRANNY = {"kind": "person", "name": "示例奶奶", "id_kind": "resident_id", "id_number": "11010519491231002X",
          "mobile": "13800001234"}  # fmt: skip
AGENT = {"name": "陈念慈", "id_kind": "resident_id", "id_number": agent_number(), "relation": "agent"}
HERSELF = {"name": "示例奶奶", "id_kind": "resident_id", "id_number": "11010519491231002X", "relation": "self"}
GIVEN: dict[str, Any] = {
    "principal": GRANNY,
    "agent": {"id_kind": "resident_id", "id_number": agent_number(), "login": "agent"},
    "matter": "代为办理食品经营许可并领取许可证",
    "items": [FOOD.code],
    "powers": ["file", "supply", "collect"],
    "from_on": "2026-03-02",
    "until_on": "2026-03-06",
    "signed": True,
}
GAP = {"material": FOOD.materials[0].code, "defect": "未填写。", "how_to_obtain": "窗口领取样表。"}
RECEIVER = {"name": "示例收件人", "phone": "13800001234", "address": "海南省海口市示例路1号"}
OFFICE = {"name": "示例经办人", "id_kind": "resident_id", "id_number": "11010519491231002X",
          "relation": "legal_representative"}  # fmt: skip


@pytest.fixture
def courier() -> Iterator[SampleCourier]:
    with sample_courier() as found:
        yield found


@pytest.fixture
def gateway() -> Iterator[HttpGateway]:
    with http_gateway() as found:
        yield found


@pytest.fixture
async def hall(settings: Settings, courier: SampleCourier, gateway: HttpGateway) -> AsyncIterator[Hall]:
    """A hall with a courier and a gateway of short messages."""
    changes = {
        "courier_url": SecretStr(courier.url), "courier_key": SecretStr(COURIER_KEY), "sms_url": SecretStr(gateway.url),
        "sms_key": SecretStr(KEY), "gateway_seconds": 2.0,
    }  # fmt: skip
    async with running(settings.model_copy(update=changes)) as found:
        yield found


def at(day: str, clock: str = "10:00") -> datetime:
    """A moment by the hall's clock, as UTC."""
    return datetime.fromisoformat(f"{day}T{clock}:00+08:00").astimezone(UTC)


async def test_a_mandate_that_ends_before_the_pickup_hands_out_nothing_to_the_agent(hall: Hall) -> None:
    key, mandate = (await hall.mandate("agent", GIVEN)).split(" ")
    number = await hall.open("agent", f"/mandates/{key}/cases", item=FOOD.code)
    await hall.grant(number)
    assert await hall.state(number) == "READY"
    await hall.until(at("2026-03-09"))
    late = {"recipient": AGENT, "mandate": True, "mandate_number": mandate}
    problem = refused(await hall.try_act("issuer", number, "deliver", **late), 403, "mandate_expired")
    assert "民法典" in problem["basis"]
    assert "3月6日" in problem["detail"] or "2026-03-06" in problem["detail"]
    # She cannot come herself: two people call on her, she signs another mandate, and only then it is handed over.
    visit = await hall.post("clerk", "/visits", {
        "principal": {name: GRANNY[name] for name in ("kind", "name", "id_kind", "id_number")},
        "day": "2026-03-10", "at": "09:00:00", "place": "海南省海口市琼山区府城街道示例路3号", "in_area": True,
        "immobile": True, "matter": "签署授权委托书", "first": "agent", "second": "guide",
    })  # fmt: skip
    await hall.until(at("2026-03-10"))
    made = {"took_place": True, "conscious": True, "outcome": "本人签署委托书。"}
    await hall.post("agent", f"/visits/{visit['visit']}/record", made, 200)
    again = GIVEN | {"from_on": "2026-03-10", "until_on": "2026-03-20", "visit": visit["visit"], "powers": ["collect"]}
    _, second = (await hall.mandate("agent", again)).split(" ")
    stranger = AGENT | {"id_number": "110101199003078515"}
    wrong = {"recipient": stranger, "mandate": True, "mandate_number": second}
    refused(await hall.try_act("issuer", number, "deliver", **wrong), 409, "collector_is_not_agent")
    done = await hall.act("issuer", number, "deliver", recipient=AGENT, mandate=True, mandate_number=second)
    assert (done["state"], [paper["code"] for paper in done["documents"]]) == ("DELIVERED", ["D18"])
    events = (await hall.get("clerk", f"/cases/{number}/events"))["items"]
    (handed,) = [row for row in events if row["name"] == "case:deliver"]
    assert handed["data"]["payload"]["mandate_number"] == second


async def test_one_of_three_certificates_comes_back_and_is_collected_at_the_counter(
    hall: Hall, courier: SampleCourier
) -> None:
    numbers = [await hall.open("clerk", "/cases", item=FOOD.code, applicant=FIRM) for _ in range(3)]
    for number in numbers:
        await hall.grant(number)
    await hall.post("issuer", "/postings/orders", {"cases": numbers, "receiver": RECEIVER}, 202)
    await hall.work()
    (waybill,) = courier.parcels
    assert courier.parcels[waybill]["pieces"] == 3
    assert {await hall.state(number) for number in numbers} == {"IN_TRANSIT"}
    # The front desk takes two of the three pieces and refuses the last: the issue window records each as it ended.
    for number in numbers[:2]:
        await hall.act("issuer", number, "sign_off_post", waybill=waybill, signed_by="示例前台")
    refused(
        await hall.try_act("issuer", numbers[2], "return_post", waybill="SF9999999999", reason="查无此人"),
        409, "waybill_wrong",
    )  # fmt: skip
    await hall.act("issuer", numbers[2], "return_post", waybill=waybill, reason="前台拒收，名称有疑问。")
    assert [await hall.state(number) for number in numbers] == ["DELIVERED", "DELIVERED", "READY"]
    signed = json.dumps(courier.signed(waybill)).encode()
    headers = report_headers(signed, hall.clock.now.timestamp())
    await hall.http.post("/public/courier/reports", content=signed, headers=headers)
    assert await hall.state(numbers[2]) == "READY"
    code = await pickup_code(hall.context, numbers[2])
    version = (await hall.get("issuer", f"/cases/{numbers[2]}"))["version"]
    taken = await hall.people["issuer"].post(
        f"/api/v1/cases/{numbers[2]}/collect", {"code": code, "recipient": OFFICE}, headers={"If-Match": f'"{version}"'}
    )
    assert (taken.status_code, taken.json()["state"]) == (200, "DELIVERED"), taken.text
    ledger = await hall.get("issuer", "/deliveries?day=2026-03-02")
    assert sorted(row["case"] for row in ledger["rows"]) == sorted(numbers)


async def test_a_certificate_with_an_error_is_reissued_by_two_people_and_the_old_one_is_void(hall: Hall) -> None:
    number = await hall.open("clerk", "/cases", item=FOOD.code, applicant=FIRM)
    await hall.grant(number)
    old = next(row["number"] for row in await hall.get("issuer", f"/cases/{number}/documents") if row["code"] == "D17")
    check = {"number": old, "holder": FIRM["id_number"][-4:]}
    assert (await hall.http.post("/public/certificates/check", json=check)).json()["valid"]
    await hall.act("issuer", number, "deliver", recipient=OFFICE, mandate=True)
    refused(await hall.try_act("approver", number, "reissue_certificate"), 409, "certificate_change_not_proposed")
    await hall.act("issuer", number, "propose_certificate_change", change="reissue", reason="经营场所门牌号有误。")
    refused(await hall.try_act("issuer", number, "reissue_certificate"), 403, "role_not_allowed")
    done = await hall.act("approver", number, "reissue_certificate")
    (new,) = [paper["number"] for paper in done["documents"] if paper["code"] == "D17"]
    assert new != old
    first = (await hall.http.post("/public/certificates/check", json=check)).json()
    second = (await hall.http.post("/public/certificates/check", json=check | {"number": new})).json()
    assert first == {"number": old, "valid": False, "replaced": True}
    assert second == {"number": new, "valid": True, "replaced": False}
    shown = await hall.get("issuer", f"/certificates?number={old}")
    assert (shown["state"], shown["replaced_by"]) == ("reissued", new)
    await hall.work()
    printed = await hall.people["issuer"].get(f"/api/v1/cases/{number}/documents/{new}/content")
    assert printed.content.startswith(b"%PDF-1.7")
    await hall.act("issuer", number, "deliver", recipient=OFFICE, mandate=True)
    papers = [row["code"] for row in await hall.get("issuer", f"/cases/{number}/documents")]
    assert (papers.count("D17"), papers.count("D18")) == (2, 2)


async def test_a_gateway_that_is_down_for_an_hour_delays_no_act_and_loses_no_message(
    hall: Hall, gateway: HttpGateway
) -> None:
    gateway.stop()
    began = time.monotonic()
    numbers = [await hall.open("clerk", "/cases", item=FOOD.code, applicant=FIRM) for _ in range(2)]
    slowest = 0.0
    for number in numbers:
        for action, payload in (("submit", {}), ("return_pre_review", {"gaps": [GAP]})):
            asked = time.monotonic()
            await hall.act("clerk", number, action, **payload)
            slowest = max(slowest, time.monotonic() - asked)
    down = hall.clock.now
    while hall.clock.now < down + timedelta(hours=1):
        await hall.work()
        hall.clock.advance(minutes=5)
    assert gateway.sent == {}
    async with reading() as connection:
        waiting = await connection.fetch("SELECT id, state FROM notifications WHERE way = 'sms'")
        failed = await connection.fetchval("SELECT failures FROM gateways WHERE name = 'sms'")
        dead = await connection.fetchval("SELECT count(*) FROM outbox WHERE state = 'dead'")
    assert {row["state"] for row in waiting} == {"waiting"}
    assert (len(waiting) >= 2, failed > 1, dead) == (True, True, 0)
    gateway.start()
    for _ in range(12):
        hall.clock.advance(minutes=5)
        await hall.work()
    assert set(gateway.sent) == {str(row["id"]) for row in waiting}
    assert len(gateway.asked) == len(waiting)
    async with reading() as connection:
        states = await connection.fetch("SELECT DISTINCT state FROM notifications WHERE way = 'sms'")
    assert [row["state"] for row in states] == ["sent"]
    assert slowest < 2
    assert time.monotonic() - began < 60
