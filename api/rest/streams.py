"""Objects of the store on their way out: read off the event loop, closed whoever ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from storage.object_stream import CHUNK_BYTES, ObjectStream


async def chunks_of(stream: ObjectStream) -> AsyncIterator[bytes]:
    """What a stream holds, piece by piece; closed at the end."""
    try:
        while chunk := await asyncio.to_thread(stream.read, CHUNK_BYTES):
            yield chunk
    finally:
        stream.close()
