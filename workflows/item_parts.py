"""The parts of a service item (事项): limits and how far they may go, special procedures, result, fee."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from workflows.actor import Role
from workflows.clock import Unit
from workflows.material import Text

ProcedureLaw = Literal["PERMIT", "REAL_ESTATE", "MARKET_ENTITY", "GENERIC"]
CaseKind = Literal["instant", "promise", "other"]
ItemType = Literal["00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "20"]
Subject = Literal["person", "enterprise", "institution", "social_organisation", "agency", "other"]
ResultKind = Literal["licence", "qualification", "approval", "registration", "payment", "other"]
ExcludedField = Literal[
    "none",
    "state_security",
    "public_safety",
    "financial_prudence",
    "ecology",
    "life_health_property",
    "foreign_affairs",
]
DocumentCode = Annotated[str, msgspec.Meta(pattern="^D[0-9]{2}$")]
Amount = Annotated[int, msgspec.Meta(ge=0, le=3650)]

#: What a permit's statutory clock may leave out without a basis of the item's own (行政许可法45).
EXCLUDED_KINDS: dict[str, tuple[str, str]] = {
    "hearing": ("听证", "hearing"),
    "tender": ("招标", "tender"),
    "auction": ("拍卖", "auction"),
    "inspection": ("检验", "inspection"),
    "testing": ("检测", "testing"),
    "quarantine": ("检疫", "quarantine"),
    "appraisal": ("鉴定", "appraisal"),
    "expert_review": ("专家评审", "expert review"),
}

#: Working days by law, working days of the one extension, and who approves it, where nothing special is said.
ARTICLE_42: dict[str, tuple[int, int, str]] = {
    "行政许可法42(1)": (20, 10, "authority_head"),
    "行政许可法42(2)": (45, 15, "government_head"),
}


class StatutoryLimit(msgspec.Struct, frozen=True, kw_only=True):
    """The time that a law gives the authority; the unit is stored as that law means it, never inferred."""

    n: Amount
    unit: Unit
    basis: Text


class PromiseLimit(msgspec.Struct, frozen=True, kw_only=True):
    """The shorter time that the authority has published (承诺时限); 0 means the same business day."""

    n: Amount
    unit: Unit


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """How far the statutory limit may be extended once, and by whom."""

    n: Amount
    unit: Unit
    approver: Literal["authority_head", "government_head"]
    basis: Text

    @property
    def role(self) -> Role:
        """The role that may approve it."""
        return Role(self.approver)


class SpecialProcedure(msgspec.Struct, frozen=True, kw_only=True):
    """A step whose time is told apart (特殊环节).

    :param excluded: its time is left out of the limits; of its own it must be one of the eight kinds.
    :param max_days: its own limit in working days (优化营商环境条例36(1)).
    :param basis: the article that lists or allows it.
    """

    kind: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z_]{1,39}$")]
    name: Text
    name_en: Text
    excluded: bool
    max_days: Amount
    basis: Text


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What the applicant takes home; ``validity_months`` None means without end."""

    kind: ResultKind
    name: Text
    name_en: Text
    validity_months: Annotated[int, msgspec.Meta(ge=1, le=1200)] | None = None


class Fee(msgspec.Struct, frozen=True, kw_only=True):
    """A lawful fee (行政许可法58). :param amount: yuan with two decimals; empty if it is not a fixed sum."""

    amount: Annotated[str, msgspec.Meta(pattern=r"^([0-9]+\.[0-9]{2})?$")] = ""
    note: str = ""
    basis: Text
