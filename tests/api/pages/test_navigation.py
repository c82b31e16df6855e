"""The menu shows a reader what they may use, and where they are."""

from __future__ import annotations

from uuid import uuid4

import pytest

from api.pages.navigation import NAVIGATION, navigation_of
from api.pages.texts import TEXTS
from workflows.actor import Actor, Grant, Role

ENTRIES = [entry for group in NAVIGATION for entry in group.entries]


def reader(*roles: Role) -> Actor:
    return Actor(uuid4(), "示例", tuple(Grant(role, uuid4(), "460000/hall") for role in roles))


def paths(actor: Actor | None, here: str = "/") -> list[str]:
    return [entry.path for group in navigation_of(actor, here).groups for entry in group.entries]


def test_nobody_is_shown_nothing() -> None:
    assert paths(None) == []


def test_a_clerk_opens_cases_and_a_steward_publishes() -> None:
    assert "/cases/new" in paths(reader(Role.clerk))
    assert "/catalogue" not in paths(reader(Role.clerk))
    assert "/catalogue" in paths(reader(Role.item_steward))
    assert "/cases/new" not in paths(reader(Role.item_steward))


@pytest.mark.parametrize(
    ("here", "current"),
    [
        ("/", "/"),
        ("/?cursor=x", "/"),
        ("/cases?state=REVIEW", "/cases"),
        ("/cases/new?item=1", "/cases/new"),
        ("/cases/460100261121000017", "/cases"),
        ("/casework", ""),
        ("/nowhere", ""),
    ],
)
def test_the_entry_that_fits_best_is_marked(here: str, current: str) -> None:
    assert navigation_of(reader(Role.clerk), here).current == current


def test_pages_of_one_subject_share_an_entry() -> None:
    assert navigation_of(reader(Role.item_steward), "/drafts/1").current == "/catalogue"


def test_every_entry_has_its_words_and_a_key_of_its_own() -> None:
    assert {text for group in NAVIGATION for text in (group.text, *(entry.text for entry in group.entries))} <= set(
        TEXTS
    )
    assert len({entry.path for entry in ENTRIES}) == len(ENTRIES)
    keys = [entry.key for entry in ENTRIES if entry.key]
    assert len(set(keys)) == len(keys)
