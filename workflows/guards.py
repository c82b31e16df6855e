"""The conditions that flow files name, whole: importing this module registers every one of them."""

from workflows import decision_guards, material_guards, notice_guards
from workflows.guarding import GUARDS, SELECTORS, Guard, Selector, selected

__all__ = ["FAMILIES", "GUARDS", "SELECTORS", "Guard", "Selector", "selected"]

FAMILIES = (material_guards, notice_guards, decision_guards)
"""The modules that hold them."""
