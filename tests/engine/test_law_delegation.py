"""代理履职: somebody stands in while another is away, under both names, and never counts as a second person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.context import Context
from engine.delegating import Appointing, appoint, end, list_delegations
from engine.identity import by_cookie, by_token, issue_token, sign_in
from storage import audit
from storage.db import reading
from tests.conftest import PASSWORD
from tests.factories import OPINION, PAYLOADS, START, Story, bring
from tests.people import actor, also
from workflows.actor import Role
from workflows.errors import Conflict, Forbidden, Malformed, NotFound, YichuangError
from workflows.events import Act

UNTIL = START + timedelta(days=14)
DAY = timedelta(days=1)


def wish(
    person: str = "approver", delegate: str = "reviewer", role: Role = Role.approver, at: str = "amr", **more: Any
) -> Appointing:
    period: dict[str, Any] = {"from_at": START, "until_at": UNTIL, "reason": "出差"} | more
    return Appointing(person=person, delegate=delegate, role=role, organisation=at, **period)


async def refusal(by: str, request: Appointing, now: datetime = START) -> YichuangError:
    with pytest.raises(YichuangError) as found:
        await appoint(await actor(by), request, now)
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM access_log WHERE action = 'delegation.appoint'") == 0
    return found.value


async def refusal_after(request: Appointing, by: str) -> YichuangError:
    with pytest.raises(YichuangError) as found:
        await appoint(await actor(by), request, START)
    return found.value


async def test_a_delegate_decides_under_both_names(context: Context) -> None:
    story = await bring(context, "VERIFY")
    with pytest.raises(Forbidden):
        await story.go("officer2", Act.GRANT, opinion="同意。")
    await appoint(await actor("approver"), wish(delegate="officer2"), START)
    await story.go("officer2", Act.GRANT, opinion="同意。")
    last = (await audit.of_case(story.number, limit=100))[-1]
    absent, delegate = await actor("approver"), await actor("officer2")
    assert (last["actor"], last["acting_for"]) == (delegate.person, absent.person)
    assert (last["actor_name"], last["role"]) == ("谢建章（代赵亦凡）", "approver")
    assert last["organisation"] == absent.grants[0].organisation
    decision = (await story.rows("decisions", "seq"))[-1]
    assert (decision["signed_name"], decision["signed_by"]) == ("谢建章（代赵亦凡）", delegate.person)
    assert (await story.row())["approver_id"] == delegate.person


async def test_ones_own_role_is_used_before_that_of_the_absent_person(context: Context) -> None:
    story = await bring(context, "DISPATCHED")
    await appoint(await actor("officer"), wish("officer", "officer2", Role.officer), START)
    await story.go("officer2", Act.SIGN_IN)
    last = (await audit.of_case(story.number, limit=100))[-1]
    assert (last["actor_name"], last["acting_for"]) == ("谢建章", None)


async def test_who_reviewed_does_not_decide_as_a_delegate(context: Context) -> None:
    story = await bring(context, "VERIFY")
    await appoint(await actor("approver"), wish(delegate="officer"), START)
    with pytest.raises(Forbidden, match="same_person"):
        await story.go("officer", Act.GRANT, opinion="同意。")


async def reviewed_by_a_delegate(context: Context) -> Story:
    """Reviewed by ``reviewer``, who stands in for ``officer``."""
    story = await bring(context, "DISPATCHED")
    await appoint(await actor("officer"), wish("officer", "reviewer", Role.officer), START)
    await story.go("reviewer", Act.SIGN_IN)
    await story.go("reviewer", Act.SUBMIT_REVIEW, opinion=OPINION, proposal="grant")
    return story


async def test_the_absent_person_does_not_decide_what_a_delegate_reviewed_for_them(context: Context) -> None:
    story = await reviewed_by_a_delegate(context)
    for early in ("officer", "reviewer"):
        await also(early, "approver", "amr")
        with pytest.raises(Forbidden, match="same_person"):
            await story.go(early, Act.GRANT, opinion="同意。")
    with pytest.raises(Forbidden, match="same_person"):
        await story.go("reviewer", Act.ENDORSE, opinion=OPINION)
    await story.go("approver", Act.GRANT, opinion="同意。")


async def test_a_delegate_does_not_decide_for_somebody_who_reviewed(context: Context) -> None:
    story = await bring(context, "VERIFY")
    await also("officer", "approver", "amr")
    await appoint(await actor("officer"), wish("officer", "reviewer2"), START)
    with pytest.raises(Forbidden, match="same_person"):
        await story.go("reviewer2", Act.GRANT, opinion="同意。")


async def test_a_delegation_holds_from_its_first_moment_to_its_last_and_not_beyond(context: Context) -> None:
    later = START + timedelta(days=2)
    await appoint(await actor("approver"), wish(from_at=later), START)
    for at, holds in (
        (later - timedelta(seconds=1), False),
        (later, True),
        (UNTIL - timedelta(seconds=1), True),
        (UNTIL, False),
    ):
        assert (Role.approver in (await actor("reviewer", now=at)).roles) is holds


async def test_a_session_carries_what_its_person_stands_in_for_and_a_token_never_does(context: Context) -> None:
    await appoint(await actor("approver"), wish(), START)
    signed = await sign_in(context, "reviewer", PASSWORD, START)
    assert Role.approver in signed.actor.roles
    found, _ = await by_cookie(context, signed.cookie, START + timedelta(minutes=1))
    (held,) = [grant for grant in found.grants if grant.acting_for]
    assert (held.role, held.acting_for, held.principal) == (
        Role.approver,
        (await actor("approver")).person,
        "赵亦凡",
    )
    issued = await issue_token("reviewer", Role.reviewer, "amr", "系统对接", START)
    assert (await by_token(issued.token, START)).roles == {Role.reviewer}
    with pytest.raises(Conflict, match="grant_missing"):
        await issue_token("reviewer", Role.approver, "amr", "系统对接", START)


@pytest.mark.parametrize("change", ["active = false", "login = login"])
async def test_a_delegation_lapses_with_the_person_or_the_role_behind_it(context: Context, change: str) -> None:
    await appoint(await actor("approver"), wish(), START)
    async with reading() as connection:
        await connection.execute(f"UPDATE people SET {change} WHERE login = 'approver'")  # of this test
        if change == "login = login":
            await connection.execute("DELETE FROM role_grants WHERE person_id = $1", (await actor("approver")).person)
    assert (await actor("reviewer", now=START)).roles == {Role.reviewer}


@pytest.mark.parametrize("by", ["approver", "approver2", "system_admin"])
async def test_the_person_or_somebody_above_them_appoints(context: Context, by: str) -> None:
    answer = await appoint(await actor(by), wish(), START)
    (listed,) = await list_delegations(await actor("reviewer"), START)
    assert (listed["id"], listed["person"], listed["delegate"], listed["role"], listed["organisation"]) == (
        answer["id"],
        "approver",
        "reviewer",
        "approver",
        "amr",
    )
    assert listed["created_by"] == (await actor(by)).person
    async with reading() as connection:
        row = await connection.fetchrow("SELECT subject, action FROM access_log ORDER BY seq DESC LIMIT 1")
    assert row is not None
    assert tuple(row) == (str(answer["id"]), "delegation.appoint")


async def test_a_hall_manager_appoints_within_the_hall(context: Context) -> None:
    await appoint(await actor("hall_manager"), wish("clerk", "clerk2", Role.clerk, "hall"), START)
    assert (await refusal_after(wish(), "hall_manager")).code == "appointer_not_allowed"


@pytest.mark.parametrize("by", ["officer", "reviewer2", "clerk", "approver.hrss", "auditor", "security_admin"])
async def test_nobody_else_appoints(context: Context, by: str) -> None:
    found = await refusal(by, wish())
    assert (type(found), found.code) == (Forbidden, "appointer_not_allowed")


async def test_nobody_takes_anothers_powers_by_their_own_hand(context: Context) -> None:
    assert (await refusal("approver2", wish(delegate="approver2"))).code == "delegates_to_oneself"


async def test_a_delegate_does_not_pass_it_on(context: Context) -> None:
    await appoint(await actor("approver"), wish(), START)
    standing_in = await actor("reviewer", now=START)
    with pytest.raises(Forbidden, match="appointer_not_allowed"):
        await appoint(standing_in, wish("officer", "officer2", Role.officer), START)
    assert (await refusal_after(wish("reviewer", "officer", Role.approver), "reviewer")).code == "grant_missing"


@pytest.mark.parametrize(
    ("request_", "by", "code"),
    [
        (wish("nobody"), "approver", "person_not_found"),
        (wish(role=Role.officer), "approver", "grant_missing"),
        (wish(at="hrss"), "approver", "grant_missing"),
        (wish(delegate="officer.hrss"), "approver", "delegate_outside"),
        (wish(delegate="clerk"), "approver", "delegate_outside"),
        (wish("system_admin", "security_admin", Role.system_admin, "460000"), "system_admin", "role_not_delegable"),
        (wish("auditor", "security_admin", Role.auditor, "460000"), "system_admin", "role_not_delegable"),
        (wish("assessor", "clerk", Role.assessor, "460100"), "assessor", "roles_exclusive"),
        (
            wish("government_head", "system_admin", Role.government_head, "460100"),
            "government_head",
            "delegate_outside",
        ),
    ],
)
async def test_an_unfit_delegation_is_refused(context: Context, request_: Appointing, by: str, code: str) -> None:
    assert (await refusal(by, request_)).code == code


async def test_an_auditor_stands_in_for_nobody(context: Context) -> None:
    await also("approver", "officer", "460000")
    found = await refusal("approver", wish("approver", "auditor", Role.officer, "460000"))
    assert (found.code, found.basis) == ("roles_exclusive", "GB/T 22239-2019")


@pytest.mark.parametrize(
    "period",
    [
        {"until_at": START},
        {"from_at": UNTIL, "until_at": START + timedelta(days=1)},
        {"from_at": START - timedelta(days=9), "until_at": START - timedelta(days=1)},
        {"until_at": START + timedelta(days=181)},
        {"from_at": START.replace(tzinfo=None)},
    ],
)
async def test_a_period_must_have_an_end_in_sight(context: Context, period: dict[str, Any]) -> None:
    found = await refusal("approver", wish(**period))
    assert (type(found), found.code) == (Malformed, "period_wrong")


async def test_one_delegate_at_a_time_and_nobody_who_is_away(context: Context) -> None:
    await appoint(await actor("approver"), wish(), START)
    again = await refusal_after(wish(delegate="officer"), "approver")
    assert (type(again), again.code) == (Conflict, "delegated_already")
    away = await refusal_after(wish("approver2", "approver"), "approver2")
    assert away.code == "delegate_absent"
    await appoint(
        await actor("approver"), wish(delegate="officer", from_at=UNTIL, until_at=UNTIL + timedelta(1)), START
    )


@pytest.mark.parametrize("by", ["approver", "reviewer", "approver2", "system_admin"])
async def test_a_delegation_is_ended_early_by_either_or_by_somebody_above(context: Context, by: str) -> None:
    answer = await appoint(await actor("approver"), wish(), START)
    noon = START + timedelta(hours=2)
    for _ in range(2):
        await end(await actor(by), answer["id"], noon)
    assert (await actor("reviewer", now=noon)).roles == {Role.reviewer}
    assert await list_delegations(await actor("approver"), noon) == []


async def test_others_neither_see_nor_end_a_delegation(context: Context) -> None:
    answer = await appoint(await actor("approver"), wish(), START)
    for other in ("officer", "clerk", "approver.hrss"):
        assert await list_delegations(await actor(other), START) == []
        with pytest.raises(NotFound, match="delegation_not_found"):
            await end(await actor(other), answer["id"], START)


async def test_a_delegate_sees_and_does_what_the_absent_person_would(context: Context) -> None:
    story = await bring(context, "VERIFY")
    assert "grant" not in await story.allowed("reviewer")
    await appoint(await actor("approver"), wish(), START)
    standing_in = await actor("reviewer", now=story.now)
    assert {grant.role for grant in standing_in.grants} == {Role.reviewer, Role.approver}
    await story.go("reviewer", Act.SEND_BACK, **PAYLOADS[Act.SEND_BACK])
