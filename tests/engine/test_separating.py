"""Separator sheets as scanners give them back: any resolution, any way up, askew, faint; and other pages."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageFilter

from engine.capture.separating import is_ours, print_sheets, sheet_code
from engine.context import Context
from engine.specimens import make_specimens
from storage.sheet_codes import read_sheet
from tests.factories import FOOD, Story, open_story
from tests.people import actor
from workflows.errors import Conflict, Forbidden
from workflows.separator import Separator, read_code

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ANGLES = (0, 3, -3, 90, 180, 270)


@pytest.fixture
async def story(context: Context) -> Story:
    """A case at the window."""
    return await open_story(context)


def given_back(page: Image.Image, path: Path) -> Separator | None:
    """What is read of a page after it went through our own drawing."""
    page.save(path, "JPEG", quality=60)
    text = read_sheet(path)
    return read_code(text) if text else None


async def test_a_sheet_is_read_however_it_was_scanned(story: Story, context: Context, tmp_path: Path) -> None:
    made = await print_sheets(context, await actor("clerk"), story.number, NOW)
    lines = [line.code for line in FOOD.materials if line.applies(frozenset())]
    with pypdfium2.PdfDocument(io.BytesIO(made)) as document:
        assert len(document) == len(lines)
        drawn = {dpi: document[2].render(scale=dpi / 72).to_pil().convert("L") for dpi in (150, 300)}
        text = document[0].get_textpage().get_text_range()
    assert story.number in text
    assert "示例" not in text  # a sheet lies about: nothing personal is on it
    for dpi, page in drawn.items():
        for angle in ANGLES:
            turned = page.rotate(angle, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
            scans = {"plain": turned, "fax": turned.convert("1")}
            if dpi == 150:
                scans["faint"] = turned.point(lambda value: 150 + value * 70 // 255).filter(ImageFilter.GaussianBlur(1))
                scans["noisy"] = Image.blend(scans["faint"], Image.effect_noise(turned.size, 60), 0.25)
            for name, scan in scans.items():
                found = given_back(scan.convert("L"), tmp_path / "page.jpg")
                assert found is not None, (dpi, angle, name)
                assert (found.number, found.line) == (story.number, lines[2])
                assert is_ours(context, found)


async def test_other_codes_and_ordinary_pages_are_no_sheets(story: Story, context: Context, tmp_path: Path) -> None:
    for path in make_specimens(tmp_path, 5):
        if path.suffix in {".png", ".jpg"}:
            with Image.open(path) as page:
                assert given_back(page.convert("L"), tmp_path / "page.jpg") is None, path.name
    ours = read_code(sheet_code(context, story.number, "M01"))
    assert ours is not None
    assert is_ours(context, ours)
    assert not is_ours(context, Separator(ours.number, "M02", ours.seal))
    with pytest.raises(Forbidden) as role:
        await print_sheets(context, await actor("hall_manager"), story.number, NOW)
    assert role.value.code == "role_not_allowed"
    with pytest.raises(Conflict) as line:
        await print_sheets(context, await actor("clerk"), story.number, NOW, {"M99"})
    assert line.value.code == "material_not_on_list"
