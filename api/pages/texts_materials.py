"""Words of checks, of what stands in for paper, and of the answers that decide a list."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MATERIALS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "field.checked": ("已核验", "Checked"),
        "grade.A": ("A 级：证照，直接使用", "grade A: a certificate, used directly"),
        "grade.B": ("B 级：经核验，可重复使用", "grade B: verified, reusable"),
        "grade.C": ("C 级：须核对原件", "grade C: compared with the original"),
        "grade.D": ("D 级：申请人承诺", "grade D: on the applicant's promise"),
        "check.source_verified": ("向签发来源核验电子证照", "Electronic certificate verified at its source"),
        "check.original_checked": ("与原件核对", "Compared with the original"),
        "check.promise_signed": ("申请人已签署真实性承诺", "The applicant signed for its truth"),
        "materials.needs": ("受理前须{check}", "Before acceptance: {check}"),
        "materials.lacking": ("还缺", "Missing"),
        "materials.missing_scan": ("扫描件", "a scan"),
        "materials.complete": ("齐全", "Complete"),
        "materials.source": ("来源", "From"),
        "materials.passed": ("核验通过", "passed"),
        "materials.failed": ("核验不符", "did not pass"),
        "materials.check": ("登记核验", "Record a check"),
        "materials.reference": ("电子证照编号", "Number of the certificate"),
        "materials.valid_to": ("有效期至", "Valid until"),
        "materials.note": ("核验情况", "What was found"),
        "materials.offers": ("查询免提交", "Can paper be spared?"),
        "materials.reused": (
            "免提交：{source}（{by}同意）",
            "Spared: {source} (with the consent of {by})",
        ),
        "materials.end_reuse": ("终止免提交", "End this"),
        "materials.end_reason": ("终止原因", "Why"),
        "offers.title": ("免提交", "Sparing the paper"),
        "offers.lead": (
            "以下是该申请人已有的证照和核验过的材料。取得申请人同意后才能使用，同意前不显示内容。",
            "What the applicant has already. It is used only with their consent, and not shown before.",
        ),
        "offers.none": ("没有可以代替纸质件的证照或材料。", "Nothing could stand in for the paper."),
        "offers.kind": ("种类", "Kind"),
        "offers.hall": ("签发或核验大厅", "Hall"),
        "offers.issuer": ("签发机关", "Issuer"),
        "offers.valid": ("有效期", "Valid"),
        "offers.endless": ("长期", "without end"),
        "offer.certificate": ("本系统签发的证照", "Certificate issued here"),
        "offer.scan": ("此前核验过的材料", "Verified before"),
        "offer.licence": ("外部电子证照", "Outside certificate"),
        "offers.consent": ("申请人同意用于本次申请", "The applicant consents to its use for this application"),
        "offers.by": ("同意人姓名", "Who consents"),
        "offers.way": ("同意方式", "How"),
        "offers.mandate": ("授权委托书编号（由代理人同意时）", "Number of the mandate (if an agent consents)"),
        "consent.signed": ("书面签字", "signed"),
        "consent.spoken": ("当面口头", "spoken"),
        "consent.online": ("网上确认", "online"),
        "offers.use": ("用来代替纸质件", "Use it instead of paper"),
        "offers.refused": ("没有办成免提交", "The paper was not spared"),
        "situation.change": ("更改情形", "Change the answers"),
        "situation.hint": (
            "受理前可以更改，材料清单随之更新并记录。",
            "Before acceptance the answers may be changed; the list follows and the change is recorded.",
        ),
        "case.material_done": ("已登记。", "Recorded."),
        "event.checked": ("核验材料", "Material checked"),
        "event.reused": ("免提交", "Paper spared"),
        "event.reuse_ended": ("终止免提交", "No longer spared"),
        "event.changed": ("更改情形", "Answers changed"),
        "events.source": ("代替纸质件的证明", "Stands in for paper"),
        "events.consent": ("同意", "Consent"),
        "events.added": ("增加的材料", "Lines added"),
        "events.dropped": ("不再需要的材料", "Lines dropped"),
    }
)
