"""Words of the card on which a case is bound into a dossier and packed for the archive."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FILE: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "file.dossier": ("案卷", "Dossier"),
        "file.dossier_lead": (
            "把文书、材料和办理过程按目录顺序装订成一个PDF；含个人信息的页面标有您的姓名，仅供您本人下载。",
            "Binds documents, materials and what was done into one PDF; pages of personal data name you, and only you"
            " can take it.",
        ),
        "file.bind": ("装订案卷", "Have it bound"),
        "file.bind_again": ("重新装订", "Have it bound again"),
        "file.reason": ("用途（至少4个字，记入日志）", "What for (at least 4 characters; logged)"),
        "file.binding": ("正在装订：已完成 {done} / {pages} 页", "Being bound: {done} of {pages} pages"),
        "file.waiting": ("已排队，即将开始。", "In the queue; it begins shortly."),
        "file.reload": ("刷新进度", "Reload"),
        "file.take": ("下载案卷（{pages}页）", "Download it ({pages} pages)"),
        "file.working": ("工作副本：装订时尚未办结", "A working copy: the case was not over"),
        "file.failed": ("没有完成：{why}", "Not done: {why}"),
        "file.dropped": ("已过保存期，请重新装订。", "Its days are over; have it bound again."),
        "file.not_ordered": ("没有提交", "Nothing was ordered"),
        "file.package": ("归档信息包", "Archive package"),
        "file.missing": ("案卷还缺少", "The file still lacks"),
        "file.whole": ("案卷齐全。", "The file is complete."),
        "file.order": ("形成归档信息包", "Have the package made"),
        "file.as_it_is": (
            "按现状归档的理由（案卷不齐全时必填，至少4个字）",
            "Why it is archived as it is (needed where something is missing; at least 4 characters)",
        ),
        "file.packing": ("正在形成：已完成 {done} / {files} 个文件", "Being made: {done} of {files} files"),
        "file.digest": ("摘要", "Digest"),
        "file.taken_for": ("取用原因（至少4个字，记入日志）", "What it is taken for (at least 4 characters; logged)"),
        "file.take_package": ("下载归档信息包", "Download the package"),
        "case.dossier_ordered": (
            "已提交装订，完成后在案卷栏下载。",
            "It is being bound; download it from its card.",
        ),
        "case.package_ordered": (
            "已提交，完成后在归档信息包栏下载。",
            "It is being made; download it from the card of the archive package.",
        ),
        "event.packaged": ("形成归档信息包", "Archive package made"),
    }
)
"""(Chinese, English) by message id."""
