"""Takes many uploaded files off the wire in one request, each on its own: a bad one spoils no other."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from litestar import Request
from litestar.exceptions import InternalServerException
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from engine.capture.capturing import MOST_FILES
from engine.settings import Settings
from storage.scan_files import Received, UploadSink
from workflows.errors import Malformed, Unavailable, Unsupported, YichuangError

_FIELD_BYTES: Final = 4 * 1024
_WRITE_BYTES: Final = 256 * 1024

Line = dict[str, Any]
Take = Callable[[Received], Awaitable[Line]]
Refuse = Callable[[str, YichuangError], Awaitable[Line]]
Fields = dict[str, str]


async def receive_files(
    request: Request[Any, Any, Any], settings: Settings, begin: Callable[[Fields], Awaitable[tuple[Take, Refuse]]]
) -> list[Line]:
    """Every file of a multipart request, part name ``file``, handed on as soon as it is complete.

    The route sets ``request_max_body_size=None``: each file is held to ``settings.upload_max_bytes``.

    :param begin: called with the small fields before the first file; gives what takes a good file and what notes a
        bad one.
    :returns: what they said of each file, in order.
    :raises Unsupported: ``multipart_needed``. :raises Malformed: ``upload_incomplete`` when the request ends early;
        the files before that are kept, the one under way is not. ``file_missing``, ``field_too_long``.
    :raises Unavailable: a server does not answer; the files before that are kept.
    """
    kind, options = parse_options_header(request.headers.get("Content-Type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Unsupported(
            "multipart_needed",
            "请以 multipart/form-data 方式上传文件，文件字段名为 file，可以有多个。",
            "Send the files as multipart/form-data, each in a part named file.",
        )
    with ExitStack() as stack:
        files = _Files(stack, settings, begin)
        try:
            with PushMultipartParser(str(options["boundary"]), max_segment_count=MOST_FILES + 8) as parser:
                async for chunk in request.stream():
                    for event in parser.parse(chunk) if chunk else ():
                        await files.take(event)
        except (MultipartError, InternalServerException) as problem:
            raise Malformed(
                "upload_incomplete",
                f"上传中断，前{len(files.lines)}个文件已处理，其余没有传完、未保存。请重新上传其余文件。",
                f"The upload ended early. The first {len(files.lines)} files were taken; send the others again.",
                taken=len(files.lines),
            ) from problem
        if not files.lines:
            raise Malformed("file_missing", "请选择要上传的文件。", "Choose at least one file.")
        return files.lines


class _Files:
    """The parts of one request as they arrive: small fields, then files."""

    def __init__(
        self, stack: ExitStack, settings: Settings, begin: Callable[[Fields], Awaitable[tuple[Take, Refuse]]]
    ) -> None:
        self._stack, self._settings, self._begin = stack, settings, begin
        self._fields: Fields = {}
        self._hands: tuple[Take, Refuse] | None = None
        self._segment: MultipartSegment | None = None
        self._sink: UploadSink | None = None
        self._refusal: YichuangError | None = None
        self._buffer = bytearray()
        self.lines: list[Line] = []

    async def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        """One event of the parser: a part begins, goes on, or ends."""
        if isinstance(event, MultipartSegment):
            await self._start(event)
        elif event is None:
            await self._end()
        elif self._refusal is None:
            self._buffer += event
            await self._store()

    async def _start(self, segment: MultipartSegment) -> None:
        self._segment = segment
        self._refusal = None
        if segment.name == "file" and segment.filename is not None:
            self._hands = self._hands or await self._begin(self._fields)
            directory = Path(self._settings.upload_dir or tempfile.gettempdir())
            limit, algorithm = self._settings.upload_max_bytes, self._settings.digest_algorithm
            self._sink = self._stack.enter_context(UploadSink(directory, limit, algorithm))

    async def _store(self) -> None:
        if self._sink is None:
            if len(self._buffer) > _FIELD_BYTES:
                raise Malformed("field_too_long", "表单字段过长。", "A field of the form is too long.")
        elif len(self._buffer) >= _WRITE_BYTES:
            await self._feed(self._sink)

    async def _feed(self, sink: UploadSink) -> None:
        data = bytes(self._buffer)
        self._buffer.clear()
        try:
            await asyncio.to_thread(sink.feed, data)
        except Unavailable:
            raise
        except YichuangError as refusal:
            self._refusal = refusal

    async def _end(self) -> None:
        segment, self._segment = self._segment, None
        sink, self._sink = self._sink, None
        if segment is not None and sink is None:
            self._fields[segment.name] = self._buffer.decode("utf-8", "replace")
        elif segment is not None and sink is not None and (segment.filename or sink.size or self._buffer):
            # A form without a chosen file sends one without name and bytes.
            if self._refusal is None:
                await self._feed(sink)
            self.lines.append(await self._judged(segment, sink))
        if sink is not None:
            sink.close()
        self._buffer.clear()

    async def _judged(self, segment: MultipartSegment, sink: UploadSink) -> Line:
        assert self._hands is not None  # noqa: S101  # set when the part began
        take, refuse = self._hands
        try:
            if self._refusal is not None:
                raise self._refusal
            received = await asyncio.to_thread(sink.finish, segment.content_type or None, segment.filename)
            return await take(received)
        except Unavailable:
            raise
        except YichuangError as refusal:
            return await refuse(segment.filename or "", refusal)
