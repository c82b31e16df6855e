"""The files of the pages under ``/static``: made small for the wire once, and kept by browsers for good.

Only these are compressed. A page holds what only its reader may know beside what its address says; compressed, its
length would tell one from the other (BREACH), so pages go over the wire as they are.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

from litestar import HttpMethod, Request, Response, route
from litestar.params import FromPath

from api.headers import SECURITY_HEADERS
from workflows.errors import NotFound

_FOLDERS: Final = (
    Path(sys.prefix) / "share" / "yichuang" / "scripts",
    Path(__file__).resolve().parent.parent / "static",
)
"""The scripts of others that set-up installs, without which the pages work, only slower to use; and our own files."""
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_NO_GZIP: Final = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


@cache
def _files() -> dict[str, Path]:
    """Every file that there is, by name."""
    folders = (folder for folder in _FOLDERS if folder.is_dir())
    return {path.name: path for folder in folders for path in folder.iterdir() if path.is_file()}


@cache
def _content(name: str) -> bytes:
    return _files()[name].read_bytes()


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_content(name), mtime=0)


@cache
def _digest(name: str) -> str:
    return hashlib.sha256(_content(name)).hexdigest()[:12]


def static_url(name: str) -> str:
    """The address of a file, which changes whenever its content does, so that browsers may keep it for good.

    :raises KeyError: where there is no such file.
    """
    return f"/static/{name}?v={_digest(name)}"


def installed(name: str) -> bool:
    """Whether a file is there: set-up may not have installed a script."""
    return name in _files()


@route("/static/{name:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
async def asset_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """A file of the pages, small where the browser can unpack it; only a word where it has the file already.

    :raises NotFound: ``not_found``.
    """
    if not installed(name):
        raise NotFound("not_found", "没有这个地址。", "There is no such address.")
    packs = _takes_gzip(request.headers.get("Accept-Encoding", "")) and len(_packed(name)) < len(_content(name))
    tag = f'"{_digest(name)}{"-gzip" if packs else ""}"'
    headers = {**SECURITY_HEADERS, "Cache-Control": _FOR_GOOD, "ETag": tag, "Vary": "Accept-Encoding"}
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if tag in request.headers.get("If-None-Match", ""):
        return Response(b"", status_code=304, headers=headers, media_type=kind)
    if packs:
        headers["Content-Encoding"] = "gzip"
    return Response(_packed(name) if packs else _content(name), headers=headers, media_type=kind)


def _takes_gzip(accepted: str) -> bool:
    return "gzip" in accepted and not _NO_GZIP.search(accepted)
