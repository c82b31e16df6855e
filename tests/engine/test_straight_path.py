"""A licence application from registration to the archive, and each other lawful way that it can take."""

from __future__ import annotations

from datetime import UTC, date, datetime

from engine.context import Context
from engine.reading import list_actions, public_status
from storage import audit
from tests.factories import (
    FOOD,
    LABOUR,
    PAYLOADS,
    RECIPIENT,
    SIGNALS,
    START,
    Story,
    bring,
    complete,
    defects,
    open_story,
)
from tests.people import actor
from workflows import events
from workflows.events import Act


def hall(day: str, clock: str = "09:30") -> datetime:
    """A moment by the hall's clock (UTC+8), as UTC."""
    return datetime.fromisoformat(f"{day}T{clock}:00+08:00").astimezone(UTC)


async def whole(story: Story) -> None:
    """Every event is digested rightly and follows the one before it; versions and sequence grow one by one."""
    rows = await audit.of_case(story.number, limit=1000)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["previous"] for row in rows] == [events.GENESIS.hex(), *[row["digest"] for row in rows[:-1]]]
    assert all(events.digest(row).hex() == row["digest"] for row in rows)
    case = await story.row()
    assert (case["head_seq"], case["head_digest"]) == (rows[-1]["seq"], rows[-1]["digest"])
    assert case["version"] == len([row for row in rows if row["name"] not in SIGNALS])


async def test_a_licence_goes_from_the_window_to_the_archive(context: Context) -> None:
    story = await open_story(context, at=hall("2026-03-02"))
    assert await story.allowed("clerk") == {"submit", "receive"}
    await story.file_scans()
    await story.go("clerk", Act.RECEIVE, at=hall("2026-03-02", "10:00"), materials=complete(FOOD))
    assert await story.clocks() == {"notice": ("running", "2026-03-09")}
    await story.go("officer", Act.ACCEPT, at=hall("2026-03-04"))
    assert await story.clocks() == {
        "notice": ("stopped", "2026-03-09"),
        "promise": ("running", "2026-03-11"),
        "statutory": ("running", "2026-03-18"),
    }
    await story.go("hall_manager", Act.DISPATCH)
    assert (await story.clocks())["handover"] == ("running", "2026-03-05")
    await story.go("officer", Act.SIGN_IN, at=hall("2026-03-05"))
    assert (await story.clocks())["stage"] == ("running", "2026-03-10")
    await story.go("officer", Act.SUBMIT_REVIEW, **PAYLOADS[Act.SUBMIT_REVIEW])
    assert (await story.clocks())["stage"] == ("running", "2026-03-09")
    await story.go("reviewer", Act.ENDORSE, **PAYLOADS[Act.ENDORSE])
    await story.go("approver", Act.GRANT, at=hall("2026-03-06"), opinion="同意。", conditions="限热食类。")
    assert await story.clocks() == {
        "notice": ("stopped", "2026-03-09"),
        "promise": ("stopped", "2026-03-11"),
        "statutory": ("stopped", "2026-03-18"),
        "handover": ("stopped", "2026-03-05"),
        "stage": ("stopped", "2026-03-09"),
        "delivery": ("running", "2026-03-20"),
    }
    await story.go("issuer", Act.MAKE_CERTIFICATE, at=hall("2026-03-09"))
    await story.go("issuer", Act.MARK_READY, shelf="3-12")
    assert await story.allowed("issuer") == {"deliver", "send_by_post"}
    await story.go("issuer", Act.DELIVER, recipient=RECIPIENT)
    assert (await story.clocks())["delivery"] == ("stopped", "2026-03-20")
    answer = await story.go("archivist", Act.ARCHIVE)
    assert (answer["state"], answer["due_at"], answer["version"]) == ("ARCHIVED", None, 12)
    assert await story.events() == [
        "open", "receive", "accept", "dispatch", "sign_in", "submit_review", "endorse", "grant", "make_certificate",
        "mark_ready", "deliver", "archive",
    ]  # fmt: skip
    await whole(story)
    await papers_of_a_grant(story)
    assert [await story.allowed(role) for role in ("clerk", "officer", "approver", "issuer", "archivist")] == [
        set()
    ] * 5


