"""Cases in any state, brought there by the people whose acts lead to it. Parties are invented, their numbers check."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from engine.context import Context
from engine.materials.checking import Checking, record_check
from engine.materials.checklists import list_materials
from engine.opening import Applicant, Opening, open_case
from engine.operations import act
from engine.publishing import publish_item
from engine.reading import list_actions, list_clocks
from engine.work import Answer, Command
from storage import audit, cases, scans
from storage.db import reading, transaction, uuid7
from tests.people import actor
from workflows.events import Act
from workflows.item import ItemVersion, load_catalogue
from workflows.party import resident_id_check_character, uscc_check_character
from workflows.proof import CheckKind

START: Final = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""A Monday, 09:30 in the hall; no holiday follows before Qingming (Monday, 6 April)."""
ITEMS: Final = dict(enumerate(load_catalogue(), 1))
"""The sample items by their number in the catalogue."""
FOOD: Final = ITEMS[1]
"""食品经营许可: 10 working days by law, 5 promised; the window is authorised to accept. Department ``amr``."""
LABOUR: Final = ITEMS[4]
"""劳务派遣经营许可: 20 working days by law, 7 promised; only the department accepts. Department ``hrss``."""

OPINION: Final = "材料齐全，符合法定条件。"
RECIPIENT: Final = {"name": "示例领取人", "id_kind": "resident_id", "id_number": "11010519491231002X"}

SIGNALS: Final = frozenset({"case:remind", "case:raise_card"})
"""What time leaves beside a case's way, in the version that people have seen."""

STEPS: Final[tuple[tuple[str, str, Act], ...]] = (
    ("RECEIVED", "clerk", Act.RECEIVE),
    ("ACCEPTED", "officer", Act.ACCEPT),
    ("DISPATCHED", "clerk", Act.DISPATCH),
    ("REVIEW", "officer", Act.SIGN_IN),
    ("VERIFY", "officer", Act.SUBMIT_REVIEW),
    ("GRANTED", "approver", Act.GRANT),
    ("CERT_MAKING", "issuer", Act.MAKE_CERTIFICATE),
    ("READY", "issuer", Act.MARK_READY),
    ("DELIVERED", "issuer", Act.DELIVER),
    ("ARCHIVED", "archivist", Act.ARCHIVE),
)
"""The straight path of the PERMIT flow: the state reached, who acts, the act."""


def person(number: int = 1) -> Applicant:
    """An invented natural person; another number is another person."""
    digits = f"46010019900101{number:03d}"
    return Applicant(
        "person", f"示例{number}", "resident_id", digits + resident_id_check_character(digits), "13800001234"
    )


def firm(number: int = 1) -> Applicant:
    """An invented company; another number is another company."""
    code = f"91460100MA5{number:06d}"
    return Applicant("organisation", f"示例餐饮{number}有限公司", "uscc", code + uscc_check_character(code))


def login_of(role: str, department: str) -> str:
    """Who holds a role: the hall's people go by the role alone, a department's by role and department."""
    return f"{role}.{department}" if role in {"officer", "reviewer", "approver"} and department != "amr" else role


