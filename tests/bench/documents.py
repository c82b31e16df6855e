"""Documents a second: from stored values to a checked PDF/A, beside Typst alone on the same templates and values."""

from __future__ import annotations

import time

import msgspec
import typst

from engine.documents.typesetting import FACES, STANDARD, TEMPLATES, Typesetter, code_of
from tests.documents import AT, samples
from workflows.documents.content import content
from workflows.documents.source import Source

ROUNDS = 5
COPIES = 6


def document_rounds() -> list[dict[str, float]]:
    """Both rates in documents a second, one process, several rounds; no two documents are the same."""
    bare, setter = _Bare(), Typesetter(FACES)
    bare.run(0)
    _run(setter, 0)
    return [{"bare": bare.run(2 * n + 1), "made": _run(setter, 2 * n + 2)} for n in range(ROUNDS)]


def _run(setter: Typesetter, round_: int) -> float:
    sources, begin = samples() * COPIES, time.perf_counter()
    for n, source in enumerate(sources):
        setter.pdf(content(source) | {"number": f"{round_}-{n}"}, AT)
    return len(sources) / (time.perf_counter() - begin)


class _Bare:
    """Typst with the values ready."""

    def __init__(self) -> None:
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FACES)])
        self._compiler = typst.Compiler(root=str(TEMPLATES), font_paths=fonts, ignore_system_fonts=True)

    def run(self, round_: int) -> float:
        ready = [self._ready(one, f"{round_}-{n}") for n, one in enumerate(samples() * COPIES)]
        begin = time.perf_counter()
        for code, values in ready:
            self._compiler.compile(
                input=TEMPLATES / f"{code}.typ",
                format="pdf",
                sys_inputs={"data": values},
                pdf_standards=STANDARD,
                timestamp=int(AT.timestamp()),
            )
        return len(ready) / (time.perf_counter() - begin)

    @staticmethod
    def _ready(source: Source, number: str) -> tuple[str, str]:
        values = content(source)
        seal = {**values["seal"], "image": None} if values["seal"] else None
        ready = {**values, "number": number, "qr": code_of(values["address"]), "seal": seal}
        return values["code"], msgspec.json.encode(ready).decode()
