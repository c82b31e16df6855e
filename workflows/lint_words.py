"""What each breach of a flow is called in Chinese, by its code; place and article are told beside it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LINT_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "window_refuses": "窗口人员不得将办件转入不利于申请人的状态",
        "window_decides": "窗口人员不得作出决定，决定由部门作出",
        "window_closes": "窗口人员不得终结办件",
        "window_edits_clocks": "窗口人员不得变更期限",
        "window_unauthorised": "受理和告知须有书面委托，请在 by 中写 authorised_window",
        "issuer_changes_result": "出件人员不得改变办理结果",
        "agent_oversteps": "导办、帮办代办人员只能做申请人可以做的事",
        "administrator_acts": "三员、考核员、档案员不参与办件",
        "oversight_changes_case": "监督、投诉处理人员不得改变办件的状态和期限",
        "second_notice": "可能第二次补正告知，缺少条件 no_earlier_notice",
        "silence_not_acceptance": "告知期限届满后应有 deem_accepted，自收件之日起受理并出具D05",
        "silence_decides": "系统自动作出决定只能由计时触发、附条件 silence_grants，且只能准予",
        "one_person_decides": "决定缺少条件 approver_is_not_handler，可能由一人办理到底",
        "decides_unaccepted": "受理前作出决定须附条件 promise_permitted 和 promise_signed",
        "decides_too_early": "尚有未了结的程序时即可作出决定，缺少相应条件",
        "condition_missing": "缺少法律要求的条件",
        "void_alone": "作废须先有提议，再由规定的另一人同意",
        "no_withdrawal": "此状态下申请人不能撤回申请",
        "refusal_unwritten": "不利决定没有书面文书（D06 或 D16）",
        "suspension_without_basis": "中止期限缺少条件 special_kind_has_basis",
        "suspension_untold": "中止期限前没有向申请人送达D09",
        "suspension_endless": "中止的期限在所转入的状态中没有环节恢复",
        "extension_unlawful": "延长期限只能由负责人批准，附条件 extension_by_right_approver，并出具D10",
        "limit_edited": "只能重新确定承诺时限，且须写明天数和理由并告知申请人",
        "clock_without_limit": "开始的计时没有规定期限",
        "notice_too_long": "limits.notice 超过法律规定的五个工作日",
        "clock_left_running": "办件终结后仍有计时未停止，请写 stop_all = true",
        "timer_wrong": "计时触发的环节只能由系统办理，且所依计时须已开始",
        "clock_unwatched": "开始的计时届满时没有预警规则",
        "overrun_not_red": "超过法定时限或承诺时限须亮红牌",
        "overrun_unexplained": "超过时限须公开说明",
        "unreachable": "没有环节能到达此状态",
        "dead_end": "从此状态无法办结",
        "not_archived": "此状态的办件不会归档",
        "no_basis": "环节没有写明依据",
        "foreign_law": "引用了不适用于本流程的法律条文，请改写依据或写“参照”",
        "word_unused": "words 中的原文在各部分中都没有",
        "ambiguous": "同一状态下的同名环节没有各自的区分条件",
        "twins_differ": "同一状态下的同名环节办理人或者填写内容不同",
        "field_missing": "缺少文书所需的必填内容或者文书",
    }
)
