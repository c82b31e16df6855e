"""The demo's stories: real applications with real files, each by the people who would do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from api.cli.demo.applicants import firm, person
from api.cli.demo.client import Desk, Refused

FOOD, DISPATCH_PERMIT, HR, HYGIENE, NURSE, FREIGHT, PESTICIDE = "0001", "0004", "0005", "0016", "0018", "0025", "0028"
"""The middle of the item code that tells the sample items apart."""


@dataclass
class Hall:
    """The signed-in people, the items in force, and the files to scan."""

    desks: dict[str, Desk]
    items: dict[str, dict[str, Any]]
    good: Iterator[Path]
    others: list[Path]
    chance: Random
    refusals: list[dict[str, Any]] = field(default_factory=list)

    def desk(self, login: str) -> Desk:
        """Somebody's desk."""
        return self.desks[login]

    def desk_of(self, role: str, department: str) -> Desk:
        """The desk of whoever holds a role in a department."""
        return self.desk(department_login(role, department))

    def item(self, which: str) -> dict[str, Any]:
        """The item whose national main item ends in these digits."""
        return next(item for code, item in self.items.items() if code[24:28] == which)


def open_case(hall: Hall, which: str, who: dict[str, Any], **more: Any) -> tuple[str, dict[str, Any]]:
    """Register an application at the first window; its number and its item."""
    item = hall.item(which)
    opened = hall.desk("clerk").post("/cases", {"item": item["code"], "applicant": who, "window": "w01", **more})
    return opened["case"], item


def hand_in(
    hall: Hall, number: str, *, without: frozenset[str] = frozenset(), only: frozenset[str] | None = None
) -> list[dict[str, Any]]:
    """Scan every line that asks for paper, in turn with all kinds of files, and count what was handed in."""
    clerk, counts = hall.desk("clerk"), []
    for line in clerk.materials(number):
        if line["line"] in without or (only is not None and line["line"] not in only):
            continue
        if line["e_cert"]:
            counts.append({"line": line["line"], "exempt": "e_cert", "checked": True})
            continue
        clerk.upload(number, line["line"], next(hall.good))
        counts.append({"line": line["line"], **line["asked"], "checked": True})
    pages = pages_of(hall, number)
    return [count | ({} if "exempt" in count else {"pages": pages[count["line"]]}) for count in counts]


def pages_of(hall: Hall, number: str) -> dict[str, int]:
    """How many pages of each line were scanned and kept, once every scan has its verdict."""
    lines = hall.desk("clerk").materials(number)
    return {line["line"]: sum(scan["pages"] for scan in line["scans"] if scan["state"] == "stored") for line in lines}


def serve(hall: Hall, number: str, document: dict[str, Any], who: dict[str, Any]) -> None:
    """Hand a paper over at the window."""
    hall.desk("clerk").act(number, "serve", document=document["number"], way="window", recipient=who["name"])


def receive(hall: Hall, number: str, *, without: frozenset[str] = frozenset()) -> None:
    """Take everything in, but for these lines."""
    hall.desk("clerk").act(number, "receive", materials=hand_in(hall, number, without=without))


def review(hall: Hall, number: str, department: str, proposal: str = "grant") -> None:
    """Hand an accepted case over and have it reviewed."""
    hall.desk("clerk").act(number, "dispatch")
    officer = hall.desk(department_login("officer", department))
    officer.act(number, "sign_in")
    officer.act(
        number,
        "submit_review",
        opinion="材料齐全，符合法定条件，拟" + ("准予。" if proposal == "grant" else "不予许可。"),
        proposal=proposal,
    )


def issue(hall: Hall, number: str, who: dict[str, Any]) -> None:
    """Make the certificate and hand it out at the window."""
    issuer = hall.desk("issuer")
    issuer.act(number, "make_certificate")
    issuer.act(number, "mark_ready", shelf="A-03")
    hand_out(hall, number, who)


