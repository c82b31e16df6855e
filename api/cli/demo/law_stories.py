"""The demo's stories beside the straight path: what the law knows besides granting and denying, by those who do it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from api.cli.demo.applicants import firm, person
from api.cli.demo.client import Refused
from api.cli.demo.stories import (
    FOOD,
    HYGIENE,
    Hall,
    decide,
    hand_in,
    issue,
    open_case,
    receive,
    review,
    serve,
)

BUSINESS, CONSTRUCTION, HOME = "0002", "0013", "0022"
"""The middle of the item code that tells the sample items apart."""
_WAIT_SECONDS: Final = 30.0


def _in_review(hall: Hall, which: str, department: str, who: dict[str, Any], **more: Any) -> str:
    number, _ = open_case(hall, which, who, **more)
    receive(hall, number)
    officer = hall.desk_of("officer", department)
    officer.act(number, "accept")
    hall.desk("clerk").act(number, "dispatch")
    officer.act(number, "sign_in")
    return number


def _propose(hall: Hall, number: str, department: str) -> None:
    opinion = "材料齐全，符合法定条件，拟准予。"
    hall.desk_of("officer", department).act(number, "submit_review", opinion=opinion, proposal="grant")


def _working_day(hall: Hall, count: int) -> str:
    """The hall day that lies so many working days ahead."""
    today = date.today()  # noqa: DTZ011  # the demo runs where the hall is
    days = hall.desk("officer").get(
        "/calendar", **{"from": str(today + timedelta(days=1)), "to": str(today + timedelta(days=60))}
    )
    worked = [row["day"] for row in days["days"] if row["kind"] in {"working", "make_up"}]
    found: str = worked[count - 1]
    return found


def tolerated(hall: Hall) -> str:
    """容缺受理: a deferrable material follows later; nothing is decided before it is in."""
    who = firm(hall.chance)
    number, _ = open_case(hall, FOOD, who)
    clerk, officer, approver = hall.desk("clerk"), hall.desk("officer"), hall.desk("approver")
    later = next(line["line"] for line in clerk.materials(number) if line["necessity"] == "deferrable")
    receive(hall, number, without=frozenset({later}))
    officer.act(number, "accept_with_tolerance", signed=True, credit_checked=True)
    review(hall, number, "amr")
    try:
        approver.act(number, "grant", opinion="同意。")
    except Refused as refusal:
        hall.refusals.append(refusal.problem)
    counts = hand_in(hall, number, only=frozenset({later}))
    clerk.act(number, "meet_tolerance", materials=counts)
    decide(hall, number, "amr")
    issue(hall, number, who)
    return number


def granted_on_promise(hall: Hall) -> str:
    """告知承诺: decided at once on the applicant's promise, handed out, and the promise checked afterwards."""
    who = person(hall.chance)
    number, _ = open_case(hall, HYGIENE, who, situation=["promise"])
    receive(hall, number)
    hall.desk_of("approver", "health").act(
        number, "grant_on_promise", told="已书面告知条件、标准和不实承诺的后果。", signed=True, opinion="同意。"
    )
    issue(hall, number, who)
    hall.desk_of("officer", "health").act(number, "check_promise", outcome="kept", findings="现场与承诺一致。")
    return number


def tested_specially(hall: Hall) -> str:
    """特别程序: told in writing, served, begun and ended; its time does not count."""
    who = firm(hall.chance)
    number = _in_review(hall, HYGIENE, "health", who)
    officer = hall.desk_of("officer", "health")
    today = date.today()  # noqa: DTZ011  # the demo runs where the hall is
    told = officer.act(
        number,
        "tell_special",
        kind="testing",
        planned_start=str(today),
        planned_end=str(today + timedelta(days=7)),
        reason="须对空气和用具抽样检测。",
    )
    serve(hall, number, told["documents"][0], who)
    officer.act(number, "start_special", kind="testing", institution="示例检测中心")
    officer.act(number, "finish_special", result="检测合格。")
    _propose(hall, number, "health")
    decide(hall, number, "health")
    return number


def extended_and_heard(hall: Hall) -> str:
    """延期和听证: extended once by the head; the right to a hearing told, served, used; its day announced in time."""
    who = firm(hall.chance)
    number = _in_review(hall, FOOD, "amr", who)
    officer = hall.desk("officer")
    officer.act(number, "tell_third_party", parties=[{"name": "示例小区业主委员会", "interest": "油烟和噪声排放"}])
    officer.act(number, "record_statement", party="示例小区业主委员会", statement="要求安装油烟净化设施。")
    told = officer.act(number, "tell_hearing_right", reason="直接关系相邻住户的重大利益。")
    serve(hall, number, told["documents"][0], who)
    hall.desk("clerk").act(number, "request_hearing", requested_by=who["name"])
    hall.desk("authority_head").act(number, "extend", reason="须举行听证，情况复杂。")
    officer.act(number, "schedule_hearing", held_on=_working_day(hall, 10), place="二楼听证室", host="approver2")
    return number


