"""What is measured on a page is what was done to it."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageFilter

from storage.page_quality import Origin, Quality, measure, sharpness
from storage.page_skew import find_lines, straighten
from workflows.page_advice import Advice

A4 = (1240, 1754)


def sheet(ink: int = 20, paper: int = 250) -> Image.Image:
    """A page of writing with a red seal at 150 dpi."""
    page = Image.new("RGB", A4, (paper,) * 3)
    draw = ImageDraw.Draw(page)
    for row, top in enumerate(range(160, 1500, 36)):
        for left in range(140, 900 + row % 5 * 40, 24):
            draw.line((left, top, left + 16, top), fill=(ink,) * 3, width=3)
            draw.line((left + 4, top, left + 8 + (left * row) % 7, top + 18), fill=(ink,) * 3, width=3)
    draw.ellipse((800, 1450, 1000, 1650), outline=(210, 30, 30), width=8)
    return page


SHEET = sheet()


def measured(page: Image.Image, dpi: int | None = 300, bits: int = 24) -> Quality:
    return measure(page, Origin(2480, 3508, dpi, bits))


def found(page: Image.Image, dpi: int | None = 300) -> dict[str, Advice]:
    return {advice.code: advice for advice in measured(page, dpi).advice}


def test_a_good_page_gets_no_advice() -> None:
    assert measured(SHEET) == Quality(0.0, ())


@pytest.mark.parametrize(
    ("dpi", "code"), [(300, None), (200, None), (199, "resolution_low"), (None, "resolution_unknown")]
)
def test_resolution_is_judged_by_what_the_file_says(dpi: int | None, code: str | None) -> None:
    assert list(found(SHEET, dpi)) == ([code] if code else [])


@pytest.mark.parametrize(("radius", "blurred"), [(0, False), (0.7, False), (2, True), (4, True)])
def test_a_blurred_page_is_told_from_a_crisp_one(radius: float, blurred: bool) -> None:
    assert ("blurred" in found(SHEET.filter(ImageFilter.GaussianBlur(radius)))) is blurred


def test_sharpness_does_not_depend_on_how_dark_the_ink_is_or_how_much_there_is() -> None:
    crisp = sharpness(SHEET.convert("L"))
    assert sharpness(sheet(ink=120).convert("L")) == pytest.approx(crisp, rel=0.1)
    assert sharpness(SHEET.crop((0, 0, 1240, 600)).convert("L")) == pytest.approx(crisp, rel=0.1)


@pytest.mark.parametrize("degrees", [-9.3, -4.0, -1.1, -0.4, 0.0, 0.6, 1.7, 5.2, 9.4])
def test_skew_is_found_to_a_fifth_of_a_degree_and_taken_back(degrees: float) -> None:
    askew = SHEET.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white").convert("L")
    lines = find_lines(askew)
    assert lines.degrees is not None
    assert abs(lines.degrees - degrees) <= 0.2
    again = find_lines(straighten(askew, lines.degrees))
    assert again.degrees is not None
    assert abs(again.degrees) <= 0.2


def test_straightening_cuts_nothing_off_and_blends_nothing() -> None:
    page = Image.new("L", (900, 1200), 200)
    for corner in ((0, 0), (880, 0), (0, 1180), (880, 1180)):
        page.paste(7, (*corner, corner[0] + 20, corner[1] + 20))
    greys = straighten(page, 3.3).histogram()
    assert greys[7] == pytest.approx(4 * 400, rel=0.02)
    assert sum(greys) == greys[7] + greys[200] + greys[255]


def test_a_page_without_lines_is_not_turned() -> None:
    for page in (Image.radial_gradient("L").resize(A4), Image.effect_noise(A4, 60)):
        assert find_lines(page).degrees is None
        assert measured(page).skew == 0


def test_a_page_that_lies_on_its_side_is_pointed_out_and_not_turned() -> None:
    page = Image.new("L", A4, 250)
    draw = ImageDraw.Draw(page)
    for top in range(160, 1600, 36):
        for left in range(140, 1100, 11 + top % 7):
            draw.line((left, top, left + 9, top + 14), fill=20, width=3)
    quality = measured(page.transpose(Image.Transpose.ROTATE_90))
    assert "lying" in {advice.code for advice in quality.advice}
    assert quality.skew == 0
    assert "lying" not in found(page)


def test_a_blank_page_is_blank_and_a_page_number_is_not() -> None:
    empty = Image.effect_noise(A4, 6).point(lambda grey: min(255, grey + 118))
    assert set(found(empty)) == {"without_colour", "blank"}
    ImageDraw.Draw(empty).rectangle((610, 1680, 630, 1700), fill=0)
    assert "blank" not in found(empty)


@pytest.mark.parametrize(("width", "percent"), [(6, None), (37, 3.0), (75, 6.0)])
def test_a_black_border_is_measured(width: int, percent: float | None) -> None:
    page = SHEET.copy()
    ImageDraw.Draw(page).rectangle((0, 0, width - 1, 1754), fill=(10, 10, 10))
    advice = found(page).get("black_border")
    assert (advice is None) is (percent is None)
    assert advice is None or advice.values["percent"] == pytest.approx(percent, abs=0.4)


@pytest.mark.parametrize(("box", "edges"), [((148, 0), "left"), ((0, 170), "top"), ((148, 170), "top,left")])
def test_writing_that_runs_over_the_edge_is_pointed_out(box: tuple[int, int], edges: str) -> None:
    assert found(SHEET.crop((*box, 1240, 1754)))["cut_edge"].values == {"edges": edges}


def test_a_photo_with_its_surroundings_is_not_taken_for_a_page_cut_off() -> None:
    desk = Image.effect_noise(A4, 90).convert("RGB")
    desk.paste(SHEET.resize((1000, 1400)), (120, 170))
    assert "cut_edge" not in found(desk)


def test_faint_writing_on_glaring_paper_is_overexposed() -> None:
    assert found(sheet(ink=175, paper=255))["overexposed"].values["grey"] == pytest.approx(175, abs=15)
    assert "overexposed" not in found(sheet(ink=60, paper=255))


@pytest.mark.parametrize(("mode", "bits"), [("1", 1), ("L", 8)])
def test_missing_colour_is_reported_with_its_depth(mode: str, bits: int) -> None:
    grey = SHEET.convert(mode).convert("L")
    advice = {one.code: one for one in measured(grey, bits=bits).advice}
    assert advice["without_colour"].values == {"bits": bits}


def test_a_grey_page_saved_in_colour_is_still_without_colour_and_a_seal_is_enough() -> None:
    assert found(SHEET.convert("L").convert("RGB"))["without_colour"].values == {"bits": 8}
    assert "without_colour" not in found(SHEET)


def test_a_page_drawn_from_text_has_no_resolution_to_lack() -> None:
    assert measure(SHEET.convert("L"), Origin(595, 842, None, drawn=True)).advice == ()