def hand_out(hall: Hall, number: str, who: dict[str, Any]) -> None:
    """Hand the result to the applicant, or to whoever represents the firm."""
    if who["kind"] == "person":
        taker = {"name": who["name"], "id_kind": who["id_kind"], "id_number": who["id_number"], "relation": "self"}
    else:
        clerk = person(hall.chance)
        taker = {key: clerk[key] for key in ("name", "id_kind", "id_number")} | {"relation": "legal_representative"}
    hall.desk("issuer").act(number, "deliver", recipient=taker)


def department_login(role: str, department: str) -> str:
    """The sample hall's login for a role in a department."""
    return role if department == "amr" else f"{role}.{department}"


def decide(hall: Hall, number: str, department: str) -> None:
    """Grant."""
    hall.desk_of("approver", department).act(number, "grant", opinion="同意。")


def granted_to_a_firm(hall: Hall) -> str:
    """A food business permit for a company, from consultation to the archive."""
    item, who = hall.item(FOOD), firm(hall.chance)
    told = hall.desk("guide").post(
        "/consultations",
        {
            "item": item["code"],
            "question": "开一家小餐馆需要准备什么？",
            "answer": "请按清单准备，营业执照可调用电子证照，无需提交。",
            "gaps": [{"material": "M03", "defect": "尚未绘制布局图", "how_to_obtain": "可用窗口提供的样图绘制"}],
        },
    )
    number, _ = open_case(hall, FOOD, who, consultation=told["consultation"])
    receive(hall, number)
    hall.desk("officer").act(number, "accept")
    review(hall, number, "amr")
    hall.desk("reviewer").act(number, "endorse", opinion="同意承办意见。")
    decide(hall, number, "amr")
    issue(hall, number, who)
    hall.desk("archivist").act(number, "archive")
    return number


def corrected_after_a_notice(hall: Hall) -> str:
    """Something is missing: told once, handed in, accepted."""
    who = person(hall.chance)
    number, _ = open_case(hall, FOOD, who)
    receive(hall, number, without=frozenset({"M03"}))
    line = {"material": "M03", "defect": "未提交设备布局与操作流程图", "how_to_obtain": "可自行绘制",
            "requirement": "提交一份与经营场所一致的图纸", "basis": "食品经营许可和备案管理办法"}  # fmt: skip
    told = hall.desk("officer").act(number, "give_notice", lines=[line])
    serve(hall, number, told["documents"][0], who)
    clerk = hall.desk("clerk")
    clerk.upload(number, "M03", next(hall.good))
    counted = {"line": "M03", "originals": 1, "pages": pages_of(hall, number)["M03"], "checked": True}
    clerk.act(number, "supply", lines=[1], materials=[counted])
    hall.desk("officer").act(number, "accept")
    review(hall, number, "amr")
    decide(hall, number, "amr")
    issue(hall, number, who)
    return number


def denied(hall: Hall) -> str:
    """Reviewed, denied with reasons and article, served at the issue window."""
    who = firm(hall.chance)
    number, _ = open_case(hall, DISPATCH_PERMIT, who)
    receive(hall, number)
    hall.desk("officer.hrss").act(number, "accept")
    review(hall, number, "hrss", "deny")
    hall.desk("approver.hrss").act(number, "deny", reason="注册资本未达到法定最低限额。", article="劳动合同法第57条")
    hand_out(hall, number, who)
    return number


def not_accepted(hall: Hall) -> str:
    """Not this authority's matter: the window cannot refuse, the authority does, naming the right one."""
    number, _ = open_case(hall, HYGIENE, person(hall.chance))
    receive(hall, number)
    clerk = hall.desk("clerk")
    clerk.act(number, "escalate", reason="经营场所不在本辖区。", article="行政许可法32(1)(2)")
    try:
        clerk.act(number, "refuse_acceptance", reason="不属于", article="32", right_authority="区卫健委")
    except Refused as refusal:
        hall.refusals.append(refusal.problem)
    hall.desk("officer.health").act(
        number,
        "refuse_acceptance",
        reason="不属于本机关职权范围。",
        article="行政许可法32(1)(2)",
        right_authority="示例区卫生健康委员会",
    )
    return number


