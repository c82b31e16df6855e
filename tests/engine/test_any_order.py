"""Whatever people try, in whatever order, however late: the case stays lawful. Random acts against a real database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from engine.auditing import verify
from engine.context import Context
from engine.invariants import check_case
from engine.opening import Applicant
from engine.operations import act
from engine.sweeping import sweep
from engine.timing import fire_case
from engine.work import Command
from storage import audit
from tests.engine.attempts import known_of, payload
from tests.engine.test_law_joint import AGREED, REVIEW, children_of
from tests.factories import ITEMS, SIGNALS, START, Story, bring, complete, firm, login_of, open_story, person
from tests.people import actor
from workflows.actor import SYSTEM, Actor, Role
from workflows.errors import YichuangError
from workflows.events import Act
from workflows.flow import Flow, Step
from workflows.item import ItemVersion
from workflows.linting import OVER, UNDECIDED, WINDOW_ROLES
from workflows.material import Necessity

T = TypeVar("T")

EVERY_HAT = (Role.officer, Role.reviewer, Role.approver)
"""What one person may hold in a small department at once: the guards must keep them apart."""
IN_THE_HALL = (
    "clerk", "clerk.town", "guide", "hall_manager", "issuer", "agent", "archivist", "supervisor", "auditor",
    "complaint_handler", "authority_head", "government_head",
)  # fmt: skip
CASES = (1, 1, 1, 2, 3, 8, 13, 22)
"""Items by their number: a permit most often; a shop, a company, a confirmation, a joint permit, a home."""
OWING = "accepted while a material is owed"
BEGINNINGS = (
    OWING,
    OWING,
    "NEW",
    "NEW",
    "RECEIVED",
    "CORRECTION",
    "ESCALATED",
    "ACCEPTED",
    "REVIEW",
    "REVIEW",
    "VERIFY",
    "READY",
)
TAKING_IN = {"NEW", "PRE_PASSED", "RECEIVED", "CORRECTION", "REVIEW"}
WAITING = [
    *[timedelta(minutes=1)] * 12, *[timedelta(hours=3)] * 3, timedelta(days=1), timedelta(days=3), timedelta(days=12),
    timedelta(days=40),
]  # fmt: skip
MOSTLY, OTHERS = 0.9, 0.3
OPINION_OF_OTHERS: tuple[tuple[str, Act, dict[str, Any]], ...] = (
    ("officer", Act.SIGN_IN, {}),
    ("officer", Act.SUBMIT_REVIEW, REVIEW),
    ("approver", Act.GIVE_OPINION, AGREED),
)
EXAMPLES = 400 if os.environ.get("CI") else 60
CORE = {"RECEIVED", "ACCEPTED", "REVIEW", "VERIFY"}
DECIDED = {"GRANTED", "DENIED"}


async def cast(item: ItemVersion) -> list[Actor]:
    """Everybody who might try: two people with every hat of the department, the hall, and the engine itself."""
    of_department = ["officer", "officer2"] if item.department == "amr" else ["officer", "reviewer"]
    people = [await actor(login_of(login, item.department)) for login in of_department]
    hatted = [replace(one, grants=tuple(replace(one.grants[0], role=role) for role in EVERY_HAT)) for one in people]
    approver = await actor(login_of("approver", item.department))
    return [*hatted, approver, *[await actor(login) for login in IN_THE_HALL], SYSTEM]


async def accepted_while_owing(context: Context, item: ItemVersion, who: Applicant) -> Story:
    """容缺受理: everything but what the list lets follow."""
    story = await open_story(context, item, who)
    await story.file_scans()
    owed = {line.code for line in item.materials if line.necessity is Necessity.deferrable}
    await story.go("clerk", Act.RECEIVE, materials=[row for row in complete(item) if row["line"] not in owed])
    await story.go("officer", Act.ACCEPT_WITH_TOLERANCE, signed=True, credit_checked=True)
    return story


class AnyOrder(RuleBasedStateMachine):
    """One case at a time, and everybody tries everything."""

    context: Context
    loop: asyncio.AbstractEventLoop
    reached: set[str]
    numbers: set[str]

    def __init__(self) -> None:
        super().__init__()
        self.state, self.seen, self.tries = "", 0, 0
        self.story: Story

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the test's own loop, which holds the connections."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @initialize(item=st.sampled_from(CASES), state=st.sampled_from(BEGINNINGS))
    def begin(self, item: int, state: str) -> None:
        """A case that has come some way already."""
        self.wait(self.bring(ITEMS[item], state))

    async def bring(self, item: ItemVersion, state: str) -> None:
        self.who = person() if "person" in item.subjects else firm()
        self.people = await cast(item)
        self.flow: Flow = await self.context.flow(item.flow)
        self.steps = {name: self.flow.steps_from(name) for name in self.flow.states}
        plain = item.flow == "PERMIT" and not item.joint and not item.fee
        early = state in {"NEW", "RECEIVED", "ACCEPTED", "REVIEW"} and item.case_kind == "promise"
        if state == OWING and item.tolerance:
            self.story = await accepted_while_owing(self.context, item, self.who)
        else:
            self.story = await bring(self.context, state if plain or early else "NEW", item, who=self.who)
        row = await self.story.row()
        self.state, self.now = row["state"], self.story.now
        applicant = Actor(row["party_id"], "申请人", kind="applicant", case=self.story.number)
        self.people.append(applicant)
        self.colleagues = [login_of("officer", item.department), "officer2", "clerk.town"]
        self.numbers.add(self.story.number)

    @rule(seed=st.integers(0, 2**32 - 1))
    def try_an_act(self, seed: int) -> None:
        """Time passes, papers are scanned, and somebody tries an act of the case's way, one beside it, or any other.

        What can be chosen depends on the case, so that all of it is chosen by one number.
        """
        chance = Random(f"{seed} {self.tries}")
        self.tries += 1
        self.now = self.story.now = self.now + chance.choice(WAITING)
        if chance.random() < 0.5:
            self.wait(fire_case(self.context, self.story.number, self.now))
            self.wait(self.look())
        if self.story.item.joint and chance.random() < OTHERS:
            self.wait(self.let_others_answer())
        if self.state in TAKING_IN and chance.random() < MOSTLY:
            self.wait(self.story.file_scans())
        step = self.some_step(chance)
        fitting = [one for one in self.people if self.could(one, step)]
        who = chance.choice(fitting if fitting and chance.random() < MOSTLY else self.people)
        seen = known_of(self.story, self.now.date(), tuple(self.colleagues), self.who.id_number)
        sent = payload(chance, step.definition, self.story, self.wait(seen))
        self.wait(self.attempt(Command(who, self.story.number, step.definition.action, sent, self.now)))

    async def let_others_answer(self) -> None:
        """The departments that take part go on with their own cases, as far as the law lets them."""
        for department, child in (await children_of(self.story)).items():
            for who, what, sent in OPINION_OF_OTHERS:
                with suppress(YichuangError):
                    await child.go(f"{who}.{department}", what, at=self.now, **sent)
            assert await check_case(self.context, child.number, self.now) == []

    def some_step(self, chance: Random) -> Step:
        """Mostly one that leads on, sometimes one beside the way, seldom one of another state."""
        here = self.steps[self.state]
        onward = [step for step in here if not step.definition.aside]
        kind = chance.choices(["onward", "here", "any"], [6, 2, 1])[0]
        steps = list(self.flow.steps) if kind == "any" else (onward if kind == "onward" else here) or here
        return chance.choice(steps)

    async def attempt(self, command: Command) -> None:
        """It is refused, or it is a step that the flow has from where the case was."""
        try:
            answer = await act(self.context, command)
        except YichuangError:
            return
        taken = (await audit.of_case(self.story.number, limit=1000))[answer["seq"] - 1]
        ways = {(source, one.definition.action) for one in self.flow.steps for source in one.definition.sources}
        assert (taken["from_state"], command.act) in ways

    @staticmethod
    def could(who: Actor, step: Step) -> bool:
        """Whether somebody's role takes this step in some case."""
        own = {"system": {Role.system}, "applicant": {Role.applicant}}.get(who.kind, who.roles)
        return bool(step.roles & own) or (step.authorised_window and Role.clerk in own)

    @invariant()
    def the_case_is_lawful(self) -> None:
        """Looked at again whenever something was written."""
        if self.state:
            self.wait(self.look())

    async def look(self) -> None:
        case = await self.story.row()
        if case["head_seq"] == self.seen:
            return
        self.state, self.seen = case["state"], case["head_seq"]
        self.reached.add(self.state)
        trail = await audit.of_case(self.story.number, limit=1000)
        look_at_trail(case, trail, self.flow)
        await self.look_at_notices()
        look_at_people(case, trail, await self.story.rows("decisions", "seq"))
        look_at_tolerance(case, trail, self.flow)
        await self.look_at_clocks(case)
        assert await check_case(self.context, self.story.number, self.now) == []

    async def look_at_notices(self) -> None:
        """Told once; what came later has a changed fact behind it or is kept as the violation that it is."""
        for notice in await self.story.rows("notices", "number"):
            assert notice["number"] == 1 or notice["changed_fact"] or notice["violation"]

    async def look_at_clocks(self, case: dict[str, Any]) -> None:
        """Nothing runs in a closed case, and after the decision only what leads to its delivery."""
        running = {kind for kind, (status, _) in (await self.story.clocks()).items() if status != "stopped"}
        kind = self.flow.states[self.state].kind
        if kind in OVER:
            assert running == set()
        if kind == "decided":
            assert running <= {"delivery", "stage"}
        assert (case["due_at"] is None) or running


