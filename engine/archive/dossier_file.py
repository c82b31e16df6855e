"""The PDF of a dossier while it is bound: documents and pictures one after the other, each page with its number.

Pictures stay on disk until the file is written, so that memory does not grow with them.
"""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

from PIL import Image
from pypdf import PageObject, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
)

_A4: Final = (595.28, 841.89)
_MARGIN: Final = 24.0
"""Around a picture, in points; the number of the page stands in it."""
_STAMP: Final = "/PageNumber"
_SIZE: Final = 8
_DIGIT: Final = 0.556
"""Width of a digit of Helvetica, of its size."""
_SPACES: Final = {"L": "/DeviceGray", "RGB": "/DeviceRGB"}


class DossierFile:
    """Binds one dossier. :param pages: how many it will have, as every page says."""

    def __init__(self, title: str, pages: int) -> None:
        self._writer = PdfWriter()
        self._writer.add_metadata({"/Title": title, "/Producer": "Yichuang"})
        self._pages = pages
        self._font = self._writer._add_object(_helvetica())  # noqa: SLF001  # pypdf has no other way to share an object

    @property
    def bound(self) -> int:
        """How many pages there are so far."""
        return len(self._writer.pages)

    def add_pdf(self, made: bytes) -> int:
        """Bind a PDF in; how many pages it has."""
        before = self.bound
        self._writer.append(BytesIO(made), import_outline=False)
        for at in range(before, self.bound):
            self._stamp(self._writer.pages[at], at + 1)
        return self.bound - before

    def add_picture(self, path: Path) -> None:
        """Bind a JPEG in as a page, as large as it fits on A4, lying where it is wider than high.

        :param path: of a file that stays there until :meth:`write`.
        """
        with Image.open(path) as picture:
            width, height, space = *picture.size, _SPACES[picture.mode]
        across, down = _A4[::-1] if width > height else _A4
        scale = min((across - 2 * _MARGIN) / width, (down - 2 * _MARGIN) / height)
        shown, tall = width * scale, height * scale
        left, bottom = (across - shown) / 2, (down - tall) / 2
        page = self._writer.add_blank_page(across, down)
        image = self._writer._add_object(_Picture(path, width, height, space))  # noqa: SLF001  # as above
        names = DictionaryObject({NameObject("/Page"): image})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): names})
        drawn = f"q {shown:.2f} 0 0 {tall:.2f} {left:.2f} {bottom:.2f} cm /Page Do Q"
        page[NameObject("/Contents")] = ArrayObject([self._stream(drawn)])
        self._stamp(page, self.bound)

    def bookmark(self, title: str, page: int, under: IndirectObject | None = None) -> IndirectObject:
        """Name a page in the outline. :param page: from 1, of those that are bound already."""
        return self._writer.add_outline_item(title=title, page_number=page - 1, parent=under, is_open=under is None)

    def write(self, path: Path) -> None:
        """Write what is bound into a new file."""
        with path.open("wb") as file:
            self._writer.write_stream(file)

    def _stamp(self, page: PageObject, number: int) -> None:
        """Print the number of a page at its foot, on the right, whatever else is on it."""
        text = f"{number} / {self._pages}"
        right = float(page.mediabox.right) - _MARGIN - len(text) * _DIGIT * _SIZE
        foot = float(page.mediabox.bottom) + _MARGIN / 2
        resources = page.setdefault(NameObject("/Resources"), DictionaryObject()).get_object()
        fonts = resources.setdefault(NameObject("/Font"), DictionaryObject()).get_object()
        fonts[NameObject(_STAMP)] = self._font
        drawn_before = page.raw_get("/Contents") if "/Contents" in page else ArrayObject()
        held = drawn_before.get_object()
        before = held if isinstance(held, ArrayObject) else ArrayObject([drawn_before])
        drawn = f"Q q 0.2 g BT {_STAMP} {_SIZE} Tf {right:.2f} {foot:.2f} Td ({text}) Tj ET Q"
        page[NameObject("/Contents")] = ArrayObject([self._stream("q"), *before, self._stream(drawn)])

    def _stream(self, drawn: str) -> IndirectObject:
        stream = DecodedStreamObject()
        stream.set_data(drawn.encode())
        return self._writer._add_object(stream)  # noqa: SLF001  # as above


def _helvetica() -> DictionaryObject:
    """A face that every reader of PDF has; only digits are set in it."""
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    return DictionaryObject({NameObject(name): NameObject(value) for name, value in names.items()})


class _Picture(StreamObject):
    """A JPEG that is copied from its file when it is written, and never before."""

    def __init__(self, path: Path, width: int, height: int, space: str) -> None:
        super().__init__()
        self._path = path
        names = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": space, "/Filter": "/DCTDecode"}
        numbers = {"/Width": width, "/Height": height, "/BitsPerComponent": 8, "/Length": path.stat().st_size}
        self.update({NameObject(name): NameObject(value) for name, value in names.items()})
        self.update({NameObject(name): NumberObject(value) for name, value in numbers.items()})

    def write_to_stream(self, stream: IO[Any]) -> None:
        DictionaryObject.write_to_stream(self, stream)
        stream.write(b"\nstream\n")
        with self._path.open("rb") as file:
            shutil.copyfileobj(file, stream)
        stream.write(b"\nendstream")
