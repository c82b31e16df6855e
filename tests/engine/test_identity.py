"""Signing in, staying in, being locked out; tokens for machines and their end (GB/T 22239-2019)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.context import Context
from engine.identity import (
    add_person,
    by_cookie,
    by_token,
    check_password,
    issue_token,
    revoke_token,
    sign_in,
    sign_out,
)
from engine.operating import TokenRequest
from engine.operating import issue_token as issue_as
from engine.operations import act
from engine.reading import list_cases
from storage.db import reading
from tests.conftest import PASSWORD
from tests.factories import START, bring, open_story
from tests.people import actor
from workflows.actor import Role
from workflows.errors import Conflict, Forbidden, Malformed, NotAuthenticated, NotFound, Stale, TooMany
from workflows.events import Act

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def test_somebody_signs_in_and_out(context: Context) -> None:
    signed = await sign_in(context, "clerk", PASSWORD, NOW)
    who, csrf = await by_cookie(context, signed.cookie, NOW)
    assert who == signed.actor == await actor("clerk")
    assert csrf != signed.csrf
    async with reading() as connection:
        kept = str(await connection.fetch("SELECT * FROM sessions"))
    assert signed.cookie not in kept
    assert signed.csrf not in kept
    await sign_out(signed.cookie)
    await sign_out(signed.cookie)
    with pytest.raises(NotAuthenticated):
        await by_cookie(context, signed.cookie, NOW)


async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(context: Context) -> None:
    said = []
    for login, password in (("clerk", "wrong"), ("nobody", PASSWORD), ("", ""), ("clerk", PASSWORD + " ")):
        with pytest.raises(NotAuthenticated) as found:
            await sign_in(context, login, password, NOW)
        said.append((found.value.code, found.value.zh, found.value.en))
    assert len(set(said)) == 1
    async with reading() as connection:
        await connection.execute("UPDATE people SET active = false WHERE login = 'guide'")
    with pytest.raises(NotAuthenticated):
        await sign_in(context, "guide", PASSWORD, NOW)


async def test_five_failures_lock_the_account_for_half_an_hour(context: Context) -> None:
    for _ in range(5):
        with pytest.raises(NotAuthenticated):
            await sign_in(context, "clerk", "wrong", NOW)
    for password in (PASSWORD, "wrong"):
        with pytest.raises(TooMany) as found:
            await sign_in(context, "clerk", password, NOW + 29 * MINUTE)
    assert (found.value.status, found.value.code) == (429, "account_locked")
    assert (await sign_in(context, "clerk2", PASSWORD, NOW)).actor.name
    assert (await sign_in(context, "clerk", PASSWORD, NOW + 30 * MINUTE)).cookie
    for _ in range(4):
        with pytest.raises(NotAuthenticated):
            await sign_in(context, "clerk", "wrong", NOW + 31 * MINUTE)
    assert (await sign_in(context, "clerk", PASSWORD, NOW + 32 * MINUTE)).cookie
    with pytest.raises(NotAuthenticated):
        await sign_in(context, "clerk", "wrong", NOW + 33 * MINUTE)
    assert (await sign_in(context, "clerk", PASSWORD, NOW + 33 * MINUTE)).cookie


async def test_after_a_lock_five_more_failures_lock_again(context: Context) -> None:
    for start in (NOW, NOW + 31 * MINUTE):
        for _ in range(5):
            with pytest.raises(NotAuthenticated):
                await sign_in(context, "clerk", "wrong", start)
        with pytest.raises(TooMany):
            await sign_in(context, "clerk", PASSWORD, start + MINUTE)


async def test_a_session_ends_when_it_is_left_alone_and_in_any_case_after_its_hours(context: Context) -> None:
    idle, used = [(await sign_in(context, who, PASSWORD, NOW)).cookie for who in ("clerk", "officer")]
    now = NOW
    while now < NOW + timedelta(hours=11, minutes=50):
        now += 10 * MINUTE
        await by_cookie(context, used, now)
    with pytest.raises(NotAuthenticated) as found:
        await by_cookie(context, idle, NOW + 15 * MINUTE)
    assert found.value.code == "session_over"
    await by_cookie(context, used, NOW + timedelta(hours=12) - timedelta(seconds=1))
    with pytest.raises(NotAuthenticated):
        await by_cookie(context, used, NOW + timedelta(hours=12))


async def test_a_session_dies_with_its_account_and_loses_a_role_that_is_taken_away(context: Context) -> None:
    signed = await sign_in(context, "clerk.town", PASSWORD, NOW)
    assert (await by_cookie(context, signed.cookie, NOW))[0].roles == {Role.clerk, Role.issuer}
    async with reading() as connection:
        person = signed.actor.person
        await connection.execute("DELETE FROM role_grants WHERE person_id = $1 AND role = 'issuer'", person)
        assert (await by_cookie(context, signed.cookie, NOW))[0].roles == {Role.clerk}
        await connection.execute("UPDATE people SET active = false WHERE id = $1", person)
    with pytest.raises(NotAuthenticated):
        await by_cookie(context, signed.cookie, NOW)


@pytest.mark.parametrize(
    ("text", "fine"),
    [("Sample-2026", True), ("abcdefgh12!", True), ("中文密码ABC123", False), ("Abcdefghij1", True), ("Ab1!", False),
     ("abcdefghijkl", False), ("abcdefgh1234", False), ("", False), ("Aa1" * 100, False)],
)  # fmt: skip
def test_a_password_has_ten_characters_of_three_classes(text: str, fine: bool) -> None:
    if fine:
        check_password(text)
    else:
        with pytest.raises(Malformed) as found:
            check_password(text)
        assert found.value.code == "password_too_weak"


async def test_administrators_hold_no_other_role(context: Context) -> None:
    for grants in (
        [(Role.auditor, "460000"), (Role.system_admin, "460000")],
        [(Role.security_admin, "460000"), (Role.clerk, "hall")],
        [(Role.assessor, "460100"), (Role.clerk, "hall")],
    ):
        with pytest.raises(Conflict) as found:
            await add_person("new.person", "新人", PASSWORD, grants, NOW)
        assert found.value.code == "roles_exclusive"
    with pytest.raises(NotFound):
        await add_person("new.person", "新人", PASSWORD, [(Role.clerk, "moon")], NOW)
    with pytest.raises(Conflict) as taken:
        await add_person("clerk", "新人", PASSWORD, [(Role.clerk, "hall")], NOW)
    assert taken.value.code == "login_taken"
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM people WHERE name = '新人'") == 0
    await add_person("new.person", "新人", PASSWORD, [(Role.clerk, "hall"), (Role.issuer, "hall")], NOW)
    assert (await sign_in(context, "new.person", PASSWORD, NOW)).actor.roles == {Role.clerk, Role.issuer}


async def test_a_token_acts_for_one_person_in_one_role_and_is_kept_as_a_digest(context: Context) -> None:
    issued = await issue_token("clerk.town", Role.issuer, "town-hall", "出件机", NOW)
    machine = await by_token(issued.token, NOW)
    assert (machine.kind, machine.roles) == ("machine", {Role.issuer})
    assert machine.person == (await actor("clerk.town")).person
    async with reading() as connection:
        assert issued.token not in str(await connection.fetch("SELECT * FROM api_tokens"))
    for strange in ("", "yct_", "yct_unknown", issued.token[4:], issued.token + "x"):
        with pytest.raises(NotAuthenticated):
            await by_token(strange, NOW)
    for who, role, place, code in (
        ("clerk.town", Role.officer, "amr", "grant_missing"),
        ("clerk.town", Role.issuer, "hall", "grant_missing"),
        ("nobody", Role.clerk, "hall", "person_not_found"),
        ("clerk", Role.clerk, "moon", "organisation_not_found"),
    ):
        with pytest.raises((Conflict, NotFound)) as found:
            await issue_token(who, role, place, "x", NOW)
        assert found.value.code == code


async def test_a_token_tells_who_issued_it(context: Context) -> None:
    request = TokenRequest(person="clerk", role=Role.clerk, organisation="hall", name="叫号机")
    issuer = await actor("security_admin")
    by_person = await issue_as(issuer, request, NOW)
    at_the_machine = await issue_token("clerk", Role.clerk, "hall", "x", NOW)
    async with reading() as connection:
        issued_by = dict(await connection.fetch("SELECT id, issued_by FROM api_tokens"))
    assert issued_by == {by_person.id: issuer.person, at_the_machine.id: None}


async def test_a_token_ends_with_its_days_its_grant_or_its_person(context: Context) -> None:
    tokens = [
        (await issue_token(who, role, place, "x", NOW, days=days)).token
        for who, role, place, days in (
            ("clerk", Role.clerk, "hall", 1),
            ("officer", Role.officer, "amr", None),
            ("issuer", Role.issuer, "hall", None),
        )
    ]
    await by_token(tokens[0], NOW + timedelta(days=1) - MINUTE)
    with pytest.raises(NotAuthenticated):
        await by_token(tokens[0], NOW + timedelta(days=1))
    async with reading() as connection:
        await connection.execute("DELETE FROM role_grants WHERE role = 'officer'")
        await connection.execute("UPDATE people SET active = false WHERE login = 'issuer'")
    for token in tokens[1:]:
        with pytest.raises(NotAuthenticated):
            await by_token(token, NOW)


async def test_only_a_security_administrator_of_the_place_ends_a_token_and_at_once(context: Context) -> None:
    issued = await issue_token("clerk", Role.clerk, "hall", "x", NOW)
    await add_person("security.town", "镇安全员", PASSWORD, [(Role.security_admin, "460107101")], NOW)
    for who in ("clerk", "system_admin", "auditor", "hall_manager"):
        with pytest.raises(Forbidden):
            await revoke_token(await actor(who), issued.id, NOW)
    with pytest.raises(NotFound):
        await revoke_token(await actor("security.town"), issued.id, NOW)
    await by_token(issued.token, NOW)
    await revoke_token(await actor("security_admin"), issued.id, NOW)
    with pytest.raises(NotAuthenticated):
        await by_token(issued.token, NOW)
    with pytest.raises(NotFound):
        await revoke_token(await actor("security_admin"), issued.id, NOW)


async def test_only_a_security_administrator_of_the_place_issues_a_token(context: Context) -> None:
    await add_person("security.town", "镇安全员", PASSWORD, [(Role.security_admin, "460107101")], NOW)
    ours = TokenRequest("clerk.town", Role.clerk, "town-hall", "扫描仪")
    theirs = TokenRequest("clerk", Role.clerk, "hall", "扫描仪")
    for who in ("clerk", "system_admin", "auditor"):
        with pytest.raises(Forbidden):
            await issue_as(await actor(who), ours, NOW)
    with pytest.raises(NotFound):
        await issue_as(await actor("security.town"), theirs, NOW)
    assert (await by_token((await issue_as(await actor("security.town"), ours, NOW)).token, NOW)).kind == "machine"


async def test_a_machine_says_which_version_it_has_seen(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    token = (await issue_token("officer", Role.officer, "amr", "审批系统", START)).token
    machine = await by_token(token, START)
    command = await story.command("officer", Act.ACCEPT, {}, version=1)
    with pytest.raises(Stale):
        await act(context, type(command)(machine, story.number, Act.ACCEPT, {}, story.now, version=1))
    answer = await act(context, type(command)(machine, story.number, Act.ACCEPT, {}, story.now, version=2))
    assert answer["state"] == "ACCEPTED"


async def test_a_clerk_appointed_to_one_window_works_on_the_cases_of_the_hall(context: Context) -> None:
    await add_person("clerk.w01", "一号窗", PASSWORD, [(Role.clerk, "w01")], NOW)
    story = await open_story(context, by="clerk.w01")
    await story.receive("clerk.w01")
    listed = await list_cases(await actor("clerk.w01"))
    assert [row["number"] for row in listed] == [story.number]
    assert "accept" in await story.allowed("clerk.w01")
