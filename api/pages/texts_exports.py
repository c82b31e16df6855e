"""Words of the page on which cases are taken out as files."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

EXPORTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "nav.exports": ("数据导出", "Exports"),
        "exports.title": ("数据导出", "Exports"),
        "exports.lead": (
            "把管辖范围内的办件导出为事件日志或事实表，供过程挖掘和统计工具使用。默认脱敏；每次导出和下载都记入日志，文件仅供您本人下载。",
            "Takes cases of your organisation out as event logs or tables of facts, for process mining and statistics."
            " People are masked unless asked for otherwise; every order and every download is logged, and only you can"
            " take the file.",
        ),
        "exports.new": ("新建导出", "Order an export"),
        "exports.format": ("文件格式", "Format"),
        "exports.by": ("期间按", "The period is that of"),
        "exports.from": ("起始日期", "From"),
        "exports.to": ("截止日期（含）", "To (included)"),
        "exports.items": ("事项编码（可填多个，用空格分开）", "Codes of items (several, parted by blanks)"),
        "exports.halls": ("只导出部分大厅", "Some halls only"),
        "exports.departments": ("只导出部分部门", "Some departments only"),
        "exports.states": ("只导出部分状态的办件", "Some states only"),
        "exports.numbers": ("办件编号（可填多个，最多1000个）", "Numbers of cases (1000 at most)"),
        "exports.bom": ("CSV供Excel打开（带BOM）", "CSV for Excel (with a byte order mark)"),
        "exports.clear": (
            "不脱敏：含姓名和人员标识，须写明用途",
            "In clear: names and keys of people; needs a reason",
        ),
        "exports.reason": ("用途（不脱敏时必填，记入日志）", "What for (needed in clear; logged)"),
        "exports.submit": ("提交导出", "Order it"),
        "exports.refused": ("没有提交", "Nothing was ordered"),
        "exports.empty": ("您还没有导出过数据。", "You have not ordered an export yet."),
        "exports.list": ("我的导出", "My exports"),
        "exports.ordered": ("提交时间", "Ordered"),
        "exports.selection": ("范围", "Selection"),
        "exports.people": ("个人信息", "People"),
        "exports.masked": ("脱敏", "masked"),
        "exports.in_clear": ("未脱敏", "in clear"),
        "exports.progress": ("进度", "Progress"),
        "exports.made_of": ("{done} / {cases} 件", "{done} of {cases} cases"),
        "exports.as_of": ("数据截至 {at}", "As of {at}"),
        "exports.rows": ("{cases} 件，{rows} 条", "{cases} cases, {rows} rows"),
        "exports.take": ("下载", "Download"),
        "exports.retry": ("重新导出", "Order again"),
        "exports.failed": ("没有完成：{why}", "Not done: {why}"),
        "exports.reload": ("刷新进度", "Reload"),
        "exports.whole": ("全部", "all of them"),
        "exports.period": ("{since} 至 {until}", "{since} to {until}"),
        "export_state.waiting": ("排队或生成中", "in the queue or being made"),
        "export_state.ready": ("可下载", "ready"),
        "export_state.failed": ("未完成", "not done"),
        "export_state.dropped": ("已过保存期", "its days are over"),
        "export_format.xes": ("事件日志 XES（IEEE 1849-2023）", "Event log, XES (IEEE 1849-2023)"),
        "export_format.ocel-json": ("对象事件日志 OCEL 2.0（JSON）", "Object-centric event log, OCEL 2.0 (JSON)"),
        "export_format.ocel-sqlite": ("对象事件日志 OCEL 2.0（SQLite）", "Object-centric event log, OCEL 2.0 (SQLite)"),
        "export_format.cases-csv": ("办件事实表（CSV）", "Facts of cases (CSV)"),
        "export_format.cases-parquet": ("办件事实表（Parquet）", "Facts of cases (Parquet)"),
        "export_format.notices-csv": ("一次性告知事实表（CSV）", "Facts of notices (CSV)"),
        "export_format.notices-parquet": ("一次性告知事实表（Parquet）", "Facts of notices (Parquet)"),
        "export_by.opened": ("登记日", "the day it was opened"),
        "export_by.closed": ("办结日", "the day it was closed"),
        "export_by.event": ("事件发生日", "the day of the event"),
    }
)
"""(Chinese, English) by message id."""
