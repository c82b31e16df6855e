"""What may be sent with an act: small named types that flow files refer to, compiled to strict msgspec structs."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from workflows.errors import Malformed
from workflows.party import mask_electronic_address, mask_id
from workflows.payload_reasons import NOT_BLANK, reason_of

Text = Annotated[str, Meta(min_length=1, max_length=4000, title="text")]
Reason = Annotated[str, Meta(min_length=1, max_length=4000, pattern=NOT_BLANK, title="text")]
"""Why an act is done. Other texts are held against blanks by their guards, which name the article."""
ShortText = Annotated[str, Meta(min_length=1, max_length=200)]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.\-]{1,40}$")]
Count = Annotated[int, Meta(ge=0, le=10_000)]


class MaterialCount(Struct, forbid_unknown_fields=True):
    """What was handed in for one line: counts of papers, or why none is needed.

    ``checked``: whoever counts has checked it as its grade asks (see :func:`workflows.proof.demanded`).
    """

    line: Code
    originals: Count = 0
    copies: Count = 0
    pages: Count = 0
    exempt: Literal["e_cert", "verified_before"] | None = None
    checked: bool = False


class Gap(Struct, forbid_unknown_fields=True):
    """One gap named in a consultation or pre-review (D02)."""

    material: Code
    defect: Text
    how_to_obtain: Text


class DefectLine(Struct, forbid_unknown_fields=True):
    """One line of the one-time notice (D03): what is wrong, what is asked, under which article."""

    material: Code
    defect: Text
    requirement: Text
    basis: Text
    how_to_obtain: ShortText | None = None


class Person(Struct, forbid_unknown_fields=True):
    """Somebody who takes or signs something; the number is checked, sealed and never logged."""

    name: ShortText
    id_kind: Code
    id_number: ShortText
    relation: Literal["self", "agent", "legal_representative", "family"] = "self"


class Officer(Struct, forbid_unknown_fields=True):
    """An officer who takes part in a site check: sign-in name and number of the enforcement card."""

    login: Code
    card: ShortText


class ThirdParty(Struct, forbid_unknown_fields=True):
    """Somebody with a major interest in the case (许可法36): who, and what the interest is."""

    name: ShortText
    interest: Text


TYPES: Final[dict[str, Any]] = {
    "text": Text,
    "short_text": ShortText,
    "code": Code,
    "count": Count,
    "rating_level": Annotated[int, Meta(ge=1, le=5)],
    "flag": bool,
    "date": date,
    "material_counts": Annotated[list[MaterialCount], Meta(min_length=1, max_length=100)],
    "gaps": Annotated[list[Gap], Meta(min_length=1, max_length=100)],
    "defect_lines": Annotated[list[DefectLine], Meta(min_length=1, max_length=100)],
    "line_numbers": Annotated[list[Annotated[int, Meta(ge=1)]], Meta(min_length=1, max_length=100)],
    "codes": Annotated[list[Code], Meta(min_length=1, max_length=100)],
    "person": Person,
    "officers": Annotated[list[Officer], Meta(min_length=1, max_length=20)],
    "third_parties": Annotated[list[ThirdParty], Meta(min_length=1, max_length=50)],
}
"""The names that a flow file may give as the ``type`` of a payload field."""

_MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "id_number": mask_id,
    "electronic_address": mask_electronic_address,
}
SEALED_FIELDS: Final = frozenset(_MASKS)
"""Payload fields that never reach the trail in clear."""


def redact(value: Any) -> Any:
    """The payload as the trail may keep it: identity numbers and addresses masked, everything else as sent."""
    if isinstance(value, Mapping):
        return {key: _MASKS[key](inner) if key in _MASKS else redact(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(inner) for inner in value]
    return value


LOGIN_FIELDS: Final = frozenset({"to", "host", "login"})
"""Payload fields that name a colleague by sign-in name."""


def named_logins(value: Any) -> list[str]:
    """Every sign-in name in a payload, as deep as it may stand."""
    if isinstance(value, Mapping):
        found = [inner for key, inner in value.items() if key in LOGIN_FIELDS and isinstance(inner, str)]
        return found + [name for inner in value.values() for name in named_logins(inner)]
    if isinstance(value, (list, tuple)):
        return [name for inner in value for name in named_logins(inner)]
    return []


_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Field(Struct, forbid_unknown_fields=True, frozen=True):
    """One payload field as a flow file declares it."""

    type: str
    title: str
    title_en: str
    required: bool = False
    choices: list[str] = []


def compile_payload(name: str, fields: Mapping[str, Field]) -> type[Struct]:
    """A struct that accepts exactly these fields.

    :raises ValueError: when a field is not named like an identifier, its type is not in :data:`TYPES`, or it is a
        choice of nothing.
    """
    members: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for key, spec in fields.items():
        kind: Any = _kind_of(key, spec)
        kind = Annotated[kind, Meta(extra_json_schema={"title": spec.title, "x-title-en": spec.title_en})]
        members.append((key, kind) if spec.required else (key, kind | None, None))
    return msgspec.defstruct(name, members, kw_only=True, forbid_unknown_fields=True, frozen=True)


def _kind_of(key: str, spec: Field) -> Any:
    if not key.isidentifier() or keyword.iskeyword(key) or not key.isascii():
        raise ValueError(f"{key!r} is no field name")
    if spec.type == "choice":
        if not spec.choices:
            raise ValueError(f"{key} is a choice of nothing")
        return Literal[tuple(spec.choices)]
    if spec.type not in TYPES:
        raise ValueError(f"{key} has the unknown type {spec.type}; known are {', '.join(sorted([*TYPES, 'choice']))}")
    return Reason if (key, spec.type) == ("reason", "text") else TYPES[spec.type]


def refuse_control_characters(value: Any) -> None:
    """Refuse text that a database, a printer or a reader would be misled by.

    :raises Malformed: ``control_character`` when any string inside has NUL, control or text-direction characters.
    """
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise Malformed(
                "control_character",
                "文字中有不可见的控制字符，请删除后重新提交。",
                "The text holds invisible control characters; remove them and send it again.",
            )
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            refuse_control_characters(key)
            refuse_control_characters(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            refuse_control_characters(inner)


def payload_invalid(problem: msgspec.ValidationError) -> Malformed:
    """The refusal of content that is not of its declared form; ``field`` is the JSON path of the place."""
    message, _, path = str(problem).partition(" - at `")
    where = path.rstrip("`") or "$"
    zh, en = reason_of(message)
    return Malformed(
        "payload_invalid",
        f"提交的内容有误（{where}）：{zh}。请更正后重新提交。",
        f"The payload is not right at {where}: {en}. Correct it and send it again.",
        field=where,
    )


def read_payload(kind: type[Struct], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The payload as plain values, or a refusal that names the field.

    :raises Malformed: ``payload_invalid``, with ``field`` (a JSON path), when a field is missing, unknown or of the
        wrong form.
    """
    refuse_control_characters(raw)
    try:
        value = msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return {key: inner for key, inner in plain.items() if inner is not None}
