"""Something to show on every page: cases in their states and all that is kept beside them, made over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from api.cli.demo.client import Desk
from engine.specimens import make_specimens
from tests.browser.machine import Machine
from tests.mandates import agent_number

FOOD = "11460100MB9A00014Q3460110001000"
OPINION = "材料齐全，符合法定条件。"
_LONGEST = 60.0
_DOTS = 200
"""Dots per inch: enough for no advice, little enough to be judged at once."""

WHO: dict[str, Any] = {
    "kind": "person", "name": "示例王秀英", "id_kind": "resident_id", "id_number": "11010519491231002X",
    "mobile": "13800001234",
}  # fmt: skip
FIRM = {"kind": "organisation", "name": "示例椰林餐饮有限公司", "id_kind": "uscc",
        "id_number": "91350100M000100Y43", "mobile": "13800005678"}  # fmt: skip
SELF = {key: WHO[key] for key in ("name", "id_kind", "id_number")} | {"relation": "self"}
Made = dict[str, Any]


@cache
def hall_day() -> date:
    """Today by the hall's clock."""
    return (datetime.now(UTC) + timedelta(hours=8)).date()


@dataclass
class Things:
    """Who makes what, and what was made so far: by name, the part of an address that names it."""

    machine: Machine
    files: Iterator[Path]
    stack: ExitStack
    desks: dict[str, Desk] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, login: str) -> Desk:
        """Somebody's session."""
        if login not in self.desks:
            desk = Desk(self.machine.url, login, self.machine.passwords[login])
            self.desks[login] = self.stack.enter_context(desk)
        return self.desks[login]

    def open(self, item: str = FOOD, who: Made | None = None) -> str:
        """A case that was just opened."""
        return str(self["clerk"].post("/cases", {"item": item, "applicant": who or WHO, "window": "w01"})["case"])

    def receive(self, *, without: str = "", who: Made | None = None) -> str:
        """A case with its papers scanned, counted and received, but for one line."""
        clerk, number, counts = self["clerk"], self.open(who=who), list[Made]()
        for line in clerk.get(f"/cases/{number}/materials"):
            if line["e_cert"]:
                counts.append({"line": line["line"], "exempt": "e_cert", "checked": True})
            elif line["line"] != without:
                clerk.upload(number, line["line"], next(self.files))
                counts.append({"line": line["line"], **line["asked"], "pages": 1, "checked": True})
        for row in clerk.materials(number):
            for count in counts:
                if count["line"] == row["line"] and "exempt" not in count:
                    count["pages"] = sum(scan["pages"] for scan in row["scans"])
        clerk.act(number, "receive", materials=counts)
        return number

    def review(self, number: str) -> str:
        """Accepted, dispatched and signed in: the officer has it."""
        self["officer"].act(number, "accept")
        self["clerk"].act(number, "dispatch")
        self["officer"].act(number, "sign_in")
        return number

    def propose(self, number: str) -> str:
        """Reviewed: the approver has it."""
        for row in self["officer"].get(f"/cases/{number}/materials"):
            if row["needs"]:
                check = {"kind": row["needs"]["kind"], "reference": "证字第1号"}
                self["officer"].post(f"/cases/{number}/materials/{row['line']}/checks", check)
        self["officer"].act(number, "submit_review", opinion=OPINION, proposal="grant")
        return number

    def grant(self, number: str) -> str:
        """Decided: the issuer has it."""
        self["reviewer"].act(number, "endorse", opinion=OPINION)
        self["approver"].act(number, "grant", opinion="同意。")
        return number

    def shelve(self, number: str, shelf: str) -> str:
        """Made and on the shelf."""
        self["issuer"].act(number, "make_certificate")
        self["issuer"].act(number, "mark_ready", shelf=shelf)
        return number

    def code(self, number: str) -> str:
        """The code that the applicant asks with."""
        return str(self["clerk"].get(f"/cases/{number}")["query_code"])

    def until(self, login: str, path: str, name: str, wanted: set[str]) -> Made:
        """Wait for what a worker makes."""
        end = time.monotonic() + _LONGEST
        while (found := self[login].get(path))[name] not in wanted:
            assert time.monotonic() < end, found
            time.sleep(0.1)
        return dict(found)

    def file(self, login: str, path: str, *files: Path) -> None:
        """Send files to an address of the interface."""
        desk = self[login]
        content = [("file", (file.name, file.read_bytes())) for file in files]
        answer = desk._http.post(f"/api/v1{path}", files=content)  # the same session, another form of body
        assert answer.is_success, answer.text