def overruled(hall: Hall) -> str:
    """The clerk doubts, the authority does not: back to the window and granted."""
    who = person(hall.chance)
    number, _ = open_case(hall, FREIGHT, who)
    receive(hall, number)
    hall.desk("clerk").act(number, "escalate", reason="车辆检测报告日期存疑。", article="道路运输条例24")
    officer = hall.desk("officer.transport")
    officer.act(number, "overrule_escalation", reason="报告在有效期内，应予受理。")
    officer.act(number, "accept")
    review(hall, number, "transport")
    decide(hall, number, "transport")
    issue(hall, number, who)
    return number


def withdrawn(hall: Hall) -> str:
    """The applicant changes their mind before the decision."""
    number, _ = open_case(hall, PESTICIDE, firm(hall.chance))
    receive(hall, number)
    hall.desk("officer.agriculture").act(number, "accept")
    hall.desk("clerk").act(number, "withdraw", reason="经营计划变更。", signed=True)
    return number


def pre_reviewed(hall: Hall) -> str:
    """Submitted for pre-review, returned with every gap, submitted again, passed, received and granted."""
    who = person(hall.chance)
    number, _ = open_case(hall, NURSE, who, channel="online")
    clerk, officer = hall.desk("clerk"), hall.desk("officer.health")
    clerk.act(number, "submit")
    officer.act(
        number, "return_pre_review", gaps=[{"material": "M04", "defect": "体检证明不清晰", "how_to_obtain": "重新扫描"}]
    )
    clerk.act(number, "submit")
    officer.act(number, "pass_pre_review")
    receive(hall, number)
    officer.act(number, "accept")
    review(hall, number, "health")
    decide(hall, number, "health")
    issue(hall, number, who)
    return number


def sent_back(hall: Hall) -> str:
    """The approver sends it back once; reviewed again and granted."""
    who = firm(hall.chance)
    number, _ = open_case(hall, HR, who)
    receive(hall, number)
    officer, approver = hall.desk("officer.hrss"), hall.desk("approver.hrss")
    officer.act(number, "accept")
    review(hall, number, "hrss")
    approver.act(number, "send_back", reason="请补充对章程的审查意见。")
    officer.act(number, "submit_review", opinion="章程已核对，符合规定，拟准予。", proposal="grant")
    decide(hall, number, "hrss")
    issue(hall, number, who)
    return number


def corrected_on_the_spot(hall: Hall) -> str:
    """A slip that is corrected at the window, without any notice."""
    who = person(hall.chance)
    number, _ = open_case(hall, FOOD, who)
    receive(hall, number)
    hall.desk("clerk").act(number, "correct_on_spot", note="申请书日期漏填，申请人当场补填并签名。")
    hall.desk("officer").act(number, "accept")
    review(hall, number, "amr")
    decide(hall, number, "amr")
    issue(hall, number, who)
    return number


def scanned_again(hall: Hall) -> str:
    """Files of every kind for one case: what cannot be read is refused with its reason and scanned again."""
    number, _ = open_case(hall, HYGIENE, firm(hall.chance))
    clerk = hall.desk("clerk")
    for file, line in zip(hall.others, cycle(["M01", "M04", "M05"]), strict=False):
        try:
            clerk.upload(number, line, file)
        except Refused as refusal:
            hall.refusals.append(refusal.problem | {"file": file.name})
    clerk.materials(number)
    receive(hall, number)
    hall.desk("officer.health").act(number, "accept")
    review(hall, number, "health")
    return number


STORIES: tuple[Callable[[Hall], str], ...] = (
    granted_to_a_firm,
    corrected_after_a_notice,
    denied,
    not_accepted,
    overruled,
    withdrawn,
    pre_reviewed,
    sent_back,
    corrected_on_the_spot,
    scanned_again,
)
