"""Texts of the page on which a case's scans are leafed through."""

from __future__ import annotations

from typing import Final

VIEWER: Final = {
    "viewer.title": ("材料页面 {number}", "Pages of {number}"),
    "viewer.back": ("返回办件", "Back to the case"),
    "viewer.lines": ("材料清单", "Materials"),
    "viewer.none": ("该办件还没有可以查看的页面。", "The case has no pages to look at yet."),
    "viewer.page": ("第 {page} 页", "Page {page}"),
    "viewer.of": ("{line} · 第 {position} / {pages} 页", "{line} · page {position} of {pages}"),
    "viewer.alt": (
        "{line}第{page}页的图像；如未显示，请稍后刷新",
        "Picture of {line}, page {page}; if it does not show, reload shortly",
    ),
    "viewer.thumbnail": ("{line} 第 {page} 页", "{line}, page {page}"),
    "viewer.pages": ("各页", "Pages"),
    "viewer.moving": ("翻页", "Leafing"),
    "viewer.previous": ("上一页", "Previous"),
    "viewer.next": ("下一页", "Next"),
    "viewer.line_previous": ("上一项材料", "Previous material"),
    "viewer.line_next": ("下一项材料", "Next material"),
    "viewer.zoom": ("显示大小", "Size"),
    "zoom.fit": ("整页", "Whole page"),
    "zoom.width": ("适合宽度", "Width"),
    "zoom.full": ("原大", "As scanned"),
    "viewer.turn": ("右转 90°", "Turn"),
    "viewer.advice": ("扫描质量提示", "Quality of the scan"),
    "viewer.no_advice": ("没有需要注意的地方。", "Nothing to be noted."),
    "viewer.file": ("来源文件", "File"),
    "viewer.file_of": ("{name}，第 {page} 页", "{name}, page {page}"),
    "viewer.turned": ("显示时顺时针旋转 {turned}°", "Shown turned clockwise by {turned}°"),
    "viewer.uploaded": ("上传时间", "Uploaded"),
    "viewer.digest": ("摘要", "Digest"),
    "viewer.logged": ("您的查看已记录。", "Your look is on record."),
    "viewer.marked": (
        "本页含个人信息，图像上标有您的姓名和查看时间。",
        "The page holds personal data: your name and the time are drawn on it.",
    ),
    "viewer.missing": ("图像暂不能显示，请稍后刷新。", "The picture cannot be shown just now; reload shortly."),
    "viewer.original": ("调取原件", "The original file"),
    "viewer.purpose": ("用途", "Purpose"),
    "purpose.handling": ("办理", "handling the case"),
    "purpose.review": ("复核", "review"),
    "purpose.audit": ("审计", "audit"),
    "purpose.archive": ("归档", "archive"),
    "purpose.disclosure": ("依申请提供", "disclosure on request"),
    "viewer.take": ("下载原件", "Download the original"),
    "viewer.export": ("导出本项材料（PDF）", "Export this material (PDF)"),
    "viewer.reason": ("导出用途（至少4个字，记入日志）", "What for (at least 4 characters; logged)"),
    "viewer.export_submit": ("导出", "Export"),
    "viewer.export_refused": ("没有导出", "Nothing was exported"),
    "viewer.keys.how": (
        "图像区域内：← → 翻页，Shift+← → 换材料，Home / End 首页 / 末页，+ − 调整大小，R 右转。",
        "In the picture: ← → page, Shift+← → material, Home / End first / last page, + − size, R turn right.",
    ),
}
"""(Chinese, English) by message id."""