def _cases(things: Things) -> None:
    made = things.made
    made["new"] = things.open()
    made["received"] = things.receive(who=FIRM)
    made["correction"] = things.receive(without="M03")
    line = {"material": "M03", "defect": "未提交设备布局与操作流程图", "how_to_obtain": "可自行绘制",
            "requirement": "提交一份与经营场所一致的图纸", "basis": "食品经营许可和备案管理办法"}  # fmt: skip
    things["officer"].act(made["correction"], "give_notice", lines=[line])
    made["review"] = things.review(things.receive())
    made["verify"] = things.propose(things.review(things.receive(who=FIRM)))
    made["denied"] = things.propose(things.review(things.receive()))
    things["approver"].act(made["denied"], "deny", reason="布局不符合要求。", article="食品安全法第33条")
    made["making"] = things.grant(things.propose(things.review(things.receive())))
    made["code"] = things.code(made["correction"])
    scans = things["clerk"].get(f"/cases/{made['received']}/scans")
    made["scan"] = str(scans[0]["id"])


def _results(things: Things) -> None:
    made = things.made
    for name, shelf in (("ready", "A-03"), ("parcel_case", "A-04"), ("delivered", "B-12"), ("rated", "B-13")):
        made[name] = things.shelve(things.grant(things.propose(things.review(things.receive()))), shelf)
    issuer, made["waybill"] = things["issuer"], f"EX{made['parcel_case']}"
    issuer.act(made["parcel_case"], "send_by_post", carrier="示例速递", waybill=made["waybill"])
    done = issuer.act(made["delivered"], "deliver", recipient=SELF)
    made["receipt"] = next(paper["number"] for paper in done["documents"] if paper["code"] == "D18")
    issuer.act(made["rated"], "deliver", recipient=SELF)
    issuer.rate(things.code(made["rated"]), level=4, comment="排队时间太长。")
    made["delivered_code"] = things.code(made["delivered"])


def _at_the_desk(things: Things) -> None:
    made, clerk = things.made, things["clerk"]
    gap = {"material": "M03", "defect": "尚未绘制布局图", "how_to_obtain": "可用窗口提供的样图绘制"}
    told = things["guide"].post("/consultations", {
        "item": FOOD, "question": "开一家小餐馆需要准备什么？", "answer": "请按清单准备。", "gaps": [gap],
    })  # fmt: skip
    made["consultation"] = told["consultation"]
    terms = {"principal": WHO, "agent": {"id_kind": "resident_id", "id_number": agent_number(), "login": "agent"},
             "matter": "代为办理食品经营许可并领取许可证", "items": [FOOD], "powers": ["file", "supply", "collect"],
             "from_on": str(hall_day()), "until_on": str(hall_day() + timedelta(days=60)), "signed": True}  # fmt: skip
    mandate = things["agent"].post("/mandates", terms)["mandate"]
    made["mandate"] = mandate
    things.file("agent", f"/mandates/{mandate}/scans", next(things.files))
    things.until("agent", f"/mandates/{mandate}", "state", {"in_force"})
    things["agent"].post(f"/mandates/{mandate}/cases", {"item": FOOD})
    clerk.post("/visits", {
        "principal": {key: WHO[key] for key in ("kind", "name", "id_kind", "id_number")}, "day": str(hall_day()),
        "at": "15:00:00", "place": "示例市示例区椰林路1号", "in_area": True, "immobile": True,
        "matter": "签署授权委托书", "first": "agent", "second": "guide",
    })  # fmt: skip
    ticket = {"person": "示例李建国", "matter": "布局图三次被退回，不知如何修改。", "contact": "13800001234",
              "case": made["correction"]}  # fmt: skip
    made["impasse"] = things["impasse_handler"].post("/impasses", ticket)["impasse"]
    things["impasse_handler"].post(
        f"/impasses/{made['impasse']}/steps/assign", {"note": "请派人指导。", "organisation": "amr"}
    )
    batch = clerk.post("/capture/batches", {"name": "3号扫描仪"})["batch"]
    things.file("clerk", f"/capture/batches/{batch}/files", next(things.files), next(things.files))
    clerk.post(f"/capture/batches/{batch}/close", {})
    made["pile"] = batch
    papers = {"to": "amr", "seal": "F-000123", "cases": [{"case": made["review"]}]}
    made["batch"] = clerk.post("/paper-batches", papers)["batch"]
    clerk.post(f"/paper-batches/{made['batch']}/send", {})


