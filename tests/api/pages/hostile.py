"""What a hostile or broken browser sends: addresses and forms made from those of the pages, spoilt by a seed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import quote

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from tests.api.pages.browser import Form

MARK: Final = "yc-hostile"
"""The name of an element; where a page shows it as an element, it has reflected what it was sent."""
GARBAGE: Final = (
    "", " ", "x", f"\"'><{MARK} a=b>", f"</textarea></script><{MARK}>", "{{ 7 * 7 }}", "'; DROP TABLE cases; --",
    "%s%n", "-1", "0", "1e309", "9" * 30, "99999999999999999999", "NaN", "٣", "²", "2026-02-30", "0000-00-00",
    "9999-12-31", "99999-01-01", "2026-03-02T09:00", "0001-01-01", "../../etc/passwd", "//evil.test/", "\\\\evil.test",
    "javascript:alert(1)", "\x00", "a\x00b", "\x1b[31m", "a\r\nX-Evil: 1", "\u202e", "\ufeff", "\U0001f600" * 20,
    "汉" * 400, "a" * 20_000, "00000000-0000-0000-0000-000000000000", "null", "[]", "{}", "on", "zh", "red", "clerk",
    "RECEIVED", "*", "eyJ", "AAAA",
)  # fmt: skip
RAW: Final = ("%ED%A0%80", "%FF%FE", "%", "%zz", "%u0041", "+", "&", "a=b=c", "%00", "%C0%AF", "%0d%0aX-Evil:%201")
"""Pieces of a query that are not even text."""
_PAGES: Final = Path(__file__).resolve().parents[3] / "api" / "pages"
_ASKED: Final = re.compile(r"""(?:asked|query_params\.get)\(\s*["'](\w+)["']""")
_PART: Final = re.compile(r"{(\w+):(\w+)}")

Sent = list[tuple[str, tuple[str | None, Any]]]
"""Parts of a multipart form: name, and file name (None for a field) with content."""


def parameters() -> list[str]:
    """Every query parameter that some page reads, and some that none does."""
    read = {name for path in _PAGES.glob("*.py") for name in _ASKED.findall(path.read_text("utf-8"))}
    return [*sorted(read), "csrf_token", "unknown", "__proto__"]


def page_routes(app: Litestar) -> list[tuple[str, set[str]]]:
    """The addresses of every page with their methods, parameters in braces."""
    found: dict[str, set[str]] = {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            own = isinstance(handler, HTTPRouteHandler) and handler.fn.__module__.startswith("api.pages.")
            if own and not route.path.startswith("/static/"):
                found.setdefault(route.path, set()).update(str(method) for method in handler.http_methods)
    return sorted((path, methods - {"OPTIONS"}) for path, methods in found.items())


@dataclass
class Spoiler:
    """Makes what is sent. :param known: values that exist, by the name of the part of an address."""

    random: Random
    known: dict[str, list[str]]

    def address(self, path: str) -> str:
        """An address of a route: parts that exist or do not, and parameters that mean something or do not."""
        filled = _PART.sub(lambda part: self._part(part[1], part[2]), path)
        names = parameters()
        pairs = [
            f"{self.random.choice(names)}={quote(self.value(), safe='')}" for _ in range(self.random.randint(0, 4))
        ]
        if pairs and self.random.random() < 0.3:
            pairs.append(pairs[0].partition("=")[0] + "=" + self.random.choice(RAW))
        if self.random.random() < 0.1:
            pairs.append(self.random.choice(RAW))
        return f"{filled}?{'&'.join(pairs)}" if pairs else filled

    def _part(self, name: str, kind: str) -> str:
        if self.random.random() < 0.6 and self.known.get(name):
            return quote(self.random.choice(self.known[name]), safe="")
        if kind == "uuid" and self.random.random() < 0.7:
            return "01890000-0000-7000-8000-000000000000"
        return quote(self.value().replace("/", "")[:300], safe="") or "x"

    def value(self) -> str:
        return self.random.choice(GARBAGE)

    def form(self, form: Form) -> list[tuple[str, str]]:
        """The fields of a form with something wrong: left out, doubled, filled with garbage, or added."""
        own = dict(form.fields)
        names = sorted({*form.names, *own})
        pairs = [(name, own.get(name, "")) for name in names]
        spoil = self.random.randint(0, 5)
        token = [pair for pair in pairs if pair[0] == "csrf_token"]
        typed = [pair for pair in pairs if pair[0] not in {"csrf_token", "key"}]
        if spoil == 0:
            return token
        if spoil == 1:
            return [*token, *((name, self.value()) for name, _ in typed)]
        if spoil == 2:
            return [*pairs, *((name, self.value()) for name, _ in typed)]
        if spoil == 3:
            return [
                *token,
                *self.random.sample(typed, self.random.randint(0, len(typed))),
                (self.value()[:50] or "x", "1"),
            ]
        if spoil == 4 and typed:
            wrong = self.random.choice(typed)[0]
            return [(name, self.value() if name == wrong else value) for name, value in pairs]
        return [(name, value) for name, value in pairs if name != "csrf_token"]
