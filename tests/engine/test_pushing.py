"""Departments' systems are told: signed, once or again until they answer, and none at another's cost."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from engine.context import Context
from engine.jobs import run_row
from engine.relay import relay_once
from engine.webhooks.outward import Rules, Undelivered, client, post
from engine.webhooks.pushing import DELIVER, DISABLED, deliver, fan_out
from engine.webhooks.subscribing import (
    Subscribed,
    Subscribing,
    follow,
    list_deliveries,
    list_webhooks,
    replay,
    resume,
    retry_delivery,
    subscribe,
    unsubscribe,
)
from storage import feed, webhooks
from storage.db import reading
from storage.embedded.certificates import ensure_certificates
from storage.feed import START, Place
from tests.conftest import Database
from tests.factories import FOOD, ITEMS, LABOUR, Story, bring
from tests.people import actor
from tests.receiver import Receiver, receiving
from workflows.errors import Conflict, Forbidden, Malformed, NotFound
from workflows.events import Act
from workflows.webhook import DELIVERY, SIGNATURE, TIMESTAMP, read_networks, read_target, verify

HERE = Rules(read_networks("127.0.0.0/8"), plain=True, seconds=2)


@pytest.fixture
def context(context: Context) -> Context:
    """An installation whose departments are on this machine."""
    mine = {"webhook_networks": "127.0.0.0/8", "webhook_plain_http": True, "webhook_seconds": 0.5}
    context.settings = context.settings.model_copy(update=mine)
    return context


def change(context: Context, **settings: Any) -> None:
    context.settings = context.settings.model_copy(update=settings)


async def wanted(context: Context, receiver: Receiver, organisation: str = "amr") -> Subscribed:
    request = Subscribing(organisation=organisation, url=receiver.url(), name="审批系统")
    return await subscribe(context, await actor("item_steward"), request, datetime.now(UTC))


async def work(context: Context, after: timedelta = timedelta(seconds=1)) -> datetime:
    """Tell whoever is to be told so long from now, as relay and worker would; the moment at which it was done."""
    now = datetime.now(UTC) + after
    due: list[tuple[UUID, str]] = []
    while await relay_once(due.extend, now, timedelta(hours=99)):
        while due:
            key, topic = due.pop(0)
            if topic in {"case.changed", DELIVER}:
                await run_row(context, key, lambda: now)
    return now


async def deliveries(context: Context, webhook: UUID) -> list[dict[str, Any]]:
    return await list_deliveries(await actor("item_steward"), webhook, limit=200)


async def waiting_rows() -> list[dict[str, Any]]:
    async with reading() as connection:
        rows = await connection.fetch("SELECT * FROM outbox WHERE topic = $1 AND state = 'waiting'", DELIVER)
    return [dict(row) for row in rows]


async def test_a_department_is_told_of_its_tasks_and_of_every_change_of_state(context: Context) -> None:
    async with receiving() as receiver:
        added = await wanted(context, receiver)
        story = await bring(context, "REVIEW")
        await story.go("officer", Act.SUBMIT_REVIEW, opinion="材料齐全。", proposal="grant")
        await story.go("approver", Act.SEND_BACK, reason="请补充核查意见。")
        await work(context)
        told = sorted((message.told for message in receiver.got), key=lambda one: one["seq"])
    assert [(one["event"], one["kind"], one["state"]) for one in told] == [
        ("case:receive", "state", "RECEIVED"),
        ("case:accept", "state", "ACCEPTED"),
        ("case:dispatch", "task", "DISPATCHED"),
        ("case:sign_in", "state", "REVIEW"),
        ("case:submit_review", "state", "VERIFY"),
        ("case:send_back", "task", "REVIEW"),
    ]
    assert {one["case"] for one in told} == {story.number}
    assert [one["version"] for one in told] == [answer["version"] for answer in story.answers[1:]]
    assert {row["state"] for row in await deliveries(context, added.id)} == {"delivered"}
    assert await waiting_rows() == []


async def test_a_message_is_signed_and_holds_nothing_personal(context: Context) -> None:
    async with receiving() as receiver:
        added = await wanted(context, receiver)
        story = await bring(context, "RECEIVED")
        now = await work(context)
        (message,) = receiver.got
    moment = message.headers[TIMESTAMP.lower()]
    assert verify(added.secret, moment, message.headers[SIGNATURE.lower()], message.body, int(now.timestamp()))
    assert int(moment) == int(now.timestamp())
    (row,) = await deliveries(context, added.id)
    assert message.headers[DELIVERY.lower()] == str(row["id"])
    assert message.told["id"] == str(row["event_id"])
    case = await story.row()
    for secret in ("示例餐饮", "李明哲", case["query_code"], added.secret):
        assert secret.encode() not in message.body
    async with reading() as connection:
        assert added.secret.encode() not in await connection.fetchval("SELECT secret_sealed FROM webhooks")


async def test_an_event_is_left_once_however_often_its_job_runs(context: Context) -> None:
    async with receiving() as receiver:
        await wanted(context, receiver)
        await bring(context, "RECEIVED")
        await work(context)
        async with reading() as connection:
            await connection.execute("UPDATE outbox SET state = 'waiting', due_at = now()")
        await work(context)
        assert len(receiver.got) == 1


async def test_each_department_that_takes_part_is_told_of_its_own_task(context: Context) -> None:
    """并联分办: the child case is dispatched in the same act; the leading department is told of its own case only."""
    async with receiving() as leading, receiving() as taking_part:
        await wanted(context, leading, "housing")
        await wanted(context, taking_part, "police")
        story = await bring(context, "DISPATCHED", ITEMS[13])
        await work(context)
        (task,) = [message.told for message in taking_part.got]
        assert (task["event"], task["kind"], task["state"], task["version"]) == (
            "case:dispatch",
            "task",
            "DISPATCHED",
            2,
        )
        assert task["case"] != story.number
        assert {message.told["case"] for message in leading.got} == {story.number}


async def test_a_run_that_dies_before_it_wrote_the_outcome_sends_the_same_delivery_again(context: Context) -> None:
    async with receiving(wait=0.3) as receiver:
        added = await wanted(context, receiver)
        await bring(context, "RECEIVED")
        now = datetime.now(UTC) + timedelta(seconds=1)
        async with reading() as connection:
            number = await connection.fetchval("SELECT number FROM cases")
        await fan_out(number, 2, now)
        dying = asyncio.create_task(deliver(context, added.id, lambda: now))
        async with asyncio.timeout(5):
            await receiver.arrived.wait()
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        await work(context)
        first, second = receiver.got
        assert first.headers[DELIVERY.lower()] == second.headers[DELIVERY.lower()]
        assert first.body == second.body
    assert [row["state"] for row in await deliveries(context, added.id)] == ["delivered"]


async def test_other_departments_and_ended_webhooks_are_told_nothing(context: Context) -> None:
    async with receiving() as receiver, receiving() as ended:
        await wanted(context, receiver, "hrss")
        over = await wanted(context, ended)
        await unsubscribe(await actor("item_steward"), over.id, datetime.now(UTC))
        story = await bring(context, "NEW", LABOUR)
        await work(context)
        assert receiver.got == []
        await bring(context, "RECEIVED", FOOD)
        await story.receive()
        await work(context)
        assert [message.told["case"] for message in receiver.got] == [story.number]
        assert ended.got == []
    async with reading() as connection:
        assert await connection.fetchval("SELECT secret_sealed FROM webhooks WHERE id = $1", over.id) == b""


async def test_a_case_costs_nothing_where_nobody_is_told(context: Context) -> None:
    await bring(context, "ACCEPTED")
    await work(context)
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM webhook_deliveries") == 0
        assert await connection.fetchval("SELECT count(*) FROM outbox WHERE topic = $1", DELIVER) == 0


async def test_what_fails_is_tried_again_later_each_time_with_the_same_delivery(context: Context) -> None:
    async with receiving(statuses=[500, 503, 204]) as receiver:
        added = await wanted(context, receiver)
        await bring(context, "RECEIVED")
        first = await work(context)
        (row,) = await deliveries(context, added.id)
        assert (row["state"], row["attempts"], row["status"], row["error"]) == ("waiting", 1, 500, "not_accepted")
        assert row["due_at"] - first == timedelta(seconds=10)
        await work(context, timedelta(seconds=5))
        assert len(receiver.got) == 1
        second = await work(context, timedelta(seconds=15))
        (row,) = await deliveries(context, added.id)
        assert row["due_at"] - second == timedelta(seconds=20)
        await work(context, timedelta(seconds=40))
        (row,) = await deliveries(context, added.id)
        assert (row["state"], row["attempts"], row["status"], row["error"]) == ("delivered", 3, 204, "")
        assert len({message.headers[DELIVERY.lower()] for message in receiver.got}) == 1
        assert len({message.headers[TIMESTAMP.lower()] for message in receiver.got}) == 3
    async with reading() as connection:
        assert await connection.fetchval("SELECT max(attempts) FROM outbox WHERE topic = $1", DELIVER) == 0


async def test_a_target_that_is_down_for_an_hour_loses_nothing(context: Context) -> None:
    async with receiving(status=503) as receiver:
        added = await wanted(context, receiver)
        story = await bring(context, "DISPATCHED")
        for minutes in range(60):
            await work(context, timedelta(minutes=minutes, seconds=1))
        refused = len(receiver.got)
        assert refused < 12 * 3
        assert len(await waiting_rows()) == 1
        await story.go("officer", Act.SIGN_IN)
        await work(context, timedelta(minutes=60))
        assert len(await waiting_rows()) == 1
        receiver.status = 204
        await work(context, timedelta(hours=3))
        arrived = [message.told["state"] for message in receiver.got[refused:]]
    assert sorted(arrived) == ["ACCEPTED", "DISPATCHED", "RECEIVED", "REVIEW"]
    assert {row["state"] for row in await deliveries(context, added.id)} == {"delivered"}


async def test_one_message_that_is_never_taken_does_not_hold_up_the_others(context: Context) -> None:
    change(context, webhook_attempts=3)
    steward = await actor("item_steward")
    async with receiving(poison=b"case:receive") as receiver:
        added = await wanted(context, receiver)
        story = await bring(context, "RECEIVED")
        await work(context)
        await story.go("officer", Act.ACCEPT)
        await work(context)
        await work(context, timedelta(seconds=12))
        states = {row["event"]: (row["state"], row["attempts"]) for row in await deliveries(context, added.id)}
        assert states == {"case:receive": ("waiting", 2), "case:accept": ("delivered", 1)}
        await work(context, timedelta(minutes=5))
        (dead,) = await list_deliveries(steward, added.id, state="dead")
        assert (dead["event"], dead["attempts"], dead["status"]) == ("case:receive", 3, 400)
        receiver.poison = b""
        later = datetime.now(UTC) + timedelta(minutes=6)
        await retry_delivery(context, steward, added.id, dead["id"], later)
        await work(context, timedelta(minutes=30))
        assert {row["state"] for row in await deliveries(context, added.id)} == {"delivered"}
        with pytest.raises(NotFound):
            await retry_delivery(context, steward, added.id, dead["id"], later)


async def test_who_takes_nothing_any_more_is_left_alone_with_an_alarm_until_resumed(context: Context) -> None:
    change(context, webhook_attempts=1, webhook_dead_limit=3)
    async with receiving(status=500) as receiver:
        added = await wanted(context, receiver)
        story = await bring(context, "DISPATCHED")
        await work(context)
        (row,) = await list_webhooks(await actor("item_steward"))
        assert row["disabled_at"] is not None
        assert (row["dead"], row["waiting"]) == (3, 0)
        async with reading() as connection:
            assert await connection.fetchval("SELECT subject FROM alarms WHERE code = $1", DISABLED) == str(added.id)
        await story.go("officer", Act.SIGN_IN)
        await work(context, timedelta(days=1))
        assert len(receiver.got) == 3
        receiver.status = 204
        now = datetime.now(UTC)
        await resume(context, await actor("item_steward"), added.id, now)
        count, _, more = await replay(context, await actor("item_steward"), added.id, added.place, now)
        assert (count, more) == (4, False)
        await work(context)
        assert {message.told["event"] for message in receiver.got[3:]} == {
            "case:receive", "case:accept", "case:dispatch", "case:sign_in"
        }  # fmt: skip
        assert len(receiver.got) == 7
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM alarms WHERE closed_at IS NULL") == 0


async def test_a_slow_target_keeps_no_other_waiting(context: Context) -> None:
    """It is given up after its time, rests, and takes no place in the meantime."""
    async with receiving(wait=30) as slow, receiving() as quick:
        await wanted(context, slow)
        await wanted(context, quick)
        for _ in range(3):
            await bring(context, "RECEIVED")
        async with asyncio.timeout(8):
            await work(context)
        assert len(quick.got) == 3
        assert slow.most_at_once <= 8
        tried = len(slow.got)
        await bring(context, "RECEIVED")
        await work(context, timedelta(seconds=5))
        assert len(slow.got) == tried
        assert len(quick.got) == 4


async def test_two_runs_never_serve_one_webhook_at_once(context: Context, database: Database) -> None:
    async with receiving() as receiver:
        added = await wanted(context, receiver)
        story = await bring(context, "ACCEPTED")
        other = await asyncpg.connect(database.app)
        try:
            assert await webhooks.hold(other, added.id)
            await work(context)
            assert receiver.got == []
            assert len(await waiting_rows()) == 1
            await webhooks.release(other, added.id)
        finally:
            await other.close()
        await work(context, timedelta(seconds=5))
        assert {message.told["case"] for message in receiver.got} == {story.number}
        assert len(receiver.got) == 2


async def test_many_messages_share_few_connections(context: Context) -> None:
    async with receiving() as receiver:
        await wanted(context, receiver)
        for _ in range(20):
            await bring(context, "RECEIVED")
        await work(context)
        assert len(receiver.got) == 20
        assert receiver.most_at_once <= 8


REDIRECTS = ["http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data/", "https://hall.example/"]


@pytest.mark.parametrize("location", REDIRECTS)
async def test_a_redirect_is_not_followed(location: str) -> None:
    async with receiving(status=302, headers=f"Location: {location}\r\n") as receiver, client(None) as http:
        with pytest.raises(Undelivered) as failed:
            await post(http, read_target(receiver.url(), plain=True), HERE, b"{}", {})
    assert (failed.value.reason, failed.value.status) == ("redirect_not_followed", 302)


async def test_an_endless_answer_is_read_no_further_than_needed() -> None:
    async with receiving(status=200, endless=True) as receiver, client(None) as http:
        assert await post(http, read_target(receiver.url(), plain=True), HERE, b"{}", {}) == 200
        assert receiver.sent < 16 * 2**20


async def test_a_connection_that_breaks_or_is_refused_has_a_reason() -> None:
    async with receiving() as receiver:
        gone = receiver.url()
    async with client(None) as http:
        with pytest.raises(Undelivered) as failed:
            await post(http, read_target(gone, plain=True), HERE, b"{}", {})
        assert failed.value.reason == "cannot_connect"
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(Undelivered) as failed:
                await post(http, read_target(f"http://127.0.0.1:{port}/", plain=True), HERE, b"{}", {})
        assert failed.value.reason == "connection_broken"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::ffff:10.0.0.1]", "[fd00:ec2::254]",
     "localhost"],
)  # fmt: skip
async def test_a_target_inside_this_network_is_refused_unless_it_is_named(context: Context, host: str) -> None:
    change(context, webhook_networks="", webhook_plain_http=False)
    request = Subscribing(organisation="amr", url=f"https://{host}/hook", name="审批系统")
    with pytest.raises(Conflict) as refused:
        await subscribe(context, await actor("item_steward"), request, datetime.now(UTC))
    assert refused.value.code == "webhook_target_refused"
    async with client(None) as http:
        with pytest.raises(Undelivered) as failed:
            await post(http, read_target(request.url), Rules(), b"{}", {})
    assert failed.value.reason == "webhook_target_refused"


async def test_a_network_that_is_no_longer_named_is_sent_nothing(context: Context) -> None:
    async with receiving() as receiver:
        added = await wanted(context, receiver)
        change(context, webhook_networks="")
        await bring(context, "RECEIVED")
        await work(context)
        (row,) = await deliveries(context, added.id)
        assert (row["state"], row["error"]) == ("waiting", "webhook_target_refused")
        change(context, webhook_networks="127.0.0.0/8", webhook_plain_http=False)
        await work(context, timedelta(seconds=12))
        (row,) = await deliveries(context, added.id)
        assert (row["attempts"], row["error"]) == (2, "webhook_url_wrong")
        assert receiver.got == []


class _Names:
    """A name server whose answer changes: what the resolver of the machine would say."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, _: str, port: int, **__: Any) -> list[Any]:
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in answer]