async def papers_of_a_grant(story: Story) -> None:
    """Documents with their numbers, signed opinions, certificate, delivery, and the dates of the case row."""
    assert await story.documents() == {
        "D01": "示政服收〔2026〕1号",
        "D05": "示市监受〔2026〕1号",
        "D23": "示政服移〔2026〕1号",
        "D14": "示市监审〔2026〕1号",
        "D15": "示市监准〔2026〕1号",
        "D17": "示市监证〔2026〕1号",
        "D18": "示政服送〔2026〕1号",
    }
    signed = [(row["kind"], row["result"], row["signed_name"]) for row in await story.rows("decisions", "seq")]
    assert signed == [
        ("review", "grant", "杨思远"),
        ("endorsement", "endorsed", "黄一诺"),
        ("decision", "granted", "赵亦凡"),
    ]
    (certificate,) = await story.rows("certificates")
    assert certificate["number"] == "示市监证〔2026〕1号"
    assert (certificate["holder"], certificate["issuer"]) == ("示例餐饮1有限公司", "示例市市场监督管理局")
    assert (certificate["valid_from"], certificate["valid_to"]) == (date(2026, 3, 9), date(2031, 3, 8))
    (delivery,) = await story.rows("deliveries")
    assert (delivery["way"], delivery["recipient"], delivery["relation"]) == ("window", "示例领取人", "self")
    assert story.context.sealer.open(delivery["id_sealed"], "deliveries.id_sealed") == RECIPIENT["id_number"]
    case = await story.row()
    assert case["received_at"] == hall("2026-03-02", "10:00")
    assert case["accepted_at"] == hall("2026-03-04")
    assert case["decided_at"] == case["closed_at"] == hall("2026-03-06")


async def test_a_denial_is_decided_with_reasons_and_served(context: Context) -> None:
    story = await bring(context, "VERIFY")
    await story.go("approver", Act.DENY, **PAYLOADS[Act.DENY])
    assert await story.clocks() == {
        "notice": ("stopped", "2026-03-09"),
        "promise": ("stopped", "2026-03-09"),
        "statutory": ("stopped", "2026-03-16"),
        "handover": ("stopped", "2026-03-03"),
        "stage": ("stopped", "2026-03-04"),
    }
    assert await story.allowed("issuer") == {"deliver", "send_by_post"}
    await story.go("issuer", Act.DELIVER, recipient=RECIPIENT | {"relation": "agent"}, mandate=True)
    decision = (await story.rows("decisions", "seq"))[-1]
    assert (decision["result"], decision["opinion"], decision["article"]) == (
        "denied",
        "布局不符合要求。",
        "食品安全法33",
    )
    assert (await story.documents())["D16"] == "示市监不许〔2026〕1号"
    assert not await story.rows("certificates")
    assert [row["relation"] for row in await story.rows("deliveries")] == ["agent"]
    await story.go("archivist", Act.ARCHIVE)
    await whole(story)


async def test_an_application_is_corrected_after_one_notice(context: Context) -> None:
    story = await open_story(context, LABOUR, at=hall("2026-03-02"))
    await story.receive_incomplete(missing=2)
    await story.go("officer", Act.GIVE_NOTICE, at=hall("2026-03-06"), lines=defects(LABOUR, 2))
    # 30 natural days end on Sunday 5 April, Monday is Qingming: the first working day after is Tuesday.
    assert await story.clocks() == {"notice": ("stopped", "2026-03-09"), "correction": ("running", "2026-04-07")}
    assert await story.allowed("officer") == {"supply"}
    await story.supply(1, missing=2, at=hall("2026-03-10"))
    assert "accept" not in await story.allowed("officer")
    await story.supply(2, missing=2, at=hall("2026-03-12"))
    assert "accept" in await story.allowed("officer")
    await story.go("officer", Act.ACCEPT, at=hall("2026-03-17"))
    # The limits run from the day on which everything was there (12 March), not from the officer's reading.
    assert await story.clocks() == {
        "notice": ("stopped", "2026-03-09"),
        "correction": ("stopped", "2026-04-07"),
        "promise": ("running", "2026-03-23"),
        "statutory": ("running", "2026-04-10"),
    }
    assert (await story.row())["accepted_at"] == hall("2026-03-12")
    numbers = await story.documents()
    assert (numbers["D03"], numbers["D04"]) == ("示人社补〔2026〕1号", "示政服补收〔2026〕2号")
    assert (await story.events())[2:] == ["give_notice", "supply", "supply", "accept"]
    await whole(story)


