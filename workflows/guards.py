"""The conditions that flow files name, whole: importing this module registers every one of them."""

from workflows import (
    certificate_guards,
    correction_guards,
    decision_guards,
    handling_guards,
    hearing_day_guards,
    hearing_guards,
    issue_guards,
    mandate_guards,
    material_guards,
    notice_guards,
    oversight_guards,
    procedure_guards,
    receipt_guards,
    third_party_guards,
    tolerance_guards,
)
from workflows.guarding import GUARDS, SELECTORS, Guard, Selector, selected

__all__ = ["FAMILIES", "GUARDS", "SELECTORS", "Guard", "Selector", "selected"]

FAMILIES = (
    certificate_guards,
    material_guards,
    notice_guards,
    correction_guards,
    receipt_guards,
    mandate_guards,
    tolerance_guards,
    handling_guards,
    procedure_guards,
    hearing_guards,
    hearing_day_guards,
    third_party_guards,
    decision_guards,
    issue_guards,
    oversight_guards,
)
"""The modules that hold them."""