async def test_a_name_that_changes_its_address_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: permitted when asked, another address when asked again. It is asked once."""
    names = _Names(["127.0.0.1"], ["127.0.0.2"])
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", names)
    async with receiving() as meant, client(None) as http:
        target = read_target(meant.url(host="approval.example"), plain=True)
        assert await post(http, target, HERE, b"{}", {}) == 204
        assert names.asked == 1
        (message,) = meant.got
        assert message.headers["host"] == f"approval.example:{meant.port}"


@pytest.mark.parametrize("answer", [["223.5.5.5", "10.0.0.1"], ["127.0.0.1", "169.254.169.254"]])
async def test_every_address_behind_a_name_must_be_permitted(
    monkeypatch: pytest.MonkeyPatch, answer: list[str]
) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", _Names(answer))
    async with client(None) as http:
        with pytest.raises(Undelivered) as failed:
            await post(http, read_target("http://approval.example/", plain=True), HERE, b"{}", {})
    assert failed.value.reason == "webhook_target_refused"


async def test_tls_asks_for_the_name_that_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificates = ensure_certificates(tmp_path, datetime.now(UTC))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates.certificate, certificates.key)
    async with receiving(tls=tls) as receiver:
        named = read_target(receiver.url("https", "localhost"))
        other = read_target(receiver.url("https", "approval.example"))
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", _Names(["127.0.0.1"]))
        async with client(certificates.authority) as http:
            assert await post(http, named, HERE, b"{}", {}) == 204
        async with client(certificates.authority) as http:
            with pytest.raises(Undelivered) as failed:
                await post(http, other, HERE, b"{}", {})
        assert failed.value.reason == "tls_failed"
        async with client(None) as http:
            with pytest.raises(Undelivered) as failed:
                await post(http, named, HERE, b"{}", {})
        assert failed.value.reason == "tls_failed"
        assert len(receiver.got) == 1


async def test_only_those_who_answer_for_a_department_say_where_it_is_told(context: Context) -> None:
    now = datetime.now(UTC)
    async with receiving() as receiver:
        url = receiver.url()
        for login in ("clerk", "officer", "system_admin", "auditor"):
            with pytest.raises(Forbidden):
                await subscribe(context, await actor(login), Subscribing("amr", url, "x"), now)
            with pytest.raises(Forbidden):
                await list_webhooks(await actor(login))
        for organisation in ("hrss", "hall", "nowhere"):
            with pytest.raises(NotFound):
                await subscribe(context, await actor("authority_head"), Subscribing(organisation, url, "x"), now)
        with pytest.raises(Malformed):
            await subscribe(context, await actor("authority_head"), Subscribing("amr", url, "x\u202e"), now)
        mine = await subscribe(context, await actor("authority_head"), Subscribing("amr", url, "x"), now)
        other = await wanted(context, receiver, "hrss")
        assert [row["id"] for row in await list_webhooks(await actor("authority_head"))] == [mine.id]
        for attempt in (
            resume(context, await actor("authority_head"), other.id, now),
            unsubscribe(await actor("authority_head"), other.id, now),
            replay(context, await actor("authority_head"), other.id, START, now),
        ):
            with pytest.raises(NotFound):
                await attempt
        with pytest.raises(NotFound):
            await list_deliveries(await actor("authority_head"), other.id)
    async with reading() as connection:
        logged = await connection.fetch("SELECT action FROM access_log WHERE subject LIKE 'webhook:%'")
        assert [row["action"] for row in logged] == ["webhook.subscribe", "webhook.subscribe"]


async def told(context: Context, login: str, place: Place, limit: int = 50) -> tuple[list[str], Place, bool]:
    rows, end, more = await follow(context, await actor(login), after=place, limit=limit)
    return [f"{row['case'][-7:]} {row['event']} {row['version']}" for row in rows], end, more


async def test_the_feed_tells_a_department_everything_about_its_cases_and_nothing_else(context: Context) -> None:
    story, foreign = await bring(context, "DISPATCHED"), await bring(context, "RECEIVED", LABOUR)
    rows, end, more = await told(context, "officer", START)
    tail = story.number[-7:]
    assert rows == [f"{tail} case:receive 2", f"{tail} case:accept 3", f"{tail} case:dispatch 4"]
    assert more is False
    assert await told(context, "officer", end) == ([], end, False)
    await story.go("officer", Act.SIGN_IN)
    assert (await told(context, "officer", end))[0] == [f"{tail} case:sign_in 5"]
    assert (await told(context, "officer.hrss", START))[0] == [f"{foreign.number[-7:]} case:receive 2"]
    assert (await told(context, "system_admin", START))[0] == []
    whole, _, _ = await told(context, "clerk", START)
    assert len(whole) == 7


async def test_the_feed_comes_in_pages_that_miss_and_repeat_nothing(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SCAN", 4)
    stories = [await bring(context, "REVIEW", item) for item in (FOOD, LABOUR, FOOD, LABOUR)]
    seen: list[str] = []
    place, more = START, True
    while more:
        rows, place, more = await told(context, "officer", place, limit=3)
        assert len(rows) <= 3
        seen += rows
    mine = [story.number[-7:] for story in stories[::2]]
    acts = ("receive 2", "accept 3", "dispatch 4", "sign_in 5")
    assert seen == [f"{number} case:{act}" for number in mine for act in acts]


async def test_what_commits_late_is_not_missed_by_who_reads_on(context: Context, database: Database) -> None:
    """A transaction that began earlier holds the feed back until it is over."""
    await bring(context, "RECEIVED")
    _, place, _ = await told(context, "officer", START)
    slow = await asyncpg.connect(database.app)
    try:
        late = slow.transaction()
        await late.start()
        await slow.fetchval("SELECT pg_current_xact_id()")
        story = await bring(context, "RECEIVED")
        rows, held, _ = await told(context, "officer", place)
        assert rows == []
        number = await _late_event(slow)
        assert await told(context, "officer", held) == ([], held, False)
        await late.commit()
    finally:
        await slow.close()
    rows, _, _ = await told(context, "officer", held)
    assert rows == [f"{number[-7:]} case:urge 3", f"{story.number[-7:]} case:receive 2"]


async def _late_event(connection: Any) -> str:
    """The next event of the first case, written by a transaction that is slow to commit."""
    number: str = await connection.fetchval(
        "INSERT INTO events (id, case_id, seq, name, at, actor_name, role, from_state, to_state, reason, data,"
        " item_version, flow, flow_version, clocks, algorithm, previous, digest)"
        " SELECT uuidv7(), case_id, seq + 1, 'case:urge', at, actor_name, role, to_state, to_state, '', data,"
        " item_version, flow, flow_version, clocks, algorithm, digest, 'late' FROM events WHERE seq = 2"
        " ORDER BY id LIMIT 1 RETURNING (SELECT number FROM cases c WHERE c.id = case_id)"
    )
    return number


async def test_the_version_told_is_the_version_that_the_case_then_had(context: Context) -> None:
    story: Story = await bring(context, "DELIVERED")
    rows, _, _ = await follow(context, await actor("hall_manager"), limit=200)
    last = {row["event"]: row["version"] for row in rows}
    assert [last[f"case:{answer['act']}"] for answer in story.answers[1:]] == [
        answer["version"] for answer in story.answers[1:]
    ]
    assert max(row["version"] for row in rows) == (await story.row())["version"]


async def test_a_webhook_begins_with_what_comes_after_its_cursor(context: Context) -> None:
    async with receiving() as receiver:
        await bring(context, "ACCEPTED")
        added = await wanted(context, receiver)
        story = await bring(context, "RECEIVED")
        rows, _, _ = await told(context, "officer", added.place)
        assert rows == [f"{story.number[-7:]} case:receive 2"]
