"""Good and bad scan files, made on the spot."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

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

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + width // 8) * height), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


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
