"""One application of the year: what its people do, each act through the engine and each noted in a diary of our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Literal
from uuid import UUID

from engine import trail
from engine.context import Context
from engine.opening import Applicant, Opening, open_case
from engine.ratings import rating
from engine.work import Answer
from storage.db import transaction
from tests.factories import RECIPIENT, Story, complete, defects, login_of
from tests.people import actor
from tests.year import days
from tests.year.plan import Plan
from tests.year.virtual_time import VirtualTime
from workflows.events import Act, EventName

FIRST_MINUTE, MINUTES, HOUR = time(8, 40), 360, timedelta(hours=1)
"""People act between 08:40 and 14:40, so that what they do in one go is over before the hall closes."""


@dataclass(frozen=True)
class Deed:
    """One thing that was done to a case, as whoever did it would note it.

    :param what: the act, or ``scan`` (its pages are kept), ``invite``, ``rectification``, ``set_aside``, ``follow_up``,
        ``give_back``.
    :param who: sign-in name; empty for the applicant and for machines.
    :param papers: the numbers of the documents that came of it, by kind.
    """

    case: str
    at: datetime
    what: str
    who: str
    said: Mapping[str, Any]
    papers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Life(Story):
    """A case and its people in the course of the year."""

    plan: Plan = field(kw_only=True)
    who: Applicant = field(kw_only=True)
    time: VirtualTime = field(kw_only=True)
    chance: Random = field(kw_only=True)
    diary: list[Deed] = field(kw_only=True)

    @property
    def clerk(self) -> str:
        """Who takes in at the window."""
        return "clerk.town" if self.plan.hall == "town-hall" else self.plan.clerk

    @property
    def guide(self) -> str:
        """Who enters what comes online."""
        return "clerk.town" if self.plan.hall == "town-hall" else "guide"

    @property
    def issuer(self) -> str:
        """Who hands out."""
        return "clerk.town" if self.plan.hall == "town-hall" else "issuer"

    @property
    def today(self) -> date:
        """The day in the hall."""
        return days.day_of(self.now)

    async def until(self, at: datetime) -> None:
        """Time goes by."""
        await self.time.until(at)
        self.now = max(self.now, at)

    async def pause(self, working_days: int) -> None:
        """So many working days go by; on the same day nothing more than some minutes."""
        if working_days:
            await self.on(days.after(self.today, working_days))

    async def in_hours(self) -> None:
        """What came at night or on a day off waits until the hall is open; applicants may send at any time."""
        if not days.works(self.today) or not days.opening(self.today) < self.now < days.closing(self.today) - HOUR:
            await self.on(self.today + days.DAY * (self.now > days.opening(self.today)))

    async def on(self, day: date) -> None:
        """It becomes that day, or the next one on which the hall is open."""
        minute = timedelta(minutes=self.chance.randrange(MINUTES))
        await self.until(days.moment(days.on_a_working_day(day), FIRST_MINUTE) + minute)

    async def go(self, who: str, what: Act, /, *, at: datetime | None = None, **payload: Any) -> Answer:
        """Act, and note it."""
        answer = await super().go(who, what, at=at, **payload)
        self.note(what.value, login_of(who, self.item.department), payload, answer)
        return answer

    def note(
        self, what: str, who: str = "", said: Mapping[str, Any] | None = None, answer: Answer | None = None
    ) -> None:
        """Write into the diary what was done just now."""
        papers = {paper["code"]: paper["number"] for paper in (answer or {}).get("documents", ())}
        self.diary.append(Deed(self.number, self.now, what, who, said or {}, papers))

    async def open(self, by: str, channel: Literal["window", "online"]) -> None:
        """Somebody opens the case; :meth:`opened` for one that an agent has filed."""
        request = Opening(
            item=self.item.code,
            applicant=self.who,
            situation=list(self.plan.situation),
            channel=channel,
            hall=self.plan.hall,
            window=self.plan.window if channel == "window" else None,
        )
        self.opened(await open_case(self.context, await actor(by), request, self.now), by, channel)

    def opened(self, answer: Answer, by: str, channel: str) -> None:
        """The case has its number."""
        self.number = answer["case"]
        self.answers.append(answer)
        self.note("open", by, {"channel": channel})

    async def file_scans(self, *lines: str) -> None:
        """Scans that a worker finds good and keeps, but for the last line where the plan leaves one unkept."""
        before = {row["id"] for row in await self.links()}
        await super().file_scans(*lines)
        new = [row for row in await self.links() if row["id"] not in before]
        kept = new[:-1] if self.plan.scan_missing else new
        for row in kept:
            await self._kept(row["id"], row["line"])

    async def links(self) -> list[dict[str, Any]]:
        """The scans of this case with their lines."""
        found = await self.rows("scan_links", "line")
        return [{"id": row["scan_id"], "line": row["line"]} for row in found]

    async def _kept(self, scan: UUID, line: str) -> None:
        async with transaction() as connection:
            case = await trail.lock(connection, self.number)
            data = {"scan": str(scan), "line": line, "pages": 1}
            await trail.append(self.context, connection, case, EventName.SCAN_STORED, data, self.now)
        self.note("scan", said={"line": line})

    async def supply(self, *lines: int, missing: int = 1, at: datetime | None = None) -> Answer:
        """What some lines of the notice ask for comes in at the hall of the case."""
        asked = [line["material"] for line in defects(self.item, missing)]
        codes = [asked[number - 1] for number in lines]
        await self.file_scans(*codes)
        counts = [row for row in complete(self.item) if row["line"] in codes]
        return await self.go(self.clerk, Act.SUPPLY, at=at, lines=list(lines), materials=counts)

    async def serve(self, code: str) -> None:
        """Hand the newest paper of a kind to the applicant, who signs for it."""
        number = (await self.documents())[code]
        await self.go(self.clerk, Act.SERVE, document=number, way="window", recipient=self.who.name)

    def recipient(self) -> dict[str, Any]:
        """Who comes for the result: the applicant, or somebody of the firm."""
        if self.who.kind != "person":
            return RECIPIENT | {"relation": "legal_representative"}
        return {"name": self.who.name, "id_kind": self.who.id_kind, "id_number": self.who.id_number}

    async def invite(self) -> None:
        """The worker sends the invitation to rate."""
        await rating.invite(self.context, self.number, self.now)
        self.note("invite")

    async def rate(self, level: int) -> None:
        """The applicant rates; a bad rating opens a rectification."""
        await rating.rate(self.context, self.answers[0]["query_code"], level, "", self.now)
        self.note("rate", said={"level": level})
        if level > 3:
            await rating.open_rectification(self.context, self.number, self.now)
            self.note("rectification")


def begin(context: Context, plan: Plan, who: Applicant, clock: VirtualTime, chance: Random, diary: list[Deed]) -> Life:
    """A life that has not begun: the case has no number yet."""
    return Life(context, plan.item, "", plan.arrives, plan=plan, who=who, time=clock, chance=chance, diary=diary)