async def test_an_error_is_corrected_on_the_spot_without_a_notice(context: Context) -> None:
    story = await open_story(context)
    await story.receive_incomplete()
    assert "accept" not in await story.allowed("officer")
    await story.file_scans()
    answer = await story.go("clerk", Act.CORRECT_ON_SPOT, note="补齐材料。", materials=complete(FOOD))
    assert (answer["state"], answer["documents"]) == ("RECEIVED", [])
    assert await story.clocks() == {"notice": ("running", "2026-03-09")}
    await story.go("clerk", Act.ACCEPT)
    assert (await story.row())["state"] == "ACCEPTED"


async def test_the_authority_refuses_an_escalated_application_and_names_the_right_one(context: Context) -> None:
    story = await bring(context, "RECEIVED")
    await story.go("clerk", Act.ESCALATE, **PAYLOADS[Act.ESCALATE])
    assert await story.clocks() == {"notice": ("running", "2026-03-09"), "reply": ("running", "2026-03-03")}
    assert await story.allowed("clerk") == set()
    assert await story.allowed("officer") == {"refuse_acceptance", "overrule_escalation"}
    await story.go("officer", Act.REFUSE_ACCEPTANCE, **PAYLOADS[Act.REFUSE_ACCEPTANCE])
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}
    (paper,) = [row for row in await story.rows("documents") if row["code"] == "D06"]
    assert paper["number"] == "示市监不受〔2026〕1号"
    assert paper["data"]["right_authority"] == "示例区市场监督管理局"
    assert (await story.row())["closed_at"] == story.now
    await story.go("archivist", Act.ARCHIVE)
    await whole(story)


async def test_an_overruled_escalation_goes_on_where_it_was(context: Context) -> None:
    received, corrected = await bring(context, "RECEIVED"), await bring(context, "CORRECTION")
    for story, back in ((received, "RECEIVED"), (corrected, "CORRECTION")):
        await story.go("clerk", Act.ESCALATE, **PAYLOADS[Act.ESCALATE])
        answer = await story.go("officer", Act.OVERRULE_ESCALATION, **PAYLOADS[Act.OVERRULE_ESCALATION])
        assert answer["state"] == back
        assert (await story.clocks())["reply"] == ("stopped", "2026-03-03")
        await whole(story)
    assert (await received.clocks())["notice"] == ("running", "2026-03-09")
    assert (await corrected.clocks())["correction"] == ("running", "2026-04-01")


async def test_the_officer_is_shown_where_an_overruled_escalation_will_lead(context: Context) -> None:
    for state in ("RECEIVED", "CORRECTION"):
        story = await bring(context, state)
        await story.go("clerk", Act.ESCALATE, **PAYLOADS[Act.ESCALATE])
        listed = await list_actions(context, await actor("officer"), story.number, story.now)
        assert [row["to"] for row in listed if row["action"] is Act.OVERRULE_ESCALATION] == [state]


async def test_the_applicant_withdraws_before_the_decision(context: Context) -> None:
    story = await bring(context, "VERIFY")
    await story.go("clerk", Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])
    assert {status for status, _ in (await story.clocks()).values()} == {"stopped"}
    case = await story.row()
    assert (case["state"], case["closed_at"], case["decided_at"]) == ("WITHDRAWN", story.now, None)
    assert (await story.documents())["D19"] == "示政服撤〔2026〕1号"
    await whole(story)


