"""The sentences in which a clerk tells an applicant why a limit ends when it does."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.workflows.clock_ledgers import (
    ARTICLE_42,
    CALENDAR,
    HALL,
    HOURS,
    LATER,
    MONTHS,
    ND,
    WD,
    amendment,
    at,
    event,
    extension,
    start,
    state,
    suspension,
)
from workflows.actor import Role
from workflows.citation import cite, numeral
from workflows.clock import ClockKind, Entry
from workflows.clock_explain import explain
from workflows.clock_words import ALL_SUPPLIED, BEGUN, DEEMED_ACCEPTED

START = (
    "法定办理期限20个工作日（依据：《行政许可法》第四十二条第一款）：2026年3月2日（周一）受理，当日不计入，自次日起算。"
)
EXTENDED = "2026年4月10日（周五）经机关负责人王海宁批准延长10个工作日（依据：《行政许可法》第四十二条第一款）。"


def sentences(*entries: Entry, as_of: datetime = LATER) -> list[str]:
    return [line.zh for line in explain(state(*entries, as_of=as_of), CALENDAR, HALL)]


def english(*entries: Entry, as_of: datetime = LATER) -> list[str]:
    return [line.en for line in explain(state(*entries, as_of=as_of), CALENDAR, HALL)]


def test_a_special_procedure_an_extension_and_a_stop_in_time() -> None:
    entries = [start("2026-03-02", 20), *suspension("2026-03-09", "2026-03-20"), extension("2026-04-10", 10)]
    assert sentences(*entries, event("stop", "2026-04-24")) == [
        START,
        "其间不计入：周末16天；清明节1天（4月6日）。",
        "2026年3月9日（周一）因检验暂停计时（依据：《行政许可法》第四十五条），2026年3月20日（周五）恢复，"
        "自暂停次日至恢复当日扣除9个工作日。",
        EXTENDED,
        "期限20个工作日，加上扣除的9个工作日、延长的10个工作日，数至2026年4月27日（周一）。",
        "到期时间：2026年4月27日（周一）17:30（下班时止）。",
        "已于2026年4月24日（周五）10:00停止计时，在期限之内。",
    ]


def test_the_same_in_english() -> None:
    entries = [start("2026-03-02", 20), *suspension("2026-03-09", "2026-03-20"), event("stop", "2026-04-14")]
    assert english(*entries) == [
        "The statutory time limit is 20 working days (Administrative Licensing Law, art. 42(1)): on 2026-03-02 (Mon) "
        "the application was accepted; that day is not counted.",
        "Not counted in between: 12 weekend days; Qingming Festival (2026-04-06 (Mon)).",
        "Suspended on 2026-03-09 (Mon) for inspection (Administrative Licensing Law, art. 45), resumed on 2026-03-20 "
        "(Fri); 9 working days left out, the day after being the first.",
        "Together 20 working days and 9 working days left out, which gives 2026-04-13 (Mon).",
        "It ends at 2026-04-13 (Mon) 17:30, when the hall closes.",
        "It stopped at 2026-04-14 (Tue) 10:00, after the limit.",
    ]


def test_make_up_working_days_and_holidays_are_named() -> None:
    received = Entry(ClockKind.notice, "start", at("2026-02-11"), 5, WD, "行政许可法32(1)(4)")
    assert sentences(received) == [
        "补正告知期限5个工作日（依据：《行政许可法》第三十二条第一款第四项）：2026年2月11日（周三）收到申请材料，"
        "当日不计入，自次日起算。",
        "其间不计入：周末3天；春节6天（2月16日、2月17日、2月18日、2月19日、2月20日、2月23日）。",
        "调休上班日照常计入：2026年2月14日（周六）。",
        "到期时间：2026年2月25日（周三）17:30（下班时止）。",
    ]


def test_why_a_limit_counts_from_the_day_from_which_it_counts() -> None:
    deemed = Entry(ClockKind.statutory, "start", at("2026-03-02"), 20, WD, ARTICLE_42, note=DEEMED_ACCEPTED)
    assert "2026年3月2日（周一）收到申请材料，因逾期未告知补正，依法视为当日受理，当日不计入" in sentences(deemed)[0]
    assert "deemed accepted on that day" in english(deemed)[0]
    supplied = Entry(ClockKind.promise, "start", at("2026-03-12"), 5, WD, "优化营商环境条例36(2)", note=ALL_SUPPLIED)
    assert "2026年3月12日（周四）收到全部补正材料，当日不计入" in sentences(supplied)[0]
    assert "everything that was asked for was handed in" in english(supplied)[0]


@pytest.mark.parametrize("kind", ClockKind)
def test_every_kind_says_what_started_it(kind: ClockKind) -> None:
    zh, en = BEGUN[kind]
    found = start("2026-03-02", 5, kind=kind)
    assert f"2026年3月2日（周一）{zh}，" in sentences(found)[0]
    assert en in english(found)[0]


def test_a_limit_that_would_have_ended_while_suspended() -> None:
    entries = [start("2026-03-02", 20), *suspension("2026-03-30", "2026-04-04", note="专家评审")]
    assert sentences(*entries)[2:] == [
        "2026年3月30日（周一）因专家评审暂停计时（依据：《行政许可法》第四十五条），2026年4月4日（周六）恢复，"
        "自暂停次日至恢复当日扣除4个工作日。",
        "期限20个工作日，加上扣除的4个工作日，数至2026年4月3日（周五）。",
        "当时仍在暂停，期限不在暂停期间届满；2026年4月4日（周六）10:00恢复，顺延至2026年4月7日（周二）。",
        "到期时间：2026年4月7日（周二）17:30（下班时止）。",
    ]
    assert "for expert review" in english(*entries)[2]


def test_a_suspension_that_is_not_over() -> None:
    entries = [start("2026-03-02", 20), *suspension("2026-03-09")]
    assert sentences(*entries, as_of=at("2026-03-12"))[2:] == [
        "2026年3月9日（周一）因检验暂停计时（依据：《行政许可法》第四十五条），尚未恢复，"
        "截至2026年3月12日（周四）已扣除3个工作日。",
        "目前暂停，不会到期；如在2026年3月12日（周四）恢复，到期日为2026年4月2日（周四）。",
    ]


def test_two_special_procedures_in_one_stretch_are_both_named_with_their_articles() -> None:
    own = event("suspend", "2026-03-12", basis="食品安全法35", note="现场核查")
    entries = [start("2026-03-02", 20), *suspension("2026-03-09", "2026-03-20"), own, event("resume", "2026-03-23")]
    told = sentences(*entries)[2]
    assert "因检验、现场核查暂停计时（依据：《行政许可法》第四十五条；《食品安全法》第三十五条）" in told
    assert (
        "for inspection, 现场核查 (Administrative Licensing Law, art. 45; 食品安全法, art. 35)" in english(*entries)[2]
    )


def test_a_suspension_of_some_hours_takes_out_no_day() -> None:
    entries = [start("2026-03-02", 20), *suspension("2026-03-09 09:00", "2026-03-09 16:00")]
    assert "当日恢复，不扣除天数" in sentences(*entries)[2]


def test_a_clock_that_stopped_while_suspended_was_never_resumed() -> None:
    told = sentences(start("2026-03-02", 20), *suspension("2026-03-09"), event("stop", "2026-03-20"))
    assert "2026年3月20日（周五）停止，自暂停次日至停止当日扣除9个工作日。" in told[2]
    assert told[-1] == "已于2026年3月20日（周五）10:00停止计时，在期限之内。"
    assert not [line for line in told if "恢复" in line or "加上" in line]


def test_calendar_days_and_months_that_end_on_a_day_off() -> None:
    assert sentences(start("2026-04-10", 25, ND))[1:] == [
        "按日历连续计算，其间的周末和节假日也计入。",
        "期限最后一日2026年5月5日（周二）适逢劳动节，顺延至2026年5月6日（周三）（依据：《民法典》第二百零三条第一款）。",
        "到期时间：2026年5月6日（周三）17:30（下班时止）。",
    ]
    assert "适逢周末，顺延至2026年3月16日（周一）" in sentences(start("2026-03-05", 10, ND))[2]
    months = [
        start("2026-07-01", 3, MONTHS),
        *suspension("2026-07-06", "2026-07-07"),
        extension("2026-09-01", 1, MONTHS),
    ]
    assert "期限3个月，加上扣除的1个自然日、延长的1个月，数至2026年11月2日（周一）。" in sentences(*months)


def test_a_limit_in_hours() -> None:
    entries = [start("2026-03-02", 48, HOURS), *suspension("2026-03-03", "2026-03-03 13:30")]
    told = sentences(*entries)
    assert told[0].endswith("2026年3月2日（周一）10:00受理，自此时起算。")
    assert told[1] == "按小时连续计算，夜间和休息日也计入。"
    assert told[2].endswith("2026年3月3日（周二）13:30恢复，其间扣除3.5小时。")
    assert told[3:] == ["期限48小时，加上扣除的3.5小时。", "到期时间：2026年3月4日（周三）13:30。"]


def test_at_once_and_after_hours() -> None:
    promise = Entry(ClockKind.promise, "start", at("2026-03-06 18:30"), 0, WD, "优化营商环境条例36(2)")
    assert sentences(promise) == [
        "承诺办理期限为当日（依据：《优化营商环境条例》第三十六条第二款）：2026年3月6日（周五）受理，当日下班时届满。",
        "起算时已经下班，期限顺延至下一个工作日2026年3月9日（周一）。",
        "到期时间：2026年3月9日（周一）17:30（下班时止）。",
    ]


def test_a_change_of_the_limit_says_by_whom_and_why() -> None:
    changed = event("amend", "2026-03-06 15:00", amount=5, unit=WD, basis="x", by=Role.officer.zh, note="需现场核验")
    told = sentences(start("2026-03-06", 0), changed)
    assert told[1] == "2026年3月6日（周五）由承办人将期限改为5个工作日（依据：x），理由：需现场核验，起算日不变。"
    assert told[-1] == "到期时间：2026年3月13日（周五）17:30（下班时止）。"
    assert "by case officer" in english(start("2026-03-06", 0), changed)[1]


def test_what_came_too_late_is_said_to_have_no_effect() -> None:
    late = [extension("2026-03-31", 10), amendment("2026-04-01", 45), event("suspend", "2026-04-02", basis="x")]
    assert sentences(start("2026-03-02", 20), *late)[2:] == [
        "到期时间：2026年3月30日（周一）17:30（下班时止）。",
        "2026年3月31日（周二）10:00的延长在期限届满之后，不改变到期时间。",
        "2026年4月1日（周三）10:00的变更在期限届满之后，不改变到期时间。",
        "2026年4月2日（周四）10:00的暂停在期限届满之后，不改变到期时间。",
    ]


def test_a_provisional_date_says_on_what_it_rests() -> None:
    assert sentences(start("2026-12-25", 5))[-1] == (
        "放假安排公布至2026年12月31日（周四），其后暂按周一至周五为工作日计算，到期日为暂定，有新的安排后重新计算。"
    )
    assert "放假安排自2023年1月1日（周日）起收录，此前" in sentences(start("2022-12-20", 10))[-1]


@pytest.mark.parametrize(
    ("basis", "zh", "en"),
    [
        ("行政许可法45", "《行政许可法》第四十五条", "Administrative Licensing Law, art. 45"),
        ("行政许可法32(1)(4)", "《行政许可法》第三十二条第一款第四项", "Administrative Licensing Law, art. 32(1)(4)"),
        ("民法典203(1)", "《民法典》第二百零三条第一款", "Civil Code, art. 203(1)"),
        ("工伤保险条例20", "《工伤保险条例》第二十条", "工伤保险条例, art. 20"),
        ("行政许可法34(2)、56", "行政许可法34(2)、56", "行政许可法34(2)、56"),
        ("材料移交（默认1个工作日）", "材料移交（默认1个工作日）", "材料移交（默认1个工作日）"),
    ],
)
def test_an_article_is_cited_in_words(basis: str, zh: str, en: str) -> None:
    assert cite(basis) == (zh, en)


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "零"), (7, "七"), (10, "十"), (12, "十二"), (20, "二十"), (82, "八十二"), (100, "一百"), (110, "一百一十"),
     (203, "二百零三"), (999, "九百九十九")],
)  # fmt: skip
def test_articles_are_numbered_in_chinese_numerals(number: int, words: str) -> None:
    assert numeral(number) == words
