"""JSON bodies, read strictly: what is not declared is refused, and nothing is guessed."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from litestar._openapi.schema_generation import SchemaCreator
from litestar.dto import AbstractDTO
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from api.errors import Unreadable
from workflows.errors import Unsupported
from workflows.payload import payload_invalid, refuse_control_characters

T = TypeVar("T")


class Strict(AbstractDTO[T]):
    """Reads the body of a request as ``T``; used as ``dto=Strict[Opening]``."""

    def decode_bytes(self, value: bytes) -> Any:
        """The body as ``T``; refusals as in :func:`read_json`."""
        return read_json(value, self.asgi_connection.headers.get("Content-Type", ""), self.model_type)

    @classmethod
    def create_for_field_definition(cls, *_: Any, **__: Any) -> None:
        """Nothing to prepare: no transfer model stands between the bytes and ``T``."""

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,  # noqa: ARG003  # the signature is the library's
        schema_creator: SchemaCreator,
    ) -> Reference | Schema:
        """Describe the body by ``T`` itself."""
        return schema_creator.for_field_definition(field_definition)


def read_json(body: bytes, content_type: str, kind: Any) -> Any:
    """Decode a JSON body.

    :param content_type: the header; only ``application/json`` is taken, so that no plain HTML form can send one.
    :raises Unsupported: ``media_type_not_supported``. :raises Unreadable: ``malformed_json``.
    :raises Malformed: ``control_character``, or ``payload_invalid`` with the JSON path of the place.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Unsupported(
            "media_type_not_supported",
            "请以 application/json 提交内容。",
            "Send the content as application/json.",
        )
    try:
        raw = msgspec.json.decode(body)
        refuse_control_characters(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable(
            "malformed_json",
            "提交的内容不是有效的 JSON。请更正后重新提交。",
            "The body is not valid JSON; correct it and send it again.",
        ) from None
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None