def _oversight(things: Things) -> None:
    made, assessor, auditor = things.made, things["assessor"], things["auditor"]
    first = (hall_day().replace(day=1) - timedelta(days=1)).replace(day=1)
    deal = {"hall": "hall", "contractor": "示例政务服务有限公司", "number": "HK-1", "first_year": first.year,
            "years": 3, "price": "11265500"}  # fmt: skip
    made["contract"] = assessor.post("/contracts", deal)["contract"]
    made["assessment"] = assessor.post("/assessments", {"contract": made["contract"], "month": str(first)})[
        "assessment"
    ]
    point = {"item": "3-9", "times": 2, "evidence": "抽查"}
    assessor.post(f"/assessments/{made['assessment']}/entries", point)
    wanted = {"purpose": "例行抽查", "seed": "第1次", "size": 3, "dated": "opened"}
    made["sample"] = auditor.post("/audit/samples", wanted)["sample"]
    finding = {"case": made["denied"], "seq": 2, "article": "行政许可法32", "severity": "minor",
               "text": "受理时间晚于收件两个工作日。", "sample": made["sample"]}  # fmt: skip
    made["finding"] = auditor.post("/audit/findings", finding)["finding"]
    wish = {"format": "cases-csv", "selection": {"from": str(hall_day()), "to": str(hall_day())}}
    export = auditor.post("/exports", wish)["id"]
    things.until("auditor", f"/exports/{export}", "state", {"ready"})
    report = {"kind": "daily", "from": str(hall_day())}
    made["report"] = things["hall_manager"].post("/reports", report)["id"]


def _stewardship(things: Things) -> None:
    made, steward, checker = things.made, things["item_steward"], things["item_steward2"]
    item = next(row["code"] for row in steward.get("/items", limit=200)["items"] if row["code"][24:28] == "0028")
    made["item"] = item
    text = dict(steward.get(f"/items/{item}/versions/1")["data"])
    later = str(hall_day() + timedelta(days=7))
    for version, change in ((2, {"visits": 0}), (3, {"visits": 1})):
        wish = json.dumps(text | {"version": version, "in_force_from": later} | change, ensure_ascii=False)
        made["draft"] = steward.post("/drafts", {"kind": "item", "text": wish})["draft"]
        if version == 2:  # published; the third waits
            checker.post(f"/drafts/{made['draft']}/publication", {})
    flow = str(steward.get("/flows/REAL_ESTATE/versions/1")["source"]).replace("version = 1", "version = 2", 1)
    flow = flow.replace('guards = ["counts_match_list"]', 'guards = ["counts_match_list", "scans_settled"]', 1)
    draft = steward.post("/drafts", {"kind": "flow", "text": flow, "in_force_from": str(hall_day())})["draft"]
    move = {"flow": "REAL_ESTATE", "flow_from": 1, "flow_to": 2, "reason": "补交前先核对扫描件"}
    home = next(row["code"] for row in steward.get("/items", limit=200)["items"] if row["code"][24:28] == "0022")
    things.open(home)
    checker.post(f"/drafts/{draft}/publication", {})
    made["plan"] = steward.post("/moves", move)["plan"]
    hook = {"organisation": "amr", "url": "https://127.0.0.1:1/hook", "name": "审批系统"}
    made["webhook"] = steward.post("/webhooks", hook)["id"]
    leave = {"person": "approver", "delegate": "approver2", "role": "approver", "organisation": "amr",
             "from_at": f"{later}T00:00:00+08:00", "until_at": f"{hall_day() + timedelta(days=12)}T00:00:00+08:00",
             "reason": "年休假"}  # fmt: skip
    things["approver"].post("/delegations", leave)


def _pages(folder: Path) -> Iterator[Path]:
    """Scanned pages of invented applications without end, no two of the same bytes."""
    form, *_, card, _, _ = make_specimens(folder, 2026)
    sheets = []
    for file in (form, card):
        with Image.open(file) as page:
            scale = _DOTS / float(page.info["dpi"][0])
            sheets.append(page.convert("RGB").resize((round(page.width * scale), round(page.height * scale))))
    for count, sheet in enumerate(cycle(sheets), 1):
        sheet.putpixel((count % sheet.width, count // sheet.width), (0, 0, 0))
        scan = folder / f"扫描件{count:02}.jpg"
        sheet.save(scan, "JPEG", dpi=(_DOTS, _DOTS), quality=50)
        yield scan


@contextmanager
def wanted(machine: Machine) -> Iterator[Things]:
    """Sessions and papers for the length of the making."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        yield Things(machine, _pages(Path(folder)), stack)


def make_things(machine: Machine) -> dict[str, str]:
    """Make one of everything on an instance; the parts of addresses by name."""
    with wanted(machine) as things:
        for make in (_cases, _results, _at_the_desk, _oversight, _stewardship):
            make(things)
        return things.made
