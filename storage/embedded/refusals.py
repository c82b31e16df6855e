"""The error for a place, machine or installation in which the embedded servers cannot work."""

from __future__ import annotations

from workflows.errors import Unavailable


def refuse(zh: str, en: str) -> Unavailable:
    """Make the error; both texts say what is wrong and what to do."""
    return Unavailable("place_unusable", zh, en)
