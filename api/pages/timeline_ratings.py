"""What the trail says about a rating after it was given: a review of a mistaken one, a call to the rater."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.pages.wording import Wording


def of_rating(event: Mapping[str, Any], w: Wording) -> Iterator[tuple[str, str]]:
    """Why, with what evidence, and what the rater said."""
    if not event["name"].startswith("rating:"):
        return
    for name in ("reason", "evidence", "reached", "satisfied", "note"):
        value = event["data"].get(name)
        if value is not None:
            yield w.t(f"rating.{name}"), w.t("yes" if value else "no") if isinstance(value, bool) else value
