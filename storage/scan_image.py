"""Images as scans: looks into a file without decoding it, then gives its pages upright and in plain colour.

Runs in the child process of ``storage.scan_child`` only: what it reads is hostile until proved otherwise. A
decoder that stumbles may raise anything; that means a broken file.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms

from storage.file_kinds import FileKind
from storage.scan_pages import PAGE_HEIGHT, PAGE_WIDTH, PAGE_WIDTH_ENOUGH, check_pixels
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


def inspect_image(path: Path, kind: FileKind, limits: Limits) -> int:
    """Return the number of frames.

    :raises BadFileError: the file is cut off, animated, or too large in frames or pixels.
    """
    with _open(path, kind) as image:
        if kind is FileKind.tiff:
            return _count_frames(image, limits)
        if kind is FileKind.png and not _whole_png(path):
            raise BadFileError("file_broken")
        # A phone's JPEG may carry a second picture for depth or brightness; only the first is the page.
        if kind is not FileKind.jpeg and getattr(image, "is_animated", False):
            raise BadFileError("animated_image")
        check_pixels(*image.size, limits)
        return 1


def image_pages(path: Path, kind: FileKind) -> Iterator[Image.Image]:
    """Give the frames one by one, at most ``PAGE_WIDTH`` × ``PAGE_HEIGHT`` upright, in sRGB or grey."""
    with _open(path, kind) as image:
        if kind is FileKind.tiff:
            for _ in _frames(image):
                yield _upright(image)
        else:
            yield _upright(image)


def _open(path: Path, kind: FileKind) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # sizes are checked here, against the limits of this file
    return Image.open(path, formats=(kind.value.upper(),))


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


def _upright(image: Image.Image) -> Image.Image:
    orientation = image.getexif().get(_ORIENTATION, 1)
    sideways = orientation in _SIDEWAYS
    # JPEG is decoded at a half, a quarter or an eighth at once, which costs least.
    times = _times(image, sideways)
    image.draft(None, (image.width // times, image.height // times))
    page = _opaque(image)
    page = page.reduce(times) if (times := _times(page, sideways)) > 1 else page
    page = _bounded(page, sideways)
    page = _plain_colour(page, image.info.get("icc_profile"))
    return page.transpose(_TURNS[orientation]) if orientation in _TURNS else page


def _times(image: Image.Image, sideways: bool) -> int:
    """By which whole number the picture can be made smaller and still be ``PAGE_WIDTH_ENOUGH`` wide."""
    return max(1, (image.height if sideways else image.width) // PAGE_WIDTH_ENOUGH)


def _bounded(image: Image.Image, sideways: bool) -> Image.Image:
    width, height = (PAGE_HEIGHT, PAGE_WIDTH) if sideways else (PAGE_WIDTH, PAGE_HEIGHT)
    factor = min(width / image.width, height / image.height)
    if factor >= 1:
        return image
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return image.resize(size, Image.Resampling.HAMMING)


def _opaque(image: Image.Image) -> Image.Image:
    """Return the picture with eight bits a channel, on white paper where it is transparent."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "1":
        return image.convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB") if image.mode == "P" else image
    layer = image.convert("RGBA")
    paper = Image.new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper


def _plain_colour(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode in {"L", "RGB"}:
        return image
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
