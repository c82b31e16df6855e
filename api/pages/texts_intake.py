"""Words of the pages on which somebody is taken in: finding the item, who applies, the receipt; and consultations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

INTAKE: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "nav.consultations": ("咨询登记", "Consultations"),
        "intake.search": ("查找事项：名称、拼音或编码", "Find an item: name, pinyin or code"),
        "intake.search_keys": (
            "例如“食品经营”“spjy”；按 ↓ ↑ 选择，按回车打开，直接按回车打开第一项。",
            "For example spjy, the initials of an item's name. ↓ ↑ choose, Enter opens; Enter at once opens the first.",
        ),
        "intake.searching": ("正在查找…", "Looking…"),
        "intake.found": ("符合的事项：{count} 个", "{count} item(s) fit"),
        "intake.found_more": ("先列出 {count} 个，请继续输入", "The first {count}; type on to narrow them down"),
        "intake.none": (
            "没有找到符合的事项。请换一个词，或输入拼音首字母、事项编码。",
            "No item fits. Try another word, the initials of the name in pinyin, or the code.",
        ),
        "intake.number": ("证件号码（可直接读卡）", "Number, or card"),
        "intake.look": ("核对号码", "Check the number"),
        "intake.looking": ("正在核对号码…", "Checking the number…"),
        "intake.number_right": ("号码校验无误", "The number is well formed"),
        "intake.born": ("{day}出生", "born {day}"),
        "sex.male": ("男", "male"),
        "sex.female": ("女", "female"),
        "intake.elderly": ("年满60周岁", "sixty or older"),
        "intake.known": ("曾在本系统办理：{name}", "Known here as {name}"),
        "intake.known_logged": ("本次查询已记录，用途：窗口收件。", "This look is on record, for: intake."),
        "intake.new_party": ("首次办理。", "Not known here yet."),
        "intake.same_item": ("同一事项还有未办结的办件：", "The same item is still under way:"),
        "intake.contact_as_before": (
            "沿用此前的联系方式（下面留空的项）",
            "Use the contact of before for what is left empty below",
        ),
        "intake.under_way": ("在办", "under way"),
        "intake.over": ("已办结", "closed"),
        "intake.offers": (
            "可以免提交（登记后在该材料处征得同意再使用）：",
            "Could stand in for paper (once opened, on the line, with consent):",
        ),
        "intake.valid_to": ("有效期至{day}", "valid until {day}"),
        "intake.priority": ("优先对象（没有则不填）", "Served first (leave empty if not)"),
        "intake.priority_group": ("对象", "Group"),
        "intake.priority_evidence": ("凭何证件", "On what evidence"),
        "intake.renew_list": ("更新材料清单", "Renew the list"),
        "intake.open": ("登记，去扫描材料", "Open and go on to scanning"),
        "intake.keys": (
            "回车：下一项；按住 Alt 再按 S：登记；C：缺材料，出告知单。",
            "Enter: next field. Alt and S: open. Alt and C: something is lacking, print what.",
        ),
        "intake.lacking": ("缺材料，出一次性告知单", "Something is lacking: tell once in writing"),
        "intake.paper": (
            "共 {lines} 项；须交纸质原件 {originals} 份、复印件 {copies} 份。",
            "Lines: {lines}. On paper: originals {originals}, copies {copies}.",
        ),
        "intake.unanswered": ("情形尚未答完，清单可能增加。", "Questions are open: more may be asked for."),
        "intake.originals": ("原件", "Orig."),
        "intake.copies": ("复印件", "Copies"),
        "intake.e_cert": ("电子证照免交", "e-certificate, no paper"),
        "intake.item": ("事项要求", "What the item demands"),
        "intake.statutory": ("法定{limit}", "by law {limit}"),
        "intake.accepts": ("由谁受理", "Accepted by"),
        "intake.accepts_window": ("窗口（有书面授权）", "the window (authorised in writing)"),
        "intake.accepts_department": ("承办部门", "the department"),
        "intake.result": ("办理结果", "Result"),
        "intake.fee": ("收费", "Fee"),
        "intake.yuan": ("{amount} 元", "CNY {amount}"),
        "intake.visits": ("到场次数", "Visits"),
        "intake.times": ("{count} 次", "{count}"),
        "demand.tolerance": (
            "可容缺受理：可后补的材料在清单上标明。",
            "May be accepted with papers to follow; the list says which.",
        ),
        "demand.promise_permit": ("可选择告知承诺，当场决定。", "May be decided at once on the applicant's promise."),
        "demand.site_check": ("须两人以上现场核查。", "Checked on site by two officers or more."),
        "demand.asks_intention": (
            "申请人为老年人的，先询问并记录真实意思。",
            "Of an elderly applicant the true intention is asked and recorded first.",
        ),
        "demand.quantity_limited": ("有数量限制，按受理先后办理。", "Limited in number, in the order of acceptance."),
        "demand.joint": ("多个部门并联办理。", "Several departments take part."),
        "demand.hearing": ("决定前须听证。", "A hearing is held before the decision."),
        "demand.suspended": ("该事项目前不在实施期内，不能登记。", "The item is not in force; no case can be opened."),
        "intake.next": ("接下来", "What happens next"),
        "intake.next_scan": ("扫描材料，点清份数，收件并打印收件凭证。", "Scan, count, receive and print the receipt."),
        "intake.next_notice": (
            "{days}个工作日内受理，或一次性告知全部补正内容；逾期视为受理。",
            "Within {days} working days it is accepted, or all that is lacking is told once; else it is accepted.",
        ),
        "intake.next_notice_at_once": (
            "当场受理，或一次性告知全部补正内容。",
            "Accepted at once, or all that is lacking told once.",
        ),
        "intake.at_most": ("最长{days}个工作日", "at most {days} working days"),
        "intake.counted": ("计入办理期限", "within the limit"),
        "intake.not_counted": ("不计入办理期限", "not counted"),
        "intake.next_decision": ("受理后{limit}内作出决定。", "Decided within {limit} of acceptance."),
        "intake.next_decision_same_day": ("当日作出决定。", "Decided the same day."),
        "intake.next_result": ("领取{name}，可以评价。", "The applicant gets: {name}, and may rate."),
        "received.title": ("已收件", "Received"),
        "received.lead": ("请把收件凭证和查询码交给申请人。", "Give the applicant the receipt with the query code."),
        "received.print": ("打印收件凭证", "Print the receipt"),
        "received.making": ("收件凭证正在生成，稍候自动出现…", "The receipt is being made and appears by itself…"),
        "received.none": ("该办件还没有收件凭证。", "This case has no receipt yet."),
        "received.again": ("再看一次", "Look again"),
        "received.next": ("下一位：登记新办件", "Next: open a case"),
        "received.case": ("查看办件", "To the case"),
        "received.keys": (
            "回车打开凭证打印；按住 Alt 再按 N：下一位。",
            "Enter opens the receipt to print; Alt and N: next.",
        ),
    }
)
"""(Chinese, English) by message id."""
