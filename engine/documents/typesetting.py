"""Documents as PDF/A: the templates of :mod:`workflows.documents`, set by Typst in the faces installed at set-up."""

from __future__ import annotations

import base64
import sys
import threading
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import msgspec
import segno
import typst
from fontTools.ttLib import TTFont

from engine.settings import Settings
from workflows.documents.content import texts_of
from workflows.errors import Conflict, DefinitionError, Unavailable

TEMPLATES: Final = Path(str(resources.files("workflows.documents") / "templates"))
FACES: Final = Path(sys.prefix) / "share" / "yichuang" / "faces"
"""Where set-up puts the faces, unless ``faces_dir`` says otherwise."""
STANDARD: Final = "a-2b"
"""PDF/A-2b (ISO 19005-2): everything that is needed to show the page is in the file."""
_SHAPELESS: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_FIRST: Final = "NotoSerif"
"""Faces that have nearly everything; the others are opened for the characters that these lack."""


class Typesetter:
    """Sets documents; one for a process, used by one thread at a time.

    :param faces: a folder of TrueType or OpenType files; whatever is added to it is used too.
    :param seals: images of seals, ``<owner>-<kind>.svg`` or ``.png``; where there is none, a ring says which belongs.
    """

    def __init__(self, faces: Path, seals: Path | None = None, templates: Path = TEMPLATES) -> None:
        self._files = sorted(
            (file for file in faces.glob("*") if file.suffix.lower() in {".ttf", ".otf"}),
            key=lambda file: (not file.name.startswith(_FIRST), file.name),
        )
        self._seals, self._templates = seals, templates
        self._faces = faces
        self._unopened = list(self._files)
        self._known: set[int] = set()
        self._lock = threading.Lock()
        self._compiler: typst.Compiler | None = None

    def pdf(self, content: Mapping[str, Any], at: datetime) -> bytes:
        """The document as PDF/A-2b; the same content at the same moment gives the same bytes.

        :param content: as :func:`workflows.documents.content.content` gives it. :param at: date of the file, UTC.
        :raises Unavailable: ``faces_not_installed``.
        :raises Conflict: ``character_without_face``, naming every character that no face has.
        :raises DefinitionError: ``template_wrong``.
        """
        with self._lock:
            self._refuse_missing(texts_of(content))
            return self._set(content, "pdf", at)

    def check(self, content: Mapping[str, Any]) -> None:
        """Refuse a document that cannot be printed as it stands. Refusals as in :meth:`pdf`."""
        with self._lock:
            self._refuse_missing(texts_of(content))

    def png(self, content: Mapping[str, Any], at: datetime, ppi: float = 60) -> bytes:
        """The first page as an image, to look at. :param ppi: pixels an inch. Refusals as in :meth:`pdf`."""
        with self._lock:
            return self._set(content, "png", at, ppi)

    def _set(self, content: Mapping[str, Any], form: Any, at: datetime, ppi: float | None = None) -> bytes:
        values = {
            **content,
            "qr": code_of(content["scanned"]) if content["scanned"] else None,
            "seal": self._seal(content["seal"]),
        }
        path = self._templates / f"{content['code']}.typ"
        try:
            made = self._ready().compile(
                input=path,
                format=form,
                ppi=ppi,
                sys_inputs={"data": msgspec.json.encode(values).decode()},
                pdf_standards=STANDARD if form == "pdf" else [],
                timestamp=int(at.timestamp()),
            )
        except typst.TypstError as problem:
            raise _template_wrong(path, problem) from problem
        return made[0] if isinstance(made, list) else made or b""

    def _ready(self) -> typst.Compiler:
        if not self._files:
            raise Unavailable(
                "faces_not_installed",
                f"打印文书的字体没有安装（{self._faces}）。请系统管理员运行 make up 安装后重试。",
                f"The type faces of documents are not installed in {self._faces}; run make up and try again.",
            )
        if self._compiler is None:
            fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(self._faces)])
            self._compiler = typst.Compiler(root=str(self._templates), font_paths=fonts, ignore_system_fonts=True)
        return self._compiler

    def _refuse_missing(self, texts: Iterable[str]) -> None:
        self._ready()
        missing = self._missing({ord(one) for text in texts for one in text if not _shapeless(one)})
        if missing:
            named = [f"{chr(one)}（U+{one:04X}）" for one in sorted(missing)]
            raise Conflict(
                "character_without_face",
                f"文书中有字库里没有的字：{'、'.join(named)}。文书暂不打印，请系统管理员补充字体后重试。",
                f"No installed face has {', '.join(f'U+{one:04X}' for one in sorted(missing))};"
                " the document is not printed until one is added.",
                characters=[chr(one) for one in sorted(missing)],
            )

    def _missing(self, wanted: set[int]) -> set[int]:
        while wanted - self._known and self._unopened:
            with TTFont(self._unopened.pop(0), lazy=True) as face:
                self._known |= set(face.getBestCmap() or ())
        return wanted - self._known

    def _seal(self, seal: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if seal is None else {**seal, "image": self._seal_image(f"{seal['owner']}-{seal['kind']}")}

    def _seal_image(self, name: str) -> str | None:
        """The seal as SVG; a PNG is wrapped into one."""
        for suffix in (".svg", ".png"):
            path = self._seals / (name + suffix) if self._seals else None
            if path is None or not path.is_file():
                continue
            if suffix == ".svg":
                return path.read_text("utf-8")
            inner = base64.b64encode(path.read_bytes()).decode()
            return (
                '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
                f'<image width="100" height="100" href="data:image/png;base64,{inner}"/></svg>'
            )
        return None


@lru_cache(maxsize=2)
def _typesetter(faces: Path, seals: Path | None, changed: int) -> Typesetter:  # noqa: ARG001  # part of the key
    return Typesetter(faces, seals)


def typesetter(settings: Settings) -> Typesetter:
    """The typesetter of this process; another one once a face was added."""
    faces = settings.faces_dir or FACES
    return _typesetter(faces, settings.seals_dir, faces.stat().st_mtime_ns if faces.is_dir() else 0)


@lru_cache(maxsize=256)
def code_of(text: str, *, sized: bool = True) -> str:
    """The QR code that a telephone reads, as SVG: the address of the status, else the query code alone.

    :param sized: with a size of its own; else it fills the place that it is put in.
    """
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=1, omitsize=not sized)
    return drawn.getvalue().decode()


def _shapeless(character: str) -> bool:
    """Whether nothing is drawn for a character: spaces, controls, variation selectors."""
    code = ord(character)
    selector = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
    return selector or unicodedata.category(character) in _SHAPELESS


def _template_wrong(path: Path, problem: typst.TypstError) -> DefinitionError:
    return DefinitionError(
        "template_wrong",
        f"文书模板 {path.name} 无法排版：{problem.message}",
        f"The document template {path.name} cannot be set: {problem.message}",
        template=path.name,
        diagnostic=problem.diagnostic,
    )