@dataclass
class Story:
    """One case and the people who act on it; every act moves the clock on by ten minutes unless told otherwise."""

    context: Context
    item: ItemVersion
    number: str
    now: datetime
    answers: list[Answer] = field(default_factory=list)

    async def go(self, who: str, what: Act, /, *, at: datetime | None = None, **payload: Any) -> Answer:
        """Act as a role (of the item's department) or as a login, and remember the answer."""
        self.now = at or self.now + timedelta(minutes=10)
        command = await self.command(who, what, payload)
        answer = await act(self.context, command)
        self.answers.append(answer)
        return answer

    async def command(self, who: str, what: Act, payload: dict[str, Any], **more: Any) -> Command:
        """The wish to act, without acting. ``more`` as in :class:`engine.work.Command`, and ``kind`` of the actor."""
        someone = await actor(login_of(who, self.item.department), more.pop("kind", "person"), self.now)
        return Command(someone, self.number, what, payload, self.now, **more)

    async def row(self) -> dict[str, Any]:
        """The case row with its places."""
        found = await cases.read(self.number)
        assert found is not None
        return found

    async def rows(self, table: str, order: str = "id") -> list[dict[str, Any]]:
        """The rows of a table that belong to this case."""
        async with reading() as connection:
            found = await connection.fetch(
                f"SELECT * FROM {table} WHERE case_id = (SELECT id FROM cases WHERE number = $1) ORDER BY {order}",
                self.number,
            )
        return [dict(one) for one in found]

    async def events(self) -> list[str]:
        """The names of the events so far, without their prefix, and without the reminders and cards that time left."""
        names = [row["name"] for row in await audit.of_case(self.number, limit=1000)]
        return [name.partition(":")[2] for name in names if name not in SIGNALS]

    async def clocks(self) -> dict[str, tuple[str, str]]:
        """Each clock's status and due day, by kind."""
        listed = await list_clocks(self.context, await actor("hall_manager"), self.number, self.now)
        return {row["kind"].value: (row["status"], row["due_on"].isoformat()) for row in listed}

    async def allowed(self, who: str) -> set[str]:
        """What somebody may do next, without the acts beside the case's way."""
        someone = await actor(login_of(who, self.item.department))
        listed = await list_actions(self.context, someone, self.number, self.now)
        return {row["action"].value for row in listed if row["allowed"] and not row["aside"]}

    async def documents(self) -> dict[str, str]:
        """The number of the newest document of each kind."""
        return {row["code"]: row["number"] for row in await self.rows("documents", "seq, code")}

    async def file_scans(self, *lines: str) -> None:
        """Scans as a worker leaves good ones; without lines, one for every line that takes paper."""
        case = await self.row()
        flags = frozenset(case["situation"])
        wanted = lines or tuple(line.code for line in self.item.materials if line.applies(flags) and not line.e_cert)
        async with transaction() as connection:
            for line in wanted:
                await scans.add(connection, _scan(self.now), case["id"], line)
            await connection.execute(
                "UPDATE scans SET state = 'stored', verdict = 'ok', pages = 1, object_version = 'v1',"
                " retain_until = $2, judged_at = $1 WHERE state = 'incoming'",
                self.now,
                self.now + timedelta(days=3660),
            )

    async def receive(self, who: str = "clerk") -> Answer:
        """Scan and count everything that the list asks for."""
        await self.file_scans()
        return await self.go(
            who, Act.RECEIVE, materials=complete(self.item, frozenset((await self.row())["situation"]))
        )

    async def receive_incomplete(self, who: str = "clerk", missing: int = 1) -> Answer:
        """Take in everything but the last ``missing`` of the lines that always apply."""
        situation = frozenset((await self.row())["situation"])
        absent = [line["material"] for line in defects(self.item, missing)]
        counts = [row for row in complete(self.item, situation) if row["line"] not in absent]
        await self.file_scans(*(row["line"] for row in counts if not row.get("exempt")))
        return await self.go(who, Act.RECEIVE, materials=counts)

    async def give_notice(self, who: str = "officer", lines: int = 1) -> Answer:
        """Tell the applicant what to correct: the last ``lines`` of the lines that always apply."""
        return await self.go(who, Act.GIVE_NOTICE, lines=defects(self.item, lines))

    async def supply(self, *lines: int, missing: int = 1, at: datetime | None = None) -> Answer:
        """Hand in what some lines of the notice ask for, after :meth:`receive_incomplete` and :meth:`give_notice`."""
        asked = [line["material"] for line in defects(self.item, missing)]
        codes = [asked[number - 1] for number in lines]
        await self.file_scans(*codes)
        counts = [row for row in complete(self.item) if row["line"] in codes]
        return await self.go("clerk", Act.SUPPLY, at=at, lines=list(lines), materials=counts)

    async def check(self, who: str = "officer") -> None:
        """Record for each line what its grade asks for, as somebody who finds everything in order."""
        someone = await actor(login_of(who, self.item.department))
        for row in await list_materials(self.context, someone, self.number, self.now):
            if row["needs"]:
                found = Checking(CheckKind(row["needs"]["kind"]), reference="证字第1号")
                await record_check(self.context, someone, self.number, row["line"], found, self.now)


def _scan(now: datetime) -> dict[str, Any]:
    key = uuid7()
    return {
        "id": key,
        "file_name": "扫描件.pdf",
        "kind": "pdf",
        "size": 1024,
        "digest": f"{key.int:064x}",
        "object_key": f"{key}",
        "uploaded_by": None,
        "uploaded_at": now,
    }


def complete(
    item: ItemVersion, situation: frozenset[str] = frozenset(), *, checked: bool = True
) -> list[dict[str, Any]]:
    """The counts of a complete application: electronic certificates where there are any, paper for the rest.

    :param checked: as whoever works at the window counts; an applicant or agent vouches for nothing.
    """
    return [
        {"line": line.code, "exempt": "e_cert", "checked": checked}
        if line.e_cert
        else {"line": line.code, "originals": line.originals, "copies": line.copies, "pages": 1, "checked": checked}
        for line in item.materials
        if line.applies(situation)
    ]


def defects(item: ItemVersion, count: int = 1) -> list[dict[str, Any]]:
    """Complete lines of a notice about the last lines of the list that always apply."""
    always = [line for line in item.materials if not line.condition]
    return [
        {"material": line.code, "defect": "未提交", "requirement": "提交原件", "basis": item.basis[0]}
        for line in always[-count:]
    ]


