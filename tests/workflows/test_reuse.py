"""What may stand in for paper (免提交): the applicant's own, of the kind that is asked for, in force, with consent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from tests.workflows.situations import FOOD
from workflows.errors import Conflict, NotFound
from workflows.proof import ReuseFacts
from workflows.reuse import (
    Proof,
    may_end,
    offer_not_found,
    require_consent,
    require_free,
    require_reusable,
    require_serves,
)
from workflows.situation import MaterialFacts

TODAY = date(2026, 3, 2)
FORM, LICENCE = FOOD.materials[0], FOOD.materials[1]


def proof(**changes: Any) -> Proof:
    """A business licence issued here, valid for a year around the day."""
    usual: dict[str, Any] = {
        "kind": "certificate", "name": "营业执照", "issuer": "示例市市场监督管理局", "hall": "示例大厅",
        "reference": "1", "usable": True, "valid_from": TODAY - timedelta(days=180),
        "valid_to": TODAY + timedelta(days=180),
    }  # fmt: skip
    return Proof(**(usual | changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"valid_to": TODAY}, None),
        ({"valid_to": None, "valid_from": None, "kind": "scan"}, None),
        ({"valid_to": TODAY - timedelta(days=1)}, "proof_expired"),
        ({"valid_from": TODAY + timedelta(days=1), "valid_to": None}, "proof_expired"),
        ({"usable": False}, "proof_not_usable"),
        ({"name": "食品经营许可证"}, "proof_of_another_kind"),
    ],
)
def test_only_what_is_asked_for_and_in_force_serves(changes: dict[str, Any], code: str | None) -> None:
    assert proof(**changes).serves(LICENCE, TODAY) is (code is None)
    if code is None:
        require_serves(proof(**changes), LICENCE, TODAY)
        return
    with pytest.raises(Conflict) as found:
        require_serves(proof(**changes), LICENCE, TODAY)
    assert (found.value.code, found.value.basis) == (code, "国办函〔2016〕108号")


def test_a_line_may_name_what_it_asks_for() -> None:
    line = msgspec.structs.replace(LICENCE, name="营业执照复印件", reusable_as="营业执照")
    assert proof().serves(line, TODAY)
    assert not proof().serves(msgspec.structs.replace(LICENCE, name="营业执照复印件"), TODAY)


def test_why_no_paper_is_needed() -> None:
    assert [proof(kind=kind).exempt for kind in ("certificate", "licence", "scan")] == [
        "e_cert",
        "e_cert",
        "verified_before",
    ]


def test_nothing_stands_in_for_the_applicants_own_statement() -> None:
    require_reusable(LICENCE)
    with pytest.raises(Conflict, match="exemption_not_allowed"):
        require_reusable(FORM)


def test_one_thing_stands_in_and_not_beside_paper() -> None:
    require_free(LICENCE, MaterialFacts("M02", exempt="e_cert", scans_stored=1))
    with pytest.raises(Conflict, match="reuse_standing"):
        require_free(LICENCE, MaterialFacts("M02", exempt="e_cert", reuse=ReuseFacts("scan", "营业执照", "")))
    with pytest.raises(Conflict, match="paper_there_already"):
        require_free(LICENCE, MaterialFacts("M02", copies=1))


def test_nothing_is_used_without_consent() -> None:
    require_consent(given=True)
    with pytest.raises(Conflict) as found:
        require_consent(given=False)
    assert (found.value.code, found.value.basis) == ("consent_missing", "个人信息保护法14、34")


def test_another_partys_proof_is_answered_like_none() -> None:
    assert (type(offer_not_found()), offer_not_found().code) == (NotFound, "offer_not_found")


def test_what_an_acceptance_rests_on_does_not_end_while_it_holds() -> None:
    here = MaterialFacts("M02", exempt="e_cert", reuse=ReuseFacts("certificate", "营业执照", "1"))
    over = MaterialFacts("M02", exempt="e_cert", reuse=ReuseFacts("certificate", "营业执照", "1", standing=False))
    may_end(here, TODAY, settled=False)
    may_end(over, TODAY, settled=True)
    with pytest.raises(Conflict, match="reuse_settled"):
        may_end(here, TODAY, settled=True)
    with pytest.raises(Conflict, match="no_reuse_standing"):
        may_end(MaterialFacts("M02"), TODAY, settled=False)
