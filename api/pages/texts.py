"""Every sentence and word that a page shows, in Chinese and in English, by message id.

Texts of published data (titles of states, actions, items, documents, clocks) come with that data and are not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from api.pages.texts_administration import ADMINISTRATION
from api.pages.texts_agency import AGENCY
from api.pages.texts_approving import APPROVING
from api.pages.texts_assessments import ASSESSMENTS
from api.pages.texts_audit import AUDIT
from api.pages.texts_capture import CAPTURE
from api.pages.texts_case import CASE
from api.pages.texts_closures import CLOSURES
from api.pages.texts_compliance import COMPLIANCE
from api.pages.texts_consultations import CONSULTATIONS
from api.pages.texts_counter import COUNTER
from api.pages.texts_custody import CUSTODY
from api.pages.texts_exports import EXPORTS
from api.pages.texts_figures import FIGURE_PAGES
from api.pages.texts_file import FILE
from api.pages.texts_hands import HANDS
from api.pages.texts_help import HELP
from api.pages.texts_inbox import INBOX
from api.pages.texts_intake import INTAKE
from api.pages.texts_looks import LOOKS
from api.pages.texts_materials import MATERIALS
from api.pages.texts_moves import MOVES
from api.pages.texts_operating import OPERATING
from api.pages.texts_places import PLACES
from api.pages.texts_public import PUBLIC
from api.pages.texts_publishing import PUBLISHING
from api.pages.texts_queue import QUEUE
from api.pages.texts_ratings import RATINGS
from api.pages.texts_values import VALUES
from api.pages.texts_verification import VERIFICATION
from api.pages.texts_viewer import VIEWER

Language = Literal["zh", "en"]

TEXTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        **ADMINISTRATION,
        **AGENCY,
        **APPROVING,
        **ASSESSMENTS,
        **AUDIT,
        **CAPTURE,
        **CASE,
        **CLOSURES,
        **COMPLIANCE,
        **CONSULTATIONS,
        **COUNTER,
        **CUSTODY,
        **EXPORTS,
        **FIGURE_PAGES,
        **FILE,
        **HANDS,
        **HELP,
        **INBOX,
        **INTAKE,
        **LOOKS,
        **MATERIALS,
        **MOVES,
        **OPERATING,
        **PLACES,
        **PUBLIC,
        **PUBLISHING,
        **QUEUE,
        **RATINGS,
        **VALUES,
        **VERIFICATION,
        **VIEWER,
        "brand": ("一窗", "Yichuang"),
        "brand.full": ("一窗 · 政务服务综合窗口", "Yichuang · unified service window"),
        "colon": ("：", ": "),
        "comma": ("、", ", "),
        "brackets": ("（{inner}）", " ({inner})"),
        "none": ("无", "None"),
        "yes": ("是", "Yes"),
        "no": ("否", "No"),
        "required": ("必填", "required"),
        "optional": ("选填", "optional"),
        "choose": ("请选择", "Choose"),
        "time.moment": ("{0:%Y}年{0.month}月{0.day}日 {0:%H:%M}", "{0:%Y-%m-%d %H:%M}"),
        "time.day": ("{0:%Y}年{0.month}月{0.day}日", "{0:%Y-%m-%d}"),
        "skip": ("跳到正文", "Skip to the content"),
        "nav": ("主导航", "Main navigation"),
        "nav.group.work": ("办件", "Cases"),
        "nav.group.oversight": ("监督", "Oversight"),
        "nav.group.audit": ("审计", "Audit"),
        "nav.group.steward": ("配置", "Definitions"),
        "nav.tasks": ("待办", "My tasks"),
        "nav.cases": ("办件查询", "Cases"),
        "nav.new": ("登记新办件", "Open a case"),
        "nav.cards": ("亮牌", "Cards"),
        "nav.status": ("申请人查询进度", "Status for applicants"),
        "nav.other_language": ("English", "中文"),
        "nav.sign_out": ("退出", "Sign out"),
        "keys": ("键盘快捷键", "Keyboard keys"),
        "keys.how": (
            "按住 Alt（Firefox 为 Alt+Shift，macOS 为 Control+Option）再按：",
            "Hold Alt (Firefox: Alt+Shift, macOS: Control+Option) and press:",
        ),
        "keys.content": ("跳到正文", "Skip to the content"),
        "keys.menu": ("菜单，再按 ↑ ↓ 选择", "The menu; then ↑ and ↓"),
        "keys.first_action": ("展开第一个可办事项", "Open the first action"),
        "keys.actions": ("到办理事项，再按 ↑ ↓ 选择", "To the actions; then ↑ and ↓"),
        "keys.search": ("查询框", "The search box"),
        "keys.send": (
            "Ctrl+Enter：提交正在填写的表单；在表格的勾选框上按 ↑ ↓ 换行。",
            "Ctrl+Enter sends the form that you are in; on a box of a table ↑ and ↓ go to the next row.",
        ),
        "keys.language": ("切换语言", "Switch the language"),
        "sign_in.title": ("登录", "Sign in"),
        "sign_in.login": ("用户名", "User name"),
        "sign_in.password": ("密码", "Password"),
        "sign_in.submit": ("登录", "Sign in"),
        "again.title": ("会话已结束，请重新登录", "Your session has ended: sign in again"),
        "again.lead": (
            "已填写的内容仍在页面上，登录后继续提交。",
            "What you typed is still on the page and is sent once you have.",
        ),
        "again.wrong": (
            "没有登录成功，请核对用户名和密码。",
            "That did not work; check the user name and the password.",
        ),
        "unreachable": (
            "服务器暂时没有回应。已填写的内容仍在页面上，请稍后再次提交。",
            "The server does not answer just now. What you typed is still on the page; send it again in a moment.",
        ),
        "sign_in.note": (
            "离开窗口时请退出登录；长时间不操作会自动退出。",
            "Sign out when you leave the counter; an idle session ends by itself.",
        ),
        "tasks.title": ("我的待办", "My tasks"),
        "tasks.lead": (
            "轮到您办理的办件，优先对象在前，其余最紧急的在前。",
            "Cases in which it is your turn: priority, then the most urgent.",
        ),
        "tasks.empty": ("目前没有轮到您办理的办件。", "There is nothing for you to do just now."),
        "cases.title": ("办件查询", "Cases"),
        "cases.empty": ("没有符合条件的办件。", "No case fits these conditions."),
        "cases.number": ("办件编号", "Case number"),
        "cases.number_go": ("打开", "Open"),
        "cases.state": ("状态", "State"),
        "cases.item": ("事项编码", "Item code"),
        "cases.due_before": ("到期日早于", "Due before"),
        "cases.mine": ("只看我负责的", "Only those I answer for"),
        "cases.priority": ("只看优先对象", "Only priority"),
        "bulk.tick": ("选择", "Choose"),
        "bulk.tick_one": ("选择 {number}", "Choose {number}"),
        "bulk.choose": ("对选中的办件", "With those chosen:"),
        "bulk.next": ("下一步", "Next"),
        "bulk.title": ("批量办理：{action}", "For each: {action}"),
        "bulk.lead": (
            "共 {count} 件，逐件办理、逐件给出结果。",
            "{count} case(s), each on its own, each with its result.",
        ),
        "bulk.counts": ("办成 {done} 件，未办成 {refused} 件", "{done} done, {refused} not done"),
        "bulk.result": ("结果", "Result"),
        "bulk.done": ("已办", "Done"),
        "bulk.refused": ("未办成", "Not done"),
        "board.title": ("亮牌清单", "Cards"),
        "board.lead": ("管辖范围内有效的亮牌，新的在前。", "The cards that count within your reach, the newest first."),
        "board.empty": ("没有亮牌。", "There is no card."),
        "board.level": ("等级", "Level"),
        "board.rule": ("事由", "Rule"),
        "board.raised": ("亮牌时间", "Raised"),
        "board.raised_at": ("{at} 亮牌", "raised {at}"),
        "cases.any": ("全部", "Any"),
        "cases.filter": ("筛选", "Filter"),
        "cases.next": ("下一页", "Next page"),
        "cases.first": ("回到第一页", "Back to the first page"),
        "column.light": ("期限", "Time limit"),
        "column.number": ("办件编号", "Case number"),
        "column.item": ("事项", "Item"),
        "column.applicant": ("申请人", "Applicant"),
        "column.state": ("状态", "State"),
        "column.department": ("承办部门", "Department"),
        "column.due": ("到期", "Due"),
        "open.title": ("登记新办件", "Open a case"),
        "open.find": ("查找", "Find"),
        "open.limit": ("承诺时限", "Promised within"),
        "open.same_day": ("当日办结", "the same day"),
        "open.change_item": ("换一个事项", "Another item"),
        "open.applicant": ("申请人", "Applicant"),
        "open.kind": ("申请人类型", "Kind of applicant"),
        "open.mobile": ("手机号码", "Mobile number"),
        "open.address": ("联系地址", "Address"),
        "open.situation": ("申请情形（符合的请勾选）", "Circumstances (tick what applies)"),
        "open.further": ("其他信息", "Further details"),
        "open.channel": ("申请渠道", "Channel"),
        "open.consultation": ("咨询记录编号", "Number of the consultation"),
        "open.hall": ("大厅编码（仅在负责多个大厅时填写）", "Code of the hall (only if you work for several)"),
        "open.materials": ("需要的材料", "Materials asked for"),
        "open.refused": ("没有登记成功", "The case was not opened"),
        "refusal.title": ("无法完成", "This cannot be done"),
        "refusal.basis": ("依据", "Under"),
        "refusal.home": ("回到首页", "Back to the start"),
    }
)
"""(Chinese, English) by message id; ``group.value`` ids translate the values of closed lists."""


def text(msgid: str, language: Language) -> str:
    """One text.

    :raises KeyError: for an id that is not in the catalogue: a page with a gap fails in the tests, not silently.
    """
    return TEXTS[msgid][0 if language == "zh" else 1]