PAYLOADS: Final[dict[Act, dict[str, Any]]] = {
    Act.SUBMIT_REVIEW: {"opinion": OPINION, "proposal": "grant"},
    Act.ENDORSE: {"opinion": OPINION},
    Act.SEND_BACK: {"reason": "现场核查记录不全，请补充后再报。"},
    Act.GRANT: {"opinion": "同意。"},
    Act.DENY: {"reason": "布局不符合要求。", "article": "食品安全法33"},
    Act.DELIVER: {"recipient": RECIPIENT},
    Act.WITHDRAW: {"reason": "不再经营。", "signed": True},
    Act.ESCALATE: {"reason": "不属于本机关职权。", "article": "行政许可法32(1)(2)"},
    Act.REFUSE_ACCEPTANCE: {
        "reason": "不属于本机关职权。",
        "article": "行政许可法32(1)(2)",
        "right_authority": "示例区市场监督管理局",
    },
    Act.OVERRULE_ESCALATION: {"reason": "属于本机关职权，请继续办理。"},
    Act.RETURN_PRE_REVIEW: {"gaps": [{"material": "M01", "defect": "未填写", "how_to_obtain": "在窗口领取样表"}]},
    Act.CORRECT_ON_SPOT: {"note": "更正了错字。"},
}
"""What is sent with each act where nothing else is asked for."""


async def publish(item: ItemVersion, **changes: Any) -> ItemVersion:
    """The next version of an item with some fields changed, published."""
    changed = msgspec.structs.replace(item, version=item.version + 1, **changes)
    await publish_item(changed, START)
    return changed


async def open_story(
    context: Context,
    item: ItemVersion = FOOD,
    who: Applicant | None = None,
    *,
    at: datetime = START,
    by: str = "clerk",
    situation: list[str] | None = None,
    hall: str | None = None,
    consultation: str | None = None,
) -> Story:
    """A case that has just been opened at the window."""
    request = Opening(
        item=item.code, applicant=who or firm(), situation=situation or [], hall=hall, consultation=consultation
    )
    answer = await open_case(context, await actor(by), request, at)
    return Story(context, item, answer["case"], at, [answer])


async def bring(context: Context, state: str, item: ItemVersion = FOOD, **opening: Any) -> Story:
    """A case in this state of the PERMIT flow, by the shortest lawful way. ``opening`` as in :func:`open_story`."""
    story = await open_story(context, item, **opening)
    detour = DETOURS.get(state)
    for reached, role, what in STEPS:
        if detour and detour[0] == (await story.row())["state"]:
            await detour[1](story)
            return story
        if state == "NEW":
            return story
        if what is Act.RECEIVE:
            await story.receive()
        else:
            await story.go(role, what, **PAYLOADS.get(what, {}))
        if reached == state:
            return story
    raise AssertionError(f"no way to {state}")


async def _correction(story: Story) -> None:
    """Everything is there, but the last line of the list is not as it should be."""
    await story.receive()
    await story.give_notice()


async def _pre_review(story: Story) -> None:
    await story.go("clerk", Act.SUBMIT)


async def _pre_returned(story: Story) -> None:
    await _pre_review(story)
    await story.go("officer", Act.RETURN_PRE_REVIEW, **PAYLOADS[Act.RETURN_PRE_REVIEW])


async def _pre_passed(story: Story) -> None:
    await _pre_review(story)
    await story.go("officer", Act.PASS_PRE_REVIEW)


async def _escalated(story: Story) -> None:
    await story.go("clerk", Act.ESCALATE, **PAYLOADS[Act.ESCALATE])


async def _not_accepted(story: Story) -> None:
    await _escalated(story)
    await story.go("officer", Act.REFUSE_ACCEPTANCE, **PAYLOADS[Act.REFUSE_ACCEPTANCE])


async def _withdrawn(story: Story) -> None:
    await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])


async def _denied(story: Story) -> None:
    await story.go("approver", Act.DENY, **PAYLOADS[Act.DENY])


DETOURS: Final[dict[str, tuple[str, Any]]] = {
    "PRE_REVIEW": ("NEW", _pre_review),
    "PRE_RETURNED": ("NEW", _pre_returned),
    "PRE_PASSED": ("NEW", _pre_passed),
    "CORRECTION": ("NEW", _correction),
    "ESCALATED": ("RECEIVED", _escalated),
    "NOT_ACCEPTED": ("RECEIVED", _not_accepted),
    "WITHDRAWN": ("RECEIVED", _withdrawn),
    "DENIED": ("VERIFY", _denied),
}
"""States beside the straight path: from which state of it, and how."""


async def table_counts() -> dict[str, int]:
    """How many rows every table has, to see that a refusal left nothing behind; the log of attempts is apart."""
    async with reading() as connection:
        found = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        names = [row["tablename"] for row in found if not row["tablename"].startswith("access_")]
        return {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for name in names}
