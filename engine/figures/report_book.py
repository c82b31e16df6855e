"""A report as a workbook (ECMA-376): real numbers with their formats, the cases behind breaches, the definitions.

The same content gives the same bytes: nothing in it tells when or by whom the file was made. Rows are written out as
they come, so that memory does not grow with the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import xlsxwriter

from engine.figures.report_wording import BREACHES, NO_DATA
from workflows.figure_catalogue import FIGURES
from workflows.report import COURSE, SUBJECTS, TITLES, Kind, content_digest

_FORMATS: Final = {"count": "#,##0", "rate": "0.00%", "share": "0.00%", "mean": "#,##0.00"}
_OPTIONS: Final = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_NUMBERS: Final = ("分子 Numerator", "分母 Denominator", "数值 Value", "单位 Unit")
_FIGURE_HEADS: Final = ("主题 Subject", "指标 Figure", "英文 English", *_NUMBERS, "定义版本 Version")
_BREACH_HEADS: Final = (
    "违规 Breach", "办件编号 Case", "事项编码 Item", "事项 Name", "部门 Department", "日期 Day", "对象 Subject",
    "数量 Amount",
)  # fmt: skip
_DEFINITION_HEADS: Final = (
    "指标 Figure", "版本 Version", "分子 Numerator", "分母 Denominator", "不计入 Exclusions", "统计期 Period",
    "单位 Unit", "依据 Source", "名称 Name",
)  # fmt: skip
_HOME: Final = ZoneInfo("Asia/Shanghai")

Row = Mapping[str, Any]


class Book:
    """A workbook while it is written."""

    def __init__(self, path: Path, content: Row) -> None:
        self._book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.parent)})
        self._book.set_properties({"title": title_of(content), "created": datetime.fromisoformat(content["as_of"])})
        made = self._book.add_format
        self._plain, self._head = made({"text_wrap": True, "valign": "top"}), made({"bold": True, "text_wrap": True})
        self._head.set_bg_color("#E6EEF6")
        self._title = made({"bold": True, "font_size": 14})
        self._day = made({"num_format": "yyyy-mm-dd", "align": "left"})
        self._numbers = {kind: made({"num_format": form, "valign": "top"}) for kind, form in _FORMATS.items()}
        self._nothing = made({"font_color": "#545F6E", "align": "right", "valign": "top"})

    def close(self) -> None:
        """Write the file."""
        self._book.close()

    def sheet(self, name: str, heads: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[Any]]) -> None:
        """A sheet of records under its heads, to be filtered. A number comes as (kind of figure, number or None)."""
        sheet = self._book.add_worksheet(name)
        self._to_print(sheet, widths)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self._head)
        place = 0
        for place, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                self._write(sheet, place, column, value)
        sheet.autofilter(0, 0, max(place, 1), len(heads) - 1)

    def front(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        """The first sheet: what the report is of."""
        sheet = self._book.add_worksheet("说明")
        self._to_print(sheet, (26, 90))
        sheet.write_string(0, 0, title, self._title)
        for place, (name, value) in enumerate(rows, 2):
            sheet.write_string(place, 0, name, self._head)
            sheet.write_string(place, 1, value, self._plain)

    def _to_print(self, sheet: Any, widths: Sequence[int]) -> None:
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")

    def _write(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if isinstance(value, tuple):
            kind, number = value
            if number is None:
                sheet.write_string(row, column, NO_DATA, self._nothing)
            else:
                sheet.write_number(row, column, number, self._numbers[kind])
        elif isinstance(value, date):
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), self._day)  # noqa: DTZ001  # a day has no zone
        else:
            sheet.write_string(row, column, str(value), self._plain)


def title_of(content: Row) -> str:
    """What a report is called."""
    return f"{content['place']['label']}{TITLES[Kind(content['kind'])].zh}"


def about(content: Row) -> list[tuple[str, str]]:
    """What a report says of itself: the period, the moment of the data, the editions, the digest of its content."""
    at = datetime.fromisoformat(content["as_of"]).astimezone(_HOME)
    editions = [
        f"{row['year']}年第{row['version']}版（{row['source']}，{row['published_on']}）" for row in content["calendars"]
    ]
    return [
        ("统计区间 Period", f"{content['since']} 至 {content['until']}（大厅日期，含首尾两日）"),
        ("数据截至 As of", f"北京时间 {at:%Y-%m-%d %H:%M:%S}"),
        ("范围 Scope", "、".join(content["place"]["codes"])),
        ("工作日历 Calendars", "；".join(editions) or "无"),
        ("事实版本 Facts version", str(content["facts_version"])),
        ("指标定义版本 Edition", content["edition"]),
        ("内容摘要 Content digest", f"SHA-256 {content_digest(content)}"),
        ("说明 Note", f"没有可计数对象的比率和均值写作“{NO_DATA}”，不按100%计。作废办件不计入。"),
    ]


def write_book(path: Path, content: Row) -> None:
    """Write a report as a workbook. :param path: of a file in a folder of its own. Blocks."""
    book = Book(path, content)
    book.front(title_of(content), about(content))
    book.sheet("指标", _FIGURE_HEADS, (18, 26, 34, 14, 14, 14, 12, 10), map(_figure, content["figures"]))
    for name, cells in (("部门", content["departments"]), ("事项", content["items"])):
        heads = ("指标 Figure", f"{name}编码 Code", f"{name} Name", *_NUMBERS)
        book.sheet(f"按{name}", heads, (26, 24, 44, 14, 14, 14, 12), map(_cell, cells))
    unit = "日期 Day" if content["course"]["step"] == "day" else "月份 Month"
    titles = [FIGURES[name].title for name in COURSE]
    course = [unit, *(f"{one.zh} {one.en}" for one in titles)]
    book.sheet("走势", course, (14, 18, 18, 18), map(_step, content["course"]["rows"]))
    book.sheet("违规办件", _BREACH_HEADS, (30, 24, 24, 40, 16, 12, 28, 10), _breaches(content["breaches"]))
    widths = (24, 8, 44, 44, 44, 40, 10, 30, 24)
    book.sheet("指标定义", _DEFINITION_HEADS, widths, _definitions(content["definitions"]))
    book.close()


def _numbers(name: str, row: Row) -> list[Any]:
    figure = FIGURES[name]
    below = "" if figure.kind == "count" else ("count", row["denominator"])
    percent = figure.kind in {"rate", "share"}
    return [("count", row["numerator"]), below, (figure.kind, row["value"]), "%" if percent else figure.unit.zh]


def _figure(row: Row) -> list[Any]:
    title = FIGURES[row["name"]].title
    subject = SUBJECTS[row["subject"]].title.zh
    return [subject, title.zh, title.en, *_numbers(row["name"], row), ("count", row["version"])]


def _cell(row: Row) -> list[Any]:
    return [FIGURES[row["figure"]].title.zh, row["code"], row["label"], *_numbers(row["figure"], row)]


def _step(row: Row) -> list[Any]:
    return [date.fromisoformat(row["day"]), *(("count", row.get(name, 0)) for name in COURSE)]


def _breaches(breaches: Iterable[Row]) -> Iterable[Sequence[Any]]:
    for breach in breaches:
        title = BREACHES[breach["breach"]].zh
        for row in breach["rows"]:
            day = date.fromisoformat(row["day"]) if row["day"] else ""
            yield (title, row["case"], row["item"], row["item_name"], row["department"], day, row["subject"] or "",
                   ("count", row["amount"]))  # fmt: skip
        if not breach["whole"]:
            yield (title, "其余未列出，请在指标页面查看", "", "", "", "", "", "")


def _definitions(definitions: Iterable[Row]) -> Iterable[Sequence[Any]]:
    """Each definition in Chinese, and below it in English."""
    parts = ("numerator", "denominator", "exclusions", "period", "unit")
    for one in definitions:
        version = ("count", one["version"])
        yield (one["title"], version, *(one[name] for name in parts), one["source"], one["name"])
        yield (one["title_en"], version, *(one[f"{name}_en"] for name in parts), one["source"], one["name"])
