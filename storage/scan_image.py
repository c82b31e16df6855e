"""Images as scans: looks into a file without decoding it, then gives its pages upright and in plain colour.

Runs in the child process of ``storage.scan_child`` only: what it reads is hostile until proved otherwise. A
decoder that stumbles may raise anything; that means a broken file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import cast

import pillow_heif
from PIL import Image, ImageCms

from storage.file_kinds import FileKind
from storage.jpeg_frame import bits_of_jpeg
from storage.page_quality import Origin
from storage.scan_pages import DrawnPage, bounded_scale, check_pixels
from storage.scan_verdicts import BadFileError, Limits

_ORIENTATION = 0x0112  # Exif 2.32 §4.6.4, tag Orientation
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = {5, 6, 7, 8}
_PNG_END = b"IEND\xaeB`\x82"
_PIXELS_ENOUGH = 6_000_000  # A4 at 250 dpi: decoders have short cuts down to it
_PIL_NAMES = {FileKind.heic: "HEIF"}
_OF_PAGES = {FileKind.tiff, FileKind.heic}  # several pictures in one are several pages, nothing that moves
_GUESSED_DPI = {1, 72, 96}  # what programs write that do not know
_DPI = range(50, 2401)

pillow_heif.options.DECODE_THREADS = 1
pillow_heif.register_heif_opener(thumbnails=False)


def inspect_image(path: Path, kind: FileKind, limits: Limits) -> int:
    """Return the number of frames.

    :raises BadFileError: the file is cut off, animated, or too large in frames or pixels.
    """
    if kind is FileKind.jpeg and bits_of_jpeg(path) == 12:
        raise BadFileError("twelve_bit_image")
    with _open(path, kind) as image:
        if kind in _OF_PAGES:
            return _count_frames(image, limits)
        if kind is FileKind.png and not _whole_png(path):
            raise BadFileError("file_broken")
        # A phone's JPEG may carry a second picture for depth or brightness; only the first is the page.
        if kind is not FileKind.jpeg and getattr(image, "is_animated", False):
            raise BadFileError("animated_image")
        check_pixels(*image.size, limits)
        return 1


def image_pages(path: Path, kind: FileKind) -> Iterator[DrawnPage]:
    """Give the frames one by one, upright, in sRGB or grey, within the bounds of a page."""
    with _open(path, kind) as image:
        if kind in _OF_PAGES:
            for _ in _frames(image):
                yield _drawn(image)
        else:
            yield _drawn(image)


def _open(path: Path, kind: FileKind) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # sizes are checked here, against the limits of this file
    return Image.open(path, formats=(_PIL_NAMES.get(kind, kind.value.upper()),))


def _frames(image: Image.Image) -> Iterator[int]:
    """Go through the frames one by one, without counting them first."""
    number = 0
    while True:
        try:
            image.seek(number)
        except EOFError:
            return
        yield number
        number += 1


def _count_frames(image: Image.Image, limits: Limits) -> int:
    frames = 0
    for _ in _frames(image):
        frames += 1
        if frames > limits.max_pages:
            raise BadFileError("too_many_pages")
        check_pixels(*image.size, limits)
    return frames


def _whole_png(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 64))
        return file.read().rstrip(b"\0").endswith(_PNG_END)


def _drawn(image: Image.Image) -> DrawnPage:
    wide, high = _dpi(image)
    bits = {"1": 1, "L": 8}.get(image.mode, 24)
    origin = Origin(image.width, image.height, min(wide, high) or None, bits)
    sideways = _orientation(image) in _SIDEWAYS
    picture = _upright(image)
    if wide and high and not 0.9 < wide / high < 1.1:
        picture = _square(picture, *((high, wide) if sideways else (wide, high)))
    return DrawnPage(picture, origin)


def _dpi(image: Image.Image) -> tuple[int, int]:
    """Dots per inch across and down as the file says them; 0 where it says nothing to be believed."""
    wide, high = (round(float(found)) for found in image.info.get("dpi", (0, 0)))
    believed = wide in _DPI and high in _DPI and not {wide, high} & _GUESSED_DPI
    return (wide, high) if believed else (0, 0)


def _square(picture: Image.Image, wide: int, high: int) -> Image.Image:
    """Make the pixels square: fax machines send 204 dots across and 98 down."""
    size = round(picture.width * max(1, high / wide)), round(picture.height * max(1, wide / high))
    return _bounded(picture.resize(size, Image.Resampling.BILINEAR))


def _orientation(image: Image.Image) -> int:
    return int(image.getexif().get(_ORIENTATION, 1))


def _upright(image: Image.Image) -> Image.Image:
    # JPEG is decoded at a half, a quarter or an eighth at once, which costs least.
    times = _times(image)
    image.draft(None, (image.width // times, image.height // times))
    image.load()
    orientation = _orientation(image)  # only now: some decoders have set their picture upright by themselves
    page = _opaque(image)
    page = page.reduce(times) if (times := _times(page)) > 1 else page
    page = _bounded(page)
    page = _plain_colour(page, image.info.get("icc_profile"))
    return page.transpose(_TURNS[orientation]) if orientation in _TURNS else page


def _times(image: Image.Image) -> int:
    """By which whole number the picture can be made smaller and still be large enough."""
    return max(1, math.isqrt(image.width * image.height // _PIXELS_ENOUGH))


def _bounded(image: Image.Image) -> Image.Image:
    factor = bounded_scale(*image.size)
    if factor >= 1:
        return image
    size = max(1, int(image.width * factor)), max(1, int(image.height * factor))
    return image.resize(size, Image.Resampling.HAMMING)


def _opaque(image: Image.Image) -> Image.Image:
    """Return the picture with eight bits a channel, on white paper where it is transparent."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "F":
        return _stretched(image)
    if image.mode == "1":
        return image.convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB") if image.mode == "P" else image
    layer = image.convert("RGBA")
    paper = Image.new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper


def _stretched(image: Image.Image) -> Image.Image:
    """Grey from numbers of any range: their least is black, their greatest white."""
    extrema = image.getextrema()
    least, most = (float(cast(float, value)) for value in extrema)
    scale = 255 / (most - least) if most > least else 0.0
    return image.point(lambda value: value * scale - least * scale).convert("L")


def _plain_colour(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode in {"L", "RGB"}:
        return image
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return _converted(ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB"))
    if image.mode == "CMYK" and profile:
        try:
            srgb = ImageCms.createProfile("sRGB")
            return _converted(ImageCms.profileToProfile(image, BytesIO(profile), srgb, outputMode="RGB"))
        except ImageCms.PyCMSError:
            return image.convert("RGB")  # a damaged profile must not cost the page
    return image.convert("RGB")


def _converted(image: Image.Image | None) -> Image.Image:
    if image is None:
        raise ValueError("colour conversion gave no picture")
    return image
