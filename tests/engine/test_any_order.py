"""Whatever people try, in whatever order: the case stays lawful. Random acts against a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine.auditing import verify
from engine.context import Context
from engine.invariants import check_case
from engine.operations import act
from engine.work import Command
from storage import audit
from tests.factories import FOOD, PAYLOADS, SIGNALS, Story, bring, complete, defects
from tests.people import actor
from workflows.actor import Actor, Role
from workflows.errors import YichuangError
from workflows.events import Act
from workflows.flow import Flow
from workflows.lints import WINDOW_ROLES

T = TypeVar("T")

EVERY_HAT = (Role.officer, Role.reviewer, Role.approver)
"""What one person may hold in a small department at once: the guards must keep them apart."""


async def cast() -> list[Actor]:
    """Two people with every hat of the department, two at the window, one who issues, one who archives."""
    people = [await actor(login) for login in ("officer", "officer2", "clerk", "clerk.town", "issuer", "archivist")]
    for place in (0, 1):
        grant = people[place].grants[0]
        people[place] = replace(people[place], grants=tuple(replace(grant, role=role) for role in EVERY_HAT))
    return people


class AnyOrder(RuleBasedStateMachine):
    """One case at a time, and everybody tries everything."""

    context: Context
    loop: asyncio.AbstractEventLoop
    people: list[Actor]
    flow: Flow
    reached: set[str]

    def __init__(self) -> None:
        super().__init__()
        self.state = ""

    @initialize(state=st.sampled_from(["NEW", "NEW", "RECEIVED", "CORRECTION", "REVIEW", "VERIFY", "READY"]))
    def begin(self, state: str) -> None:
        """A case that has come some way already."""
        self.story: Story = self.wait(bring(self.context, state))
        self.state, self.version, self.now = state, int(self.story.answers[-1]["version"]), self.story.now

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the test's own loop, which holds the connections."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @precondition(lambda self: self.state in {"NEW", "RECEIVED", "CORRECTION"})
    @rule()
    def scan_everything(self) -> None:
        """The clerk puts the papers through the scanner."""
        self.wait(self.story.file_scans())

    @rule(data=st.data(), minutes=st.sampled_from([1, 1, 60, 3 * 24 * 60]))
    def try_an_act(self, data: st.DataObject, minutes: int) -> None:
        """Somebody tries one of the acts that the state has, or any other."""
        here = sorted({step.definition.action for step in self.flow.steps_from(self.state)})
        onward = [what for what in here if what is not Act.WITHDRAW] or list(Act)
        what = data.draw(st.one_of(*[st.sampled_from(onward)] * 4, st.sampled_from(list(Act))))
        self.now = self.story.now = self.now + timedelta(minutes=minutes)
        who = data.draw(st.one_of(st.sampled_from(self.fitting(what)), st.sampled_from(self.people)))
        command = Command(who, self.story.number, what, self.payload(what, data), self.now)
        try:
            answer = self.wait(act(self.context, command))
        except YichuangError:
            self.look_again()
            return
        self.look_again(answer["version"] - 1)
        assert (self.state, what) in {(source, step.definition.action) for step in self.flow.steps
                                      for source in step.definition.sources}  # fmt: skip
        self.state, self.version = answer["state"], answer["version"]
        self.reached.add(self.state)

    def look_again(self, version: int | None = None) -> None:
        """Before anybody acts time may have taken steps of its own: where the case stood then, or stands now."""
        trail = self.wait(audit.of_case(self.story.number, limit=1000))
        moves = [row for row in trail if row["name"] not in SIGNALS][:version]
        taken = moves[self.version :]
        assert all(row["role"] == Role.system for row in taken)
        self.state, self.version = moves[-1]["to_state"], len(moves)

    def fitting(self, what: Act) -> list[Actor]:
        """Those whose role takes this act somewhere in the flow; else anybody."""
        roles = {role for step in self.flow.steps if step.definition.action is what for role in step.roles}
        return [one for one in self.people if one.roles & roles] or self.people

    def payload(self, what: Act, data: st.DataObject) -> dict[str, Any]:
        """What is sent: mostly what is right."""
        if what is Act.RECEIVE:
            return {"materials": data.draw(st.sampled_from([complete(FOOD), complete(FOOD)[1:2]]))}
        if what is Act.GIVE_NOTICE:
            return {"lines": defects(FOOD, data.draw(st.integers(1, 2)))}
        if what is Act.SUPPLY:
            return {"lines": data.draw(st.sampled_from([[1], [2], [1, 2]]))}
        return PAYLOADS.get(what, {})

    @invariant()
    def the_case_is_lawful(self) -> None:
        """One notice at most, no refusal by a window, different hands, one version an act, a whole chain."""
        if self.state:
            self.wait(self.look())

    async def look(self) -> None:
        case = await self.story.row()
        trail = await audit.of_case(self.story.number, limit=1000)
        moves = [row for row in trail if row["name"] not in SIGNALS]
        assert (case["state"], case["version"], case["head_seq"]) == (self.state, self.version, len(trail))
        assert len(moves) == self.version
        signals = [(row["data"]["rule"], row["data"]["started_at"], row["data"]["due_on"])
                   for row in trail if "effective_at" in row["data"]]  # fmt: skip
        assert len(signals) == len(set(signals))
        assert len(await self.story.rows("notices")) <= 1
        for event in trail:
            target = self.flow.states[event["to_state"]]
            moved = event["from_state"] != event["to_state"]
            assert not (moved and target.refusing and Role(event["role"]) in WINDOW_ROLES)
        signed = {row["kind"]: row["signed_by"] for row in await self.story.rows("decisions", "seq")}
        if "decision" in signed:
            assert case["approver_id"] == signed["decision"]
            assert case["approver_id"] not in {case["handler_id"], case["endorser_id"]}
        assert await check_case(self.context, self.story.number, self.now) == []
        running = {kind for kind, (status, _) in (await self.story.clocks()).items() if status == "running"}
        if self.flow.states[self.state].kind in {"terminal", "final"}:
            assert running == set()
        if self.flow.states[self.state].kind == "decided":
            assert running <= {"delivery", "stage"}


async def test_whatever_people_try_the_case_stays_lawful(context: Context) -> None:
    reached: set[str] = set()
    known = {
        "context": context,
        "loop": asyncio.get_running_loop(),
        "people": await cast(),
        "flow": await context.flow("PERMIT"),
        "reached": reached,
    }
    machine = type("Machine", (AnyOrder,), known)
    chosen = settings(
        max_examples=25,
        stateful_step_count=20,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)
    assert reached >= {"PRE_PASSED", "CORRECTION", "ESCALATED", "REVIEW", "VERIFY", "GRANTED", "DELIVERED"}
    assert (await verify()).whole