def jointly(hall: Hall) -> str:
    """并联审批: two more departments give their opinions side by side, the leading one decides."""
    who = firm(hall.chance)
    number, _ = open_case(hall, CONSTRUCTION, who)
    receive(hall, number)
    lead = hall.desk_of("officer", "housing")
    lead.act(number, "accept")
    hall.desk("clerk").act(number, "dispatch")
    lead.act(number, "sign_in")
    for child in hall.desk("clerk").get(f"/cases/{number}/children"):
        officer = hall.desk_of("officer", child["department"])
        officer.act(child["number"], "sign_in")
        officer.act(child["number"], "submit_review", opinion="无不同意见。", proposal="agree")
        hall.desk_of("approver", child["department"]).act(
            child["number"], "give_opinion", conclusion="agree", opinion="同意。"
        )
    _propose(hall, number, "housing")
    decide(hall, number, "housing")
    return number


def on_the_spot(hall: Hall) -> str:
    """即办件: an individual business is registered the moment its application is complete."""
    who = person(hall.chance)
    number, _ = open_case(hall, BUSINESS, who)
    receive(hall, number)
    hall.desk("clerk").act(number, "accept")
    hall.desk("approver").act(number, "grant", opinion="准予登记。")
    issue(hall, number, who)
    return number


def elderly_seller(hall: Hall) -> str:
    """不动产登记: an elderly party goes first, is asked for the true intention, pays, and is registered."""
    who = person(hall.chance)
    number, _ = open_case(hall, HOME, who, situation=["elder"])
    clerk = hall.desk("clerk")
    clerk.act(number, "mark_priority", group="elderly", evidence="居民身份证")
    clerk.act(number, "record_intention", record="本人自愿出售，知悉后果。", signed=True)
    receive(hall, number)
    hall.desk_of("officer", "realestate").act(number, "accept")
    clerk.act(number, "ask_payment", amount="80.00")
    clerk.act(number, "record_payment", receipt="46010001")
    review(hall, number, "realestate")
    decide(hall, number, "realestate")
    issue(hall, number, who)
    return number


def in_one_package(hall: Hall) -> str:
    """批量和合并送达: two permits of one firm accepted in one request and handed over under one certificate."""
    who = firm(hall.chance)
    numbers = [open_case(hall, FOOD, who)[0] for _ in range(2)]
    for number in numbers:
        receive(hall, number)
    named = [{"number": number} for number in numbers]
    hall.desk("officer").post("/bulk/accept", {"cases": named, "payload": {}})
    for number in numbers:
        review(hall, number, "amr")
        decide(hall, number, "amr")
        hall.desk("issuer").act(number, "make_certificate")
        hall.desk("issuer").act(number, "mark_ready", shelf="B-01")
    taker = person(hall.chance)
    recipient = {key: taker[key] for key in ("name", "id_kind", "id_number")} | {"relation": "legal_representative"}
    hall.desk("issuer").post("/packages", {"cases": named, "delivery": {"recipient": recipient}})
    return numbers[0]


def posted_and_rated(hall: Hall) -> str:
    """邮寄和差评整改: delivered by post, rated badly with the code of the receipt, contacted and put right."""
    who = firm(hall.chance)
    number, _ = open_case(hall, FOOD, who)
    receive(hall, number)
    hall.desk("officer").act(number, "accept")
    review(hall, number, "amr")
    decide(hall, number, "amr")
    issuer, waybill = hall.desk("issuer"), f"YC{number}"
    issuer.act(number, "make_certificate")
    issuer.act(number, "mark_ready")
    issuer.act(number, "send_by_post", carrier="示例快递", waybill=waybill)
    issuer.act(number, "sign_off_post", waybill=waybill, signed_by="前台")
    code = issuer.get(f"/cases/{number}")["query_code"]
    issuer.rate(code, level=4, comment="排队时间太长。")
    handler = hall.desk("complaint_handler")
    _until(lambda: any(row["kind"] == "rater_contact" for row in handler.get(f"/cases/{number}/duties")))
    handler.act(number, "contact_rater", note="已致电说明，申请人表示理解。", complex=False)
    handler.act(number, "rectify", result="高峰时段增开一个窗口。")
    return number


def _until(look: Callable[[], Any]) -> None:
    """Wait for what a worker does.

    :raises TimeoutError: after half a minute.
    """
    deadline = time.monotonic() + _WAIT_SECONDS
    while not look():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)


def helped_out(hall: Hall) -> str:
    """办不成事: a ticket on a case that got stuck, assigned, solved by the department, verified and filed."""
    who = person(hall.chance)
    number, _ = open_case(hall, FOOD, who)
    handler, hall_manager = hall.desk("impasse_handler"), hall.desk("hall_manager")
    ticket = handler.post(
        "/impasses", {"person": who["name"], "matter": "布局图三次被退回，不知如何修改。", "contact": who["mobile"],
                      "case": number},
    )["impasse"]  # fmt: skip
    for desk, step, body in (
        (handler, "assign", {"note": "请派人指导。", "organisation": "amr"}),
        (handler, "contact", {"note": "当日联系，约定次日到场。"}),
        (hall.desk("officer"), "solve", {"note": "现场指导改图，已符合要求。"}),
        (handler, "feed_back", {"note": "申请人确认。"}),
        (hall_manager, "verify", {"note": "属实。"}),
        (handler, "file", {"note": "归档。"}),
    ):
        desk.post(f"/impasses/{ticket}/steps/{step}", body)
    receive(hall, number)
    hall.desk("officer").act(number, "accept")
    return number


LAW_STORIES: tuple[Callable[[Hall], str], ...] = (
    tolerated,
    granted_on_promise,
    tested_specially,
    extended_and_heard,
    jointly,
    on_the_spot,
    elderly_seller,
    in_one_package,
    posted_and_rated,
    helped_out,
)
