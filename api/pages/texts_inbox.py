"""Words of the inbox, of letters and calls by hand, and of messages that were not sent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

INBOX: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "nav.inbox": ("收件箱", "Inbox"),
        "inbox.title": ("收件箱", "Inbox"),
        "inbox.lead": (
            "系统留给您或您岗位的提醒，新的在前，保留60天。",
            "What was left for you or for your role, the newest first; kept for 60 days.",
        ),
        "inbox.unread": ("未读", "Unread"),
        "inbox.all": ("全部", "All"),
        "inbox.letters": ("待打印信函", "Letters to print"),
        "inbox.calls": ("待拨打电话", "Calls to make"),
        "inbox.unsent": ("没有发出的", "Not sent"),
        "inbox.mark_one": ("标为已读", "Mark as read"),
        "inbox.mark_all": ("本页 {count} 条全部标为已读", "Mark all {count} of this page as read"),
        "inbox.marked": ("已标为已读 {count} 条。", "{count} marked as read."),
        "inbox.read_at": ("{at} 已读", "read {at}"),
        "inbox.none": ("收件箱是空的。", "The inbox is empty."),
        "inbox.none_unread": ("没有未读的提醒。", "Nothing is unread."),
        "by_hand.letter": ("待打印信函", "Letters to print"),
        "by_hand.voice": ("待拨打电话", "Calls to make"),
        "by_hand.lead_letter": (
            "收不到短信的申请人用信函通知。打印寄出后点“已寄出”。",
            "For applicants who get no text messages. Once it is printed and posted, say so.",
        ),
        "by_hand.lead_voice": (
            "大厅没有语音网关，由人工拨打。号码在办件页上写明理由后查看；三次无人接听即记为失败。",
            "No gateway makes calls here. The number is shown on the case for a stated reason; after three calls that"
            " nobody answers the message has failed.",
        ),
        "by_hand.words": ("内容", "What is said"),
        "by_hand.tried": ("已试 {times} 次", "tried {times} time(s)"),
        "by_hand.done_letter": ("已寄出", "Posted"),
        "by_hand.done_voice": ("已告知", "Told"),
        "by_hand.not_reached": ("无人接听", "Nobody answered"),
        "by_hand.none_letter": ("没有要打印的信函。", "No letter waits to be printed."),
        "by_hand.none_voice": ("没有要拨打的电话。", "No call waits to be made."),
        "by_hand.not_done": ("没有办成", "Not done"),
        "by_hand_done.sent": ("{case} 的信函已登记寄出。", "The letter about {case} is posted."),
        "by_hand_done.delivered": ("{case} 已登记电话告知。", "The call about {case} was made."),
        "by_hand_done.waiting": (
            "{case} 已登记无人接听，仍在名单中。",
            "Nobody answered about {case}; it stays on the list.",
        ),
        "by_hand_done.failed": (
            "{case} 三次无人接听，已记为失败，请改用信函或到场告知。",
            "Nobody answered three times about {case}: it has failed. Write, or tell them in person.",
        ),
        "unsent.title": ("没有发出的消息", "Messages that were not sent"),
        "unsent.lead": (
            "发送失败或被暂停的消息，新的在前。办件的期限不因此停止。",
            "Messages that failed or were held back, the newest first. No time limit stops for that.",
        ),
        "unsent.gateways": ("发送通道", "Gateways"),
        "unsent.waiting": ("{count} 条等待", "{count} waiting"),
        "unsent.way": ("方式", "By"),
        "unsent.reason": ("原因", "Reason"),
        "unsent.again": ("重新发送", "Send again"),
        "unsent.again_done": ("已重新排队发送。", "It waits to be sent again."),
        "unsent.none": ("没有未发出的消息。", "Everything was sent."),
        "unsent_state.failed": ("发送失败：", "failed:"),
        "unsent_state.suppressed": ("未发送：", "held back:"),
        "unsent_reason.no_gateway": ("本系统没有这种发送通道", "this installation has no such gateway"),
        "unsent_reason.no_address": ("申请人没有留下号码或地址", "the applicant left no number or address"),
        "unsent_reason.too_late": ("过了发送时限", "it came too late to be sent"),
        "unsent_reason.no_answer": ("通道没有应答", "the gateway did not answer"),
        "unsent_reason.timeout": ("通道超时", "the gateway took too long"),
        "unsent_reason.key_refused": ("通道不认本系统的密钥", "the gateway refused our key"),
        "unsent_reason.not_reached": ("三次无人接听", "nobody answered three times"),
        "unsent_reason.not_delivered": ("通道报告没有送达", "the gateway says that it was not delivered"),
        "unsent_reason.refused": ("通道拒收", "the gateway refused it"),
        "gateway.ok": ("正常", "works"),
        "gateway.failing": ("故障", "failing"),
        "gateway.not_configured": ("未配置", "not configured"),
    }
)
"""(Chinese, English) by message id."""
