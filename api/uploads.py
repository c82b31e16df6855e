"""Takes one uploaded file off the wire, chunk by chunk, never whole in memory."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from litestar import Request
from litestar.exceptions import InternalServerException
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from engine.settings import Settings
from storage.scan_files import Received, UploadSink
from workflows.errors import Malformed, TooLarge, Unsupported

ENVELOPE_BYTES: Final = 64 * 1024
"""What a request may be longer than its file: boundaries, part headers and a few small fields."""
_FIELD_BYTES: Final = 4 * 1024
_WRITE_BYTES: Final = 256 * 1024

Fields = Mapping[str, str]


def _anything_goes(_: Fields) -> None:
    """The default check of the fields before the file: none."""


@asynccontextmanager
async def receive_file(
    request: Request[Any, Any, Any], settings: Settings, check: Callable[[Fields], None] = _anything_goes
) -> AsyncIterator[Received]:
    """The file of a multipart request, part name ``file``; its bytes are gone when the block ends.

    The route sets ``request_max_body_size=None``: the limit here is ``settings.upload_max_bytes``.

    :param check: called with the small fields that came before the file, before its first byte;
        may refuse.
    :raises Unsupported: ``multipart_needed``. :raises TooLarge: ``file_too_large``.
    :raises Malformed: ``upload_incomplete`` when the request ends early or is not well formed, ``file_missing``,
        ``one_file_only``, and what :meth:`storage.scan_files.UploadSink.finish` refuses.
    """
    boundary = _boundary(request, settings)
    directory = Path(settings.upload_dir or tempfile.gettempdir())
    with UploadSink(directory, settings.upload_max_bytes, settings.digest_algorithm) as sink:
        upload = _Upload(sink, check)
        try:
            with PushMultipartParser(boundary, max_segment_count=8) as parser:
                async for chunk in request.stream():
                    for event in parser.parse(chunk) if chunk else ():
                        await upload.take(event)
        except (MultipartError, InternalServerException) as problem:
            raise Malformed(
                "upload_incomplete",
                "文件没有传完，未保存任何内容。请检查网络后重新上传。",
                "The upload ended early and nothing was kept; check the connection and send it again.",
            ) from problem
        yield await upload.finish()


def _boundary(request: Request[Any, Any, Any], settings: Settings) -> str:
    kind, options = parse_options_header(request.headers.get("Content-Type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Unsupported(
            "multipart_needed",
            "请以 multipart/form-data 方式上传文件，文件字段名为 file。",
            "Send the file as multipart/form-data, in a part named file.",
        )
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > settings.upload_max_bytes + ENVELOPE_BYTES:
        mebibytes = settings.upload_max_bytes / 1024**2
        raise TooLarge(
            "file_too_large",
            f"文件超过 {mebibytes:g} MB。请降低分辨率（建议 300 dpi）或拆分后上传。",
            f"The file is larger than {mebibytes:g} MB. Scan at a lower resolution or split it.",
            max_bytes=settings.upload_max_bytes,
        )
    return str(options["boundary"])


class _Upload:
    """The parts of one request as they arrive: small fields, then one file."""

    def __init__(self, sink: UploadSink, check: Callable[[Fields], None]) -> None:
        self._sink = sink
        self._check = check
        self._fields: dict[str, str] = {}
        self._segment: MultipartSegment | None = None
        self._file: MultipartSegment | None = None
        self._buffer = bytearray()

    async def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        """One event of the parser: a part begins, goes on, or ends."""
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._end()
        else:
            self._buffer += event
            await self._store()

    def _begin(self, segment: MultipartSegment) -> None:
        self._segment = segment
        if segment.name != "file":
            return
        if self._file is not None:
            raise Malformed("one_file_only", "一次只能上传一个文件。", "Upload one file at a time.")
        self._check(self._fields)
        self._file = segment

    async def _store(self) -> None:
        if self._segment is not self._file:
            if len(self._buffer) > _FIELD_BYTES:
                raise Malformed("field_too_long", "表单字段过长。", "A field of the form is too long.")
        elif len(self._buffer) >= _WRITE_BYTES:
            await asyncio.to_thread(self._sink.feed, bytes(self._buffer))
            self._buffer.clear()

    def _end(self) -> None:
        if self._segment is not None and self._segment is not self._file:
            self._fields[self._segment.name] = self._buffer.decode("utf-8", "replace")
        elif self._buffer:
            self._sink.feed(bytes(self._buffer))
        self._buffer.clear()
        self._segment = None

    async def finish(self) -> Received:
        """The complete file, its outside judged."""
        if self._file is None:
            raise Malformed("file_missing", "请选择要上传的文件。", "Choose a file to upload.")
        return await asyncio.to_thread(self._sink.finish, self._file.content_type or None, self._file.filename)
