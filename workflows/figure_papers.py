"""Whether the papers of a case are complete, and what applicants were spared (D§5)."""

from __future__ import annotations

from typing import Final

from workflows.figure import Figure, Measure, Words
from workflows.figure_basis import CLOSED, REQUIRED

PAPERS: Final = (
    Figure(
        name="scan_completeness",
        title=Words("扫描上传完整率", "Scans complete"),
        kind="rate",
        measures=(
            Measure(
                basis=CLOSED,
                of="f.received_at IS NOT NULL AND f.lines_on_paper > 0",
                met="f.lines_whole = f.lines_on_paper",
            ),
        ),
        numerator=Words(
            "其中每项纸质材料都有扫描件、且页数与登记一致的办件数。",
            "Of these, cases in which every line on paper has a scan with as many pages as were declared.",
        ),
        denominator=Words(
            "统计期内办结、收有纸质材料的办件数。", "Cases closed in the period that had received paper."
        ),
        source="国办函〔2016〕108号",
    ),
    Figure(
        name="receipt_given",
        title=Words("受理回执率", "Receipts given"),
        kind="rate",
        measures=(
            Measure(
                basis=CLOSED,
                of="f.accepted_at IS NOT NULL AND NOT f.promised",
                met="f.receipt_given AND f.acceptance_given",
            ),
        ),
        numerator=Words(
            "其中收件凭证（D01）和受理通知书（D05）齐全的办件数。",
            "Of these, with both a receipt (D01) and a notice of acceptance (D05).",
        ),
        denominator=Words("统计期内办结、已受理的办件数。", "Cases closed in the period that had been accepted."),
        excluded=Words(
            "以告知承诺方式当场决定的办件不另行受理，不计。",
            "Cases decided on a promise on the spot have no acceptance of their own and do not count.",
        ),
        source="行政许可法32(2), 34(2)",
    ),
    Figure(
        name="handover_in_time",
        title=Words("移交及时率", "Handed over in time"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of="f.handover_due_at IS NOT NULL", met="f.handover_in_time"),),
        numerator=Words(
            "其中部门在期限（默认一个工作日）内签收的办件数。", "Of these, signed for by the department in time."
        ),
        denominator=Words("统计期内办结、移交部门的办件数。", "Cases closed in the period that were handed over."),
        source="D23（默认一个工作日）",
    ),
    Figure(
        name="material_free_rate",
        title=Words("免提交率", "Certificates spared"),
        kind="rate",
        measures=(
            Measure(basis=REQUIRED, of="m.required > 0", of_amount="m.required", met="m.used > 0", met_amount="m.used"),
        ),
        numerator=Words(
            "其中以电子证照代替纸质材料的项数。", "Of these, lines for which an electronic certificate stood in."
        ),
        denominator=Words(
            "统计期内受理的办件按清单可用电子证照的材料项数。",
            "Lines of the accepted cases' lists for which an electronic certificate can be used.",
        ),
        source="国务院令716号7",
    ),
)
