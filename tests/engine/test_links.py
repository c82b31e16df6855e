"""Addresses of page pictures die within minutes and work for one person; who looks stands on the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from PIL import Image, ImageChops, ImageStat

from engine.context import Context, open_context
from engine.documents.typesetting import FACES
from engine.settings import load_settings
from engine.viewing.links import Picture, check_link, link_to
from engine.viewing.watermark import draw, drawn
from storage.sealing import new_key_file
from workflows.actor import Actor
from workflows.errors import Forbidden, Unavailable

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CLERK, OTHER = Actor(uuid4(), "李明哲"), Actor(uuid4(), "王海宁")
PICTURE = Picture(UUID("01a1fcc1-9328-748c-9405-044d7c3e3fe3"), 2, "screen", 90)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """An engine with keys, and without servers: nothing here needs one."""
    new_key_file(tmp_path / "keys.toml")
    return open_context(
        load_settings(
            database_url="postgresql://nobody@nowhere/none",
            objects_url="http://a:b@127.0.0.1:1",
            broker_url="redis://nowhere",
            key_file=tmp_path / "keys.toml",
        )
    )


def asked(address: str) -> tuple[int, str]:
    """The end and the signature that an address carries."""
    values = parse_qs(urlsplit(address).query)
    return int(values["until"][0]), values["signature"][0]


def test_an_address_works_for_its_person_until_its_time_is_over(context: Context) -> None:
    address = link_to(context, CLERK, PICTURE, NOW)
    assert address.startswith(f"/api/v1/scans/{PICTURE.scan}/pages/2?size=screen&turned=90&until=")
    until, signature = asked(address)
    assert until - NOW.timestamp() == context.settings.link_seconds <= 300
    for seconds in (0, 299, 300):
        check_link(context, CLERK, PICTURE, until=until, signature=signature, now=NOW + timedelta(seconds=seconds))
    with pytest.raises(Forbidden) as refusal:
        check_link(context, CLERK, PICTURE, until=until, signature=signature, now=NOW + timedelta(seconds=301))
    assert refusal.value.code == "link_over"


def test_an_address_that_was_copied_or_altered_is_refused(context: Context) -> None:
    until, signature = asked(link_to(context, CLERK, PICTURE, NOW))
    scan = PICTURE.scan
    for who, picture, end, signed in (
        (OTHER, PICTURE, until, signature),
        (CLERK, Picture(uuid4(), 2, "screen", 90), until, signature),
        (CLERK, Picture(scan, 3, "screen", 90), until, signature),
        (CLERK, Picture(scan, 2, "page", 90), until, signature),
        (CLERK, Picture(scan, 2, "screen"), until, signature),
        (CLERK, Picture(scan, 2, "screen", 90, seen=True), until, signature),
        (CLERK, PICTURE, until + 60, signature),
        (CLERK, PICTURE, until, signature[:-1]),
        (CLERK, PICTURE, until, ""),
        (CLERK, PICTURE, until, "签" * 22),
    ):
        with pytest.raises(Forbidden) as refusal:
            check_link(context, who, picture, until=end, signature=signed, now=NOW)
        assert refusal.value.code == "link_refused"


def page(width: int = 1240, height: int = 1754) -> bytes:
    """A white page with a comment and Exif data that nobody removed."""
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret description"
    Image.new("RGB", (width, height), "white").save(out, "JPEG", exif=exif, comment=b"secret comment")
    return out.getvalue()


def opened(image: bytes) -> Image.Image:
    return Image.open(BytesIO(image)).convert("L")


def test_the_mark_covers_the_page_and_leaves_it_readable() -> None:
    marked = draw(page(), "李明哲 2026-03-02 09:30", 0, FACES)
    assert b"secret" not in marked
    shown = opened(marked)
    ink = ImageChops.invert(shown)
    for left in range(0, 1240, 620):
        for top in range(0, 1752, 438):
            assert ImageStat.Stat(ink.crop((left, top, left + 620, top + 438))).mean[0] > 0.5
    darkest = min(tone for tone, count in enumerate(shown.histogram()) if count)
    assert 150 < darkest < 230
    assert ImageStat.Stat(shown).mean[0] > 240
    assert draw(page(), "李明哲 2026-03-02 09:31", 0, FACES) != marked


@pytest.mark.parametrize("mark", ["", "示例 09:30"])
def test_a_page_is_turned_clockwise(mark: str) -> None:
    image = Image.new("L", (400, 600), "white")
    image.paste(0, (0, 0, 40, 40))
    out = BytesIO()
    image.save(out, "JPEG")
    across, upright = (600, 400), (400, 600)
    for turned, corner, size in ((90, (580, 20), across), (180, (380, 580), upright), (270, (20, 380), across)):
        shown = opened(draw(out.getvalue(), mark, turned, FACES))
        assert shown.size == size
        assert shown.getpixel(corner) < 60  # type: ignore[operator]  # a grey picture has one number a pixel


def test_rare_characters_are_drawn_and_unknown_ones_stand_as_such() -> None:
    plain, rare, unknown = (draw(page(), mark, 0, FACES) for mark in ("〓", "𠮷", "\U000e0fff"))
    assert rare != plain
    assert unknown == plain


async def test_a_page_is_never_shown_without_the_mark_it_needs(context: Context, tmp_path: Path) -> None:
    bare = context.settings.model_copy(update={"faces_dir": tmp_path})
    assert await drawn(bare, page()) == page()
    with pytest.raises(Unavailable) as refusal:
        await drawn(bare, page(), mark="示例")
    assert refusal.value.code == "faces_not_installed"
