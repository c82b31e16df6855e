"""Words of the pages for agents: mandates, principals, what is filed for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

AGENCY: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "nav.mandates": ("帮办代办", "Mandates"),
        "mandates.title": ("委托与委托人", "Mandates and principals"),
        "mandates.lead": (
            "可以代为办理的委托，新的在前。每次操作都会核对期限和权限。",
            "The mandates under which something may be done, the newest first. Each act is checked against them.",
        ),
        "mandates.empty": ("没有委托。", "There is no mandate."),
        "mandates.standing": ("只看未终止的", "Only those that have not ended"),
        "mandates.new": ("登记委托", "Register a mandate"),
        "mandates.number": ("委托书编号", "Mandate"),
        "mandates.principal": ("委托人", "Principal"),
        "mandates.agent": ("代理人", "Agent"),
        "mandates.matter": ("委托事项", "Matter"),
        "mandates.items": ("查找事项：名称、拼音或编码", "Find items: name, pinyin or code"),
        "mandates.items_how": ("在下面勾选，可选多项。", "Tick them below; several may be chosen."),
        "mandates.no_other_item": ("没有其他符合的事项。", "No other item fits."),
        "mandates.items_shown": ("事项", "Items"),
        "mandates.case": ("或者：仅限办件", "Or: for this case only"),
        "mandates.powers_missing": ("请至少勾选一项权限。", "Tick at least one power."),
        "mandates.powers": ("权限", "Powers"),
        "mandates.term": ("期限", "Term"),
        "mandates.between": ("{from_on}至{until_on}", "{from_on} to {until_on}"),
        "mandates.from_on": ("起始日", "From"),
        "mandates.until_on": ("截止日", "Until"),
        "mandates.reference": ("委托书（公证书）自有编号", "The paper's own number"),
        "mandates.login": ("帮办代办员登录名（本大厅人员）", "Sign-in name (an agent of this hall)"),
        "mandates.agent_name": ("代理人姓名（非本大厅人员）", "Name (of a private representative)"),
        "mandates.signed": ("委托人已签名或者盖章", "Signed or sealed by the principal"),
        "mandates.register": ("登记", "Register"),
        "mandates.refused": ("没有登记成功", "The mandate was not registered"),
        "mandates.paper": ("委托书扫描件", "The paper"),
        "mandates.paper_missing": (
            "尚无扫描件。核验存档后委托才生效。",
            "Not scanned yet. The mandate counts once its paper has been kept.",
        ),
        "mandates.paper_incoming": ("正在核验。", "Being checked."),
        "mandates.paper_stored": ("已核验存档。", "Kept."),
        "mandates.upload": ("上传扫描件", "Upload"),
        "mandates.file": ("代为申请", "File for the principal"),
        "mandates.file_submit": ("登记办件", "Open the case"),
        "mandates.choose_item": ("选择事项", "Choose the item"),
        "mandates.end": ("终止委托", "End the mandate"),
        "mandates.ending": ("终止原因", "Why"),
        "mandates.ending_signed": ("委托人已签字确认", "Signed by the principal"),
        "mandates.ended_on": ("终止时间", "Ended"),
        "mandates.not_done": ("没有办成", "This was not done"),
        "mandate_state.awaiting_evidence": ("待扫描存档", "paper missing"),
        "mandate_state.coming": ("未开始", "not begun"),
        "mandate_state.in_force": ("有效", "in force"),
        "mandate_state.expired": ("已届满", "expired"),
        "mandate_state.ended": ("已终止", "ended"),
        "power.file": ("提出申请", "file the application"),
        "power.supply": ("补交材料", "supply materials"),
        "power.withdraw": ("撤回申请", "withdraw"),
        "power.collect": ("领取结果", "collect the result"),
        "field.reason": ("说明", "Explanation"),
        "ending.revoked": ("委托人取消委托", "revoked by the principal"),
        "ending.resigned": ("代理人辞去委托", "resigned by the agent"),
        "ending.lapsed": ("死亡、丧失行为能力或者组织终止", "death, lost capacity, or dissolution"),
        "event.revoked": ("委托终止", "Mandate ended"),
        "events.principal": ("代为办理", "On behalf of"),
        "events.mandated": ("{agent}代{principal}（{number}）", "{agent} for {principal} ({number})"),
        "open.mandate": ("授权委托书编号（由代理人办理时）", "Number of the mandate (if an agent acts)"),
    }
)
"""(Chinese, English) by message id."""
