"""Every kind of file that halls meet becomes pages, upright, in plain colours, free of metadata."""

from __future__ import annotations

from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageCms, ImageDraw

from storage.scan_verdicts import Limits
from tests.storage import hostile_files as hostile
from tests.storage.looking import colour, look

pillow_heif.register_heif_opener(thumbnails=False)

PAGE = hostile.picture(310, 438)
CMYK = PAGE.convert("CMYK")
LAB = ImageCms.profileToProfile(PAGE, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB")
ALPHA = PAGE.convert("RGBA")


@pytest.mark.parametrize(
    "data",
    [
        hostile.coded(PAGE, "JPEG"),
        hostile.coded(PAGE, "JPEG", progressive=True),
        hostile.coded(CMYK, "JPEG"),
        hostile.coded(PAGE, "PNG"),
        hostile.coded(PAGE.convert("P"), "PNG"),
        hostile.coded(ALPHA, "PNG"),
        hostile.interlaced_png(PAGE),
        hostile.coded(PAGE, "WEBP"),
        hostile.coded(PAGE, "BMP"),
        hostile.coded(PAGE, "HEIF", quality=80),
        hostile.coded(PAGE, "TIFF", compression="tiff_lzw"),
        hostile.coded(PAGE, "TIFF", compression="jpeg"),
        hostile.coded(PAGE, "TIFF", compression="tiff_adobe_deflate"),
        hostile.coded(PAGE.convert("P"), "TIFF"),
        hostile.coded(CMYK, "TIFF"),
        hostile.coded(LAB, "TIFF") if LAB else b"",
        hostile.coded(PAGE, "TIFF", big_tiff=True),
        hostile.tiled_tiff(PAGE),
        hostile.deep_tiff(PAGE),
        hostile.coded(PAGE, "PDF"),
        hostile.coded(CMYK, "PDF"),
    ],
    ids=[
        *("jpeg", "progressive", "cmyk", "png", "palette", "alpha", "interlaced", "webp", "bmp", "heic"),
        *("lzw", "jpeg-in-tiff", "deflate-in-tiff", "palette-tiff", "cmyk-tiff", "lab-tiff", "bigtiff"),
        *("tiled-tiff", "48-bit-tiff", "pdf", "cmyk-pdf"),
    ],
)
def test_every_accepted_kind_becomes_a_page_at_three_sizes(tmp_path: Path, data: bytes) -> None:
    processed = look(tmp_path, data)
    assert (processed.verdict.code, processed.verdict.pages) == ("ok", 1)
    (page,) = processed.pages
    with Image.open(page.image) as image, Image.open(page.screen) as screen, Image.open(page.thumbnail) as thumbnail:
        assert {image.format, screen.format, thumbnail.format} == {"JPEG"}
        assert image.size == (page.width, page.height)
        assert screen.width <= 1600
        assert thumbnail.width == 200
        red, green, blue = colour(image, image.width // 4, image.height // 8)
        assert red > 150
        assert max(green, blue) < 90


@pytest.mark.parametrize("compression", ["group3", "group4"])
def test_a_fax_coded_file_of_several_frames_keeps_their_order(tmp_path: Path, compression: str) -> None:
    frames = [Image.new("1", (400, 100 * n), 1) for n in (1, 2, 3)]
    data = hostile.coded(frames[0], "TIFF", save_all=True, append_images=frames[1:], compression=compression)
    pages = look(tmp_path, data).pages
    assert [(page.number, page.height) for page in pages] == [(1, 100), (2, 200), (3, 300)]


def test_a_phone_file_of_several_pictures_keeps_each_as_a_page_in_their_order(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (400, 100 * n), "white") for n in (1, 2, 3)]
    data = hostile.coded(frames[0], "HEIF", save_all=True, append_images=frames[1:], primary_index=1)
    pages = look(tmp_path, data).pages
    assert [(page.number, page.height) for page in pages] == [(1, 100), (2, 200), (3, 300)]


def test_a_fax_of_unequal_resolutions_is_shown_in_its_true_shape(tmp_path: Path) -> None:
    data = hostile.coded(Image.new("1", (1728, 1100), 1), "TIFF", compression="group3", dpi=(204, 98))
    (page,) = look(tmp_path, data).pages
    assert (page.width, page.height) == (1728, 2290)


@pytest.mark.parametrize("coding", ["PNG", "TIFF"])
def test_sixteen_bits_a_channel_keep_their_greys(tmp_path: Path, coding: str) -> None:
    deep = Image.linear_gradient("L").convert("I").point(lambda value: value * 257).convert("I;16")
    (page,) = look(tmp_path, hostile.coded(deep, coding)).pages
    with Image.open(page.image) as image:
        for row in (0, 128, 255):
            grey = image.getpixel((9, row))
            assert isinstance(grey, int)
            assert abs(grey - row) <= 3


def test_what_is_transparent_is_shown_on_white(tmp_path: Path) -> None:
    (page,) = look(tmp_path, hostile.coded(Image.new("RGBA", (50, 50), (200, 0, 0, 0)), "PNG")).pages
    with Image.open(page.image) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("coding", ["JPEG", "HEIF", "WEBP", "PNG", "TIFF"])
def test_a_phone_photo_stands_upright_and_tells_nothing_of_its_place(tmp_path: Path, coding: str) -> None:
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    orientations = range(1, 9) if coding == "JPEG" else (6,)
    for orientation in orientations:
        folder = tmp_path / str(orientation)
        folder.mkdir()
        lying = PAGE.transpose(Image.Transpose(turns[orientation])) if orientation in turns else PAGE
        tags = Image.Exif()
        tags[0x0112], tags[0x010F] = orientation, "maker of it"
        tags.get_ifd(0x8825)[1] = "N"
        more = {"comment": b"at home"} if coding == "JPEG" else {}
        (page,) = look(folder, hostile.coded(lying, coding, exif=tags.tobytes(), **more)).pages
        assert (page.width, page.height) == PAGE.size
        with Image.open(page.image) as image:
            red, green, _ = colour(image, 75, 50)
            assert red > 150
            assert green < 90
        for path in (page.image, page.screen, page.thumbnail):
            data = path.read_bytes()
            assert b"Exif" not in data
            assert b"at home" not in data
            assert b"maker of it" not in data


@pytest.mark.parametrize(
    ("size", "page_size", "screen_size"),
    [
        ((800, 800), (800, 800), (800, 800)),
        ((2480, 3508), (2480, 3508), (1240, 1754)),
        ((4960, 7016), (2480, 3508), (1240, 1754)),
        ((3508, 2480), (3508, 2480), (1170, 827)),
        ((600, 14000), (514, 12000), (514, 12000)),
    ],
)
def test_a_page_is_kept_as_fine_as_it_was_scanned_up_to_a4_at_300_dpi(
    tmp_path: Path, size: tuple[int, int], page_size: tuple[int, int], screen_size: tuple[int, int]
) -> None:
    (page,) = look(tmp_path, hostile.coded(Image.new("L", size, 255), "JPEG")).pages
    with Image.open(page.screen) as screen:
        assert ((page.width, page.height), screen.size) == (page_size, screen_size)


def test_a_pdf_of_scans_is_drawn_as_finely_as_they_were_scanned(tmp_path: Path) -> None:
    scan = hostile.coded(Image.new("RGB", (2480, 3508), "white"), "PDF", resolution=300)
    (page,) = look(tmp_path, scan).pages
    assert (page.width, page.height) == (2480, 3508)


def test_a_page_turned_in_its_pdf_stands_upright(tmp_path: Path) -> None:
    (page,) = look(tmp_path, hostile.pdf(lambda writer: writer.pages[0].rotate(90))).pages
    assert page.width > page.height


def test_a_page_scanned_askew_is_straightened_in_the_viewing_copy_only(tmp_path: Path) -> None:
    sheet = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(sheet)
    for line in range(150, 1600, 40):
        draw.rectangle((120, line, 1120, line + 14), fill=0)
    data = hostile.coded(sheet.rotate(-3, Image.Resampling.BICUBIC, fillcolor=255), "PNG", dpi=(150, 150))
    (page,) = look(tmp_path, data).pages
    skew = next(found for found in page.advice if found.code == "skewed")
    assert abs(float(skew.values["degrees"]) - 3) <= 0.2
    with Image.open(page.image) as straight:
        middle = straight.convert("L").crop((200, 200, straight.width - 200, straight.height - 250))
        rows = middle.resize((1, middle.height), Image.Resampling.BOX).tobytes()
    assert sum(20 < grey < 235 for grey in rows) < len(rows) / 4, "the lines do not run along the rows"
    assert (tmp_path / "file").read_bytes() == data


def test_an_ofd_is_taken_as_it_is_and_says_that_it_has_no_preview(tmp_path: Path) -> None:
    processed = look(tmp_path, hostile.ofd())
    assert (processed.verdict.ok, processed.verdict.code, processed.pages) == (True, "ok_without_preview", ())
    assert "OFD" in processed.verdict.zh


def test_an_e_invoice_keeps_the_data_that_it_carries_and_the_page_says_so(tmp_path: Path) -> None:
    processed = look(tmp_path, hostile.pdf(hostile.attaches("发票.xml", hostile.INVOICE)), Limits())
    assert processed.verdict.code == "ok"
    assert processed.pages[0].advice[0].code == "xml_attached"
    assert processed.pages[0].advice[0].values == {"files": 1}