async def test_a_case_sent_back_is_reviewed_again_by_another_officer(context: Context) -> None:
    story = await bring(context, "VERIFY")
    await story.go("reviewer", Act.ENDORSE, **PAYLOADS[Act.ENDORSE])
    await story.go("approver", Act.SEND_BACK, at=hall("2026-03-03"), **PAYLOADS[Act.SEND_BACK])
    assert (await story.clocks())["stage"] == ("running", "2026-03-06")
    await story.go("officer2", Act.SUBMIT_REVIEW, opinion="补充核查后符合条件。", proposal="grant")
    case = await story.row()
    assert (case["handler_id"], case["endorser_id"]) == ((await actor("officer2")).person, None)
    await story.go("reviewer", Act.ENDORSE, opinion="同意补充意见。")
    await story.go("approver", Act.GRANT, opinion="同意。")
    kinds = [row["kind"] for row in await story.rows("decisions", "seq")]
    assert kinds == ["review", "endorsement", "return", "review", "endorsement", "decision"]
    assert [row["ordinal"] for row in await story.rows("documents", "seq") if row["code"] == "D14"] == [1, 2]
    await whole(story)


async def test_a_pre_review_is_returned_repaired_and_passed(context: Context) -> None:
    story = await open_story(context)
    await story.go("clerk", Act.SUBMIT)
    assert await story.clocks() == {"stage": ("running", "2026-03-03")}
    await story.go("officer", Act.RETURN_PRE_REVIEW, **PAYLOADS[Act.RETURN_PRE_REVIEW])
    assert await story.clocks() == {"stage": ("stopped", "2026-03-03")}
    assert (await story.row())["received_at"] is None
    await story.go("clerk", Act.SUBMIT, at=hall("2026-03-05"))
    assert await story.clocks() == {"stage": ("running", "2026-03-06")}
    await story.go("officer", Act.PASS_PRE_REVIEW)
    await story.receive()
    assert (await story.row())["state"] == "RECEIVED"
    assert await story.documents() == {"D02": "示政服询〔2026〕1号", "D01": "示政服收〔2026〕1号"}
    await whole(story)


async def test_the_applicant_follows_the_case_with_the_code_on_the_receipt(context: Context) -> None:
    story = await bring(context, "ACCEPTED")
    seen = await public_status(context, story.answers[0]["query_code"], story.now)
    assert (seen["number"], seen["state"]) == (story.number, "ACCEPTED")
    assert not {"applicant", "party_id"} & set(seen)
    assert (seen["item_name_en"], seen["department_name_en"]) == (
        FOOD.name_en, "Sample City Market Regulation Bureau")  # fmt: skip


async def test_the_applicant_is_told_whose_limit_runs(context: Context) -> None:
    named = {}
    for state in ("NEW", "RECEIVED", "CORRECTION", "ACCEPTED", "ARCHIVED"):
        story = await bring(context, state)
        seen = await public_status(context, story.answers[0]["query_code"], story.now)
        named[state] = (seen["due_kind"], seen["due_title"], seen["due_title_en"])
        assert seen["due_at"] == (await story.row())["due_at"]
    assert named == {
        "NEW": (None, None, None),
        "RECEIVED": ("notice", "补正告知期限", "time for the one-time notice"),
        "CORRECTION": ("correction", "申请人补正期限", "applicant's time to correct"),
        "ACCEPTED": ("promise", "承诺办理期限", "promised time limit"),
        "ARCHIVED": (None, None, None),
    }


async def test_a_file_received_after_hours_counts_from_that_day(context: Context) -> None:
    story = await open_story(context, at=hall("2026-02-11", "18:40"))
    await story.receive()
    # Saturday 14 February is worked before the Spring Festival; 16–23 February are off.
    assert await story.clocks() == {"notice": ("running", "2026-02-25")}
    assert story.now < START
