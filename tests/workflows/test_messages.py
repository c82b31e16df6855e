"""What people are told is complete in both languages, says nothing personal, and is sent at a decent hour."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from workflows.clock import ClockKind
from workflows.duty import DUTIES
from workflows.errors import DefinitionError
from workflows.events import Act, EventName
from workflows.flow import packaged_flows
from workflows.messages.composing import Told, compose, count_parts
from workflows.messages.sending import (
    TITLES,
    Gateway,
    MessageState,
    Route,
    gives_up_at,
    pause_after,
    quiet_until,
    route,
)
from workflows.messages.templates import CODE_WORD, WORDS, parse_templates, template_of, templates

CHINA = ZoneInfo("Asia/Shanghai")
LINK = "https://yw.example.cn/status/ABCDEFGHJKMN"
NUMBER = "4601002603020000018"
TOLD = Told(
    audience="applicant",
    event="give_notice",
    number=NUMBER,
    item=("食品经营许可", "Food business permit"),
    state=("补正", "Correction"),
    title=("补正告知", "Give notice"),
    hall=("示例市政务服务中心", "Sample City Service Hall"),
    department=("示例市市场监督管理局", "Sample market regulator"),
    clocks={"correction": {"status": "running", "due_on": "2026-03-09", "provisional": False}},
    link=LINK,
)
LEAST = '[applicant.default]\nzh = "好"\nen = "ok"\n[staff.default]\nzh = "好"\nen = "ok"\n'


def hall_time(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA).astimezone(UTC)


def test_a_notice_says_what_to_do_by_when_and_where_to_look() -> None:
    assert compose(TOLD, "zh") == (
        f"您的“食品经营许可”（{NUMBER}）材料需要补正，请按补正告知书最迟于2026年3月9日一次补齐。查询：{LINK}"
    )
    assert compose(TOLD, "en") == (
        f"Food business permit ({NUMBER}): materials must be corrected. Hand in what the notice lists by 2026-03-09."
        f" See {LINK}"
    )


def test_what_is_not_known_is_left_out() -> None:
    for clocks in ({}, {"correction": {"status": "stopped", "due_on": "2026-03-09"}}):
        text = compose(replace(TOLD, clocks=clocks, link=""), "zh")
        assert text == f"您的“食品经营许可”（{NUMBER}）材料需要补正，请按补正告知书一次补齐。"


def test_a_watch_names_the_day_of_its_own_clock() -> None:
    told = replace(TOLD, audience="staff", event="stage_overdue", said={"due_on": "2026-03-05"}, link="")
    assert compose(told, "zh") == f"“食品经营许可”（{NUMBER}）环节超时（期限2026年3月5日），请立即办理。"


def test_a_flow_of_ones_own_is_told_in_general_words() -> None:
    told = replace(TOLD, event="bless_the_shop", title=("开光", "Blessing"))
    assert "有新进展：开光。现为“补正”" in compose(told, "zh")
    assert "Blessing. It now stands at: Correction." in compose(told, "en")


def test_only_words_of_the_list_reach_a_text_however_the_payload_is_filled() -> None:
    said = {
        "name": "张三",
        "id_number": "11010519491231002X",
        "reason": "私事",
        "carrier": "顺" * 500,
        "waybill": "SF1",
    }
    for audience, known in templates().items():
        for event in known:
            for language in ("zh", "en"):
                text = compose(replace(TOLD, audience=audience, event=event, said=said), language)  # type: ignore[arg-type]  # both are literals
                assert not re.search(r"张三|11010519|私事|[{}\[\]]", text), event
                assert len(text) < 420, event


def test_every_text_to_applicants_names_item_number_and_link_and_fits_three_parts() -> None:
    for event in templates()["applicant"]:
        said = {"carrier": "邮政速递", "waybill": "EA123456789CN", "held_on": "2026-03-20", "place": "三楼会议室"}
        said |= {"day": "2026-03-20", "time": "09:30", CODE_WORD: "123456", "window": "3号窗口"}
        clocks = {kind.value: {"status": "running", "due_on": "2026-03-09"} for kind in ClockKind}
        text = compose(replace(TOLD, event=event, said=said, clocks=clocks), "zh")
        assert NUMBER in text, event
        assert "食品经营许可" in text, event
        assert text.endswith(LINK), event
        assert count_parts(text) <= 3, (event, len(text))
        if template_of("applicant", event).due:
            assert "2026年3月9日" in text, event
        assert re.search(r"[。]查询", text), event


def test_both_languages_have_room_for_the_same_words() -> None:
    for known in templates().values():
        for event, template in known.items():
            zh, en = (set(re.findall(r"\{(\w+)\}", text)) for text in (template.zh, template.en))
            assert zh == en, event
            assert ("due" in zh) >= bool(template.due), event


def test_the_pickup_code_is_told_to_applicants_only() -> None:
    assert all(CODE_WORD not in template.zh + template.en for template in templates()["staff"].values())
    assert {event for event, one in templates()["applicant"].items() if CODE_WORD in one.zh} >= {"mark_ready"}


def test_every_text_is_of_something_that_happens() -> None:
    known = {act.value for act in Act} | {name.value for name in EventName} | {watch.rule for watch in DUTIES.values()}
    known |= {watch.rule for flow in packaged_flows().values() for watch in flow.watches}
    known |= {"default", "hall_call", "told_twice", "hearing_late", "inspectors_late"}
    assert sorted(event for texts in templates().values() for event in texts if event not in known) == []


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("not toml", "Expected"),
        (LEAST + '[staff.deny]\nzh = "{name}"\nen = "x"\n', "staff.deny: {name} is not a word of messages"),
        (LEAST + '[staff.deny]\nzh = "x"\n', "staff.deny"),
        (LEAST + '[staff.deny]\nzh = "x"\nen = "x"\ndue = ["easter"]\n', "staff.deny"),
        (LEAST + '[staff.deny]\nzh = ""\nen = "x"\n', "staff.deny"),
        (LEAST.replace("[staff.default]", "[staff.deny]"), "staff.default: missing"),
        (LEAST + "[nobody.default]\n", "nobody: unknown key"),
    ],
)
def test_a_wrong_file_of_texts_is_refused_by_place(source: str, problem: str) -> None:
    with pytest.raises(DefinitionError) as found:
        parse_templates(source, "texts.toml")
    assert any(problem in line for line in found.value.extra["problems"]), found.value.extra


def test_words_of_messages_are_not_personal() -> None:
    assert not {word for word in WORDS if re.search(r"name|id_|mobile|phone|address|recipient", word)}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("[" * 80, 1), ("[" * 81, 2),
        ("证" * 70, 1), ("证" * 71, 2), ("证" * 134, 2), ("证" * 135, 3),
        ("𠮷" * 35, 1), ("𠮷" * 36, 2), ("a" * 69 + "证", 1),
    ],
)  # fmt: skip
def test_the_parts_of_a_short_message(text: str, parts: int) -> None:
    assert count_parts(text) == parts


@pytest.mark.parametrize(
    ("way", "mobile", "mail", "configured", "expected"),
    [
        ("sms", True, True, {"sms", "mail"}, Route(Gateway.sms)),
        ("sms", True, True, {"mail"}, Route(Gateway.mail)),
        ("sms", False, True, {"sms", "mail"}, Route(Gateway.mail)),
        ("sms", False, True, {"sms"}, Route(None, "no_gateway")),
        ("sms", True, False, {"mail", "voice"}, Route(None, "no_gateway")),
        ("sms", False, False, {"sms", "mail"}, Route(None, "no_address")),
        ("voice", True, False, {"voice"}, Route(Gateway.voice)),
        ("voice", True, False, {"sms"}, Route(Gateway.hand)),
        ("voice", False, True, {"voice"}, Route(None, "no_address")),
        ("call", False, False, {"call"}, Route(Gateway.call)),
        ("call", True, True, {"sms"}, Route(None, "no_gateway")),
    ],
)
def test_the_gateway_of_a_message(way: str, mobile: bool, mail: bool, configured: set[str], expected: Route) -> None:
    assert route(way, mobile=mobile, mail=mail, configured={Gateway(one) for one in configured}) == expected


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (hall_time(20, 59), None),
        (hall_time(21), hall_time(8, day=3)),
        (hall_time(23, 59), hall_time(8, day=3)),
        (hall_time(0), hall_time(8)),
        (hall_time(7, 59), hall_time(8)),
        (hall_time(8), None),
    ],
)
def test_quiet_hours_over_midnight(now: datetime, until: datetime | None) -> None:
    assert quiet_until(Gateway.sms, now, CHINA, time(21), time(8)) == until
    assert quiet_until(Gateway.voice, now, CHINA, time(21), time(8)) == until
    assert quiet_until(Gateway.mail, now, CHINA, time(21), time(8)) is None
    assert quiet_until(Gateway.call, now, CHINA, time(21), time(8)) is None


def test_quiet_hours_within_a_day_or_none_at_all() -> None:
    assert quiet_until(Gateway.sms, hall_time(13), CHINA, time(12), time(14)) == hall_time(14)
    assert quiet_until(Gateway.sms, hall_time(14), CHINA, time(12), time(14)) is None
    assert quiet_until(Gateway.sms, hall_time(3), CHINA, time(0), time(0)) is None
    east = ZoneInfo("Asia/Urumqi")
    assert quiet_until(Gateway.sms, hall_time(21), east, time(21), time(8)) is None


def test_a_gateway_is_left_alone_longer_each_time() -> None:
    waits = [pause_after(failures).total_seconds() for failures in range(10)]
    assert waits == [5, 5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert pause_after(10**9) == timedelta(minutes=10)


def test_a_call_in_the_hall_is_soon_too_late_and_a_short_message_is_not() -> None:
    now = hall_time(9)
    assert gives_up_at("call", now, 72) == now + timedelta(minutes=5)
    assert gives_up_at("sms", now, 72) == now + timedelta(days=3)


def test_gateways_and_states_have_titles_in_both_languages() -> None:
    assert set(TITLES) == {*Gateway, *MessageState}
    assert date(2026, 3, 9).isoformat() in compose(TOLD, "en")
