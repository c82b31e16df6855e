"""What somebody might send with any act: mostly what is right for the case as it stands, sometimes not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from tests.factories import RECIPIENT, Story, complete, defects
from workflows.flow_format import Transition
from workflows.payload import Field

OFTEN: Final = 8
"""How many times likelier the usual value is than an odd one."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a person at the screen sees of a case: numbers that acts must name."""

    today: date
    documents: tuple[str, ...]
    cards: tuple[str, ...]
    colleagues: tuple[str, ...]
    recipient: str


async def known_of(story: Story, today: date, colleagues: tuple[str, ...], recipient: str) -> Known:
    """Read it as somebody at the screen would."""
    papers = await story.rows("documents", "seq")
    cards = await story.rows("cards", "recorded_at")
    return Known(
        today, tuple(row["number"] for row in papers), tuple(row["number"] for row in cards), colleagues, recipient
    )


def payload(chance: Random, step: Transition, story: Story, known: Known) -> dict[str, Any]:
    """Every required field, and each other one now and then."""
    made: dict[str, Any] = {}
    for name, spec in step.payload.items():
        if spec.required or name in _ALWAYS or not chance.randrange(OFTEN):
            usual, *odd = _values(name, spec, story, known)
            made[name] = chance.choice([usual] * OFTEN + odd)
    return made


_ALWAYS: Final = frozenset({"materials", "recipient", "officers", "institution", "right_authority"})
"""What nearly everybody fills in, though the form does not insist on it."""


def _values(name: str, spec: Field, story: Story, known: Known) -> tuple[Any, ...]:
    """The usual value of a field, and others."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name in {"document", "card"}:
        numbers = known.documents if name == "document" else known.cards
        return (*reversed(numbers), "无此编号") if numbers else ("无此编号",)
    if name == "waybill":
        return f"YZ{story.number}", "YZ460100001"
    if name in {"to", "host"}:
        return (*known.colleagues, "nobody")
    if spec.type == "choice":
        return tuple(spec.choices)
    return _by_type(name, spec.type, story, known)


_BY_NAME: Final[dict[str, tuple[Any, ...]]] = {
    "kind": ("testing", "expert_review", "hearing", "site_check", "party"),
    "institution": ("示例检测中心",),
    "amount": ("80.00", "-1", "八十"),
    "party": ("示例邻居", "无此人"),
    "refused": (False, True),
    "right_authority": ("示例区市场监督管理局",),
}


def _by_type(name: str, kind: str, story: Story, known: Known) -> tuple[Any, ...]:
    whole = complete(story.item)
    officers = [{"login": login, "card": f"460100{place}"} for place, login in enumerate(known.colleagues)]
    days = {"planned_start": 0, "planned_on": 1, "planned_end": 5, "held_on": 14, "correct_by": 10}.get(name, 7)
    after = [(known.today + timedelta(days=shift)).isoformat() for shift in (days, days + 7, days - 9)]
    values: dict[str, tuple[Any, ...]] = {
        "text": ("理由充分。", " "),
        "short_text": ("示例", " "),
        "code": ("M01",),
        "flag": (True, False),
        "count": (2, 3, 0, 40),
        "rating_level": (1, 4, 5),
        "date": tuple(after),
        "material_counts": (whole, whole[:-1], whole[:1], whole[-1:]),
        "gaps": ([{"material": "M01", "defect": "未填写", "how_to_obtain": "在窗口领取样表"}],),
        "defect_lines": (defects(story.item, 1), defects(story.item, 2), defects(story.item, 9)),
        "line_numbers": ([1], [2], [1, 2]),
        "codes": (["M01"],),
        "person": (RECIPIENT | {"id_number": known.recipient}, RECIPIENT | {"relation": "agent"}, RECIPIENT),
        "officers": (officers[:2], officers[:1]),
        "third_parties": ([{"name": "示例邻居", "interest": "相邻权"}],),
    }
    return values[kind]