def look_at_trail(case: dict[str, Any], trail: list[dict[str, Any]], flow: Flow) -> None:
    """One version an act, numbers and times that only grow, nothing carried out twice, no refusal by a window."""
    assert [event["seq"] for event in trail] == list(range(1, case["head_seq"] + 1))
    assert [event["at"] for event in trail] == sorted(event["at"] for event in trail)
    assert [event["previous"] for event in trail[1:]] == [event["digest"] for event in trail[:-1]]
    assert case["version"] == len([event for event in trail if event["name"] not in SIGNALS])
    carried_out = [(event["data"]["rule"], event["data"]["started_at"], event["data"]["due_on"])
                   for event in trail if "effective_at" in event["data"]]  # fmt: skip
    assert len(carried_out) == len(set(carried_out))
    for before, event in pairwise(trail):
        assert event["from_state"] == before["to_state"]
        undecided = flow.states[event["from_state"]].kind in UNDECIDED
        refused = flow.states[event["to_state"]].refusing and undecided
        assert not (refused and Role(event["role"]) in WINDOW_ROLES | {Role.system})


def look_at_people(case: dict[str, Any], trail: list[dict[str, Any]], signed: list[dict[str, Any]]) -> None:
    """Who decides has neither handled nor endorsed the case in any round."""
    hands = {row["signed_by"] for row in signed if row["kind"] in {"review", "endorsement"}}
    decided = [row["signed_by"] for row in signed if row["kind"] == "decision" and row["signed_by"]]
    assert len(decided) <= 1
    assert not set(decided) & (hands | {case["handler_id"], case["endorser_id"]})
    received = {event["actor"] for event in trail if event["name"] == "case:receive"}
    granted = {event["actor"] for event in trail if event["name"] == "case:grant_on_promise"}
    assert not received & granted


def look_at_tolerance(case: dict[str, Any], trail: list[dict[str, Any]], flow: Flow) -> None:
    """Nothing is decided while a deferred material is owed."""
    owed = False
    for event in trail:
        owed = (owed or event["name"] == "case:accept_with_tolerance") and event["name"] != "case:meet_tolerance"
        decides = flow.states[event["to_state"]].decision and event["from_state"] != event["to_state"]
        assert not (owed and decides)
    if flow.states[case["state"]].kind not in UNDECIDED:
        assert "tolerance" not in case["flags"]


async def test_whatever_people_try_the_case_stays_lawful(context: Context) -> None:
    reached: set[str] = set()
    numbers: set[str] = set()
    known = {"context": context, "loop": asyncio.get_running_loop(), "reached": reached, "numbers": numbers}
    machine = type("Machine", (AnyOrder,), known)
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=30,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)
    assert len(numbers) > EXAMPLES // 2
    assert reached >= CORE
    assert reached & DECIDED
    later = START + timedelta(days=300)
    swept = await sweep(context, later, seconds=20)
    assert (swept.carried_out > 0, swept.failed) == (True, 0)
    assert [await check_case(context, number, later) for number in sorted(numbers)] == [[]] * len(numbers)
    assert (await verify()).whole
