"""Definition files: TOML or JSON in, typed values out, with every problem of the file named at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from types import NoneType, UnionType
from typing import Any, Final, Self, TypeVar, Union, get_args, get_origin

import msgspec

from workflows.errors import DefinitionError
from workflows.payload_reasons import reason_of

T = TypeVar("T", bound=msgspec.Struct)

_NESTED: Final = re.compile(r"""(?:\.\s*+(?:"[^"\n]*+"|'[^'\n]*+'|[\w-]++)\s*+){20}""")
"""A key of more parts than anybody writes; reading one takes time that grows with the square of its length."""


class Problem(str):
    """What is wrong at one place of a file: itself in English, ``zh`` in Chinese, each after the key of the place."""

    __slots__ = ("zh",)
    zh: str

    def __new__(cls, where: str, zh: str, en: str) -> Self:
        """:param where: the key, as written in the file; empty where the file as a whole is meant."""
        start = f"{where}: " if where else ""
        problem = super().__new__(cls, start + en)
        problem.zh = start + zh
        return problem


def decode(text: str, kind: type[T], filename: str) -> T:
    """Read one definition file strictly: unknown keys, missing keys and wrong values are all refused.

    :param text: TOML, or JSON as an export prints it.
    :param filename: named in the refusal, so that a person knows which file to open.
    :raises DefinitionError: ``definition_not_wellformed`` with every problem found.
    """
    raw = _raw(text, filename)
    problems = list(_struct_problems(raw, kind, ""))
    if problems:
        raise refusal(filename, problems)
    return msgspec.convert(raw, kind)


def _raw(text: str, filename: str) -> dict[str, Any]:
    refuse_nested(text, filename)
    try:
        raw = msgspec.json.decode(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refusal(filename, [Problem("", f"不是有效的 TOML：{_place_zh(str(error))}", str(error))]) from error
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise refusal(filename, [_not_json(text, str(error))]) from error
    except RecursionError:
        raise refusal(filename, [Problem("", "层次过多", "nested too deeply")]) from None
    found: dict[str, Any] = raw
    return found


def _place_zh(said: str) -> str:
    """Where a TOML file is wrong, as its reader says it in English."""
    found = re.search(r"at line (\d+), column (\d+)", said)
    return f"第{found[1]}行第{found[2]}列" if found else "文件末尾"


def _not_json(text: str, said: str) -> Problem:
    """What is wrong with a JSON text, by its line; its reader counts bytes."""
    found = re.search(r" \(byte (\d+)\)", said)
    if found is None:
        return Problem("", "不是有效的 JSON", said)
    line = text.encode()[: int(found[1])].count(b"\n") + 1
    return Problem("", f"不是有效的 JSON：第{line}行", said.replace(found[0], f" (line {line})"))


def refuse_nested(text: str, filename: str) -> None:
    """Refuse a text whose keys no reader gets through in good time.

    :raises DefinitionError: ``definition_not_wellformed``.
    """
    if _NESTED.search(text):
        raise refusal(filename, [Problem("", "键的层次超过二十级", "a key of more than twenty parts")])


def refusal(filename: str, problems: Sequence[str]) -> DefinitionError:
    """The error for a file that was not taken over, one problem a line, each beginning with its key.

    :param problems: those without words of their own in Chinese are told in English to everybody.
    """
    listed = [f"{filename}: {problem}" for problem in problems]
    listed_zh = [problem.zh if isinstance(problem, Problem) else problem for problem in problems]
    return DefinitionError(
        "definition_not_wellformed",
        f"文件 {filename} 有 {len(listed)} 处问题，未予采用，请逐条改正：\n" + "\n".join(listed_zh),
        f"{filename} has {len(listed)} problem(s) and was not taken over; correct each:\n" + "\n".join(listed),
        problems=listed,
    )


def _struct_problems(value: dict[str, Any], kind: type[msgspec.Struct], path: str) -> Iterator[Problem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key in value.keys() - fields.keys():
        yield Problem(f"{path}{key}", "没有这一项", "unknown key")
    for name, field in fields.items():
        if name in value and not (value[name] is None and NoneType in get_args(field.type)):
            yield from _value_problems(value[name], field.type, path + name)
        elif name not in value and field.required:
            yield Problem(f"{path}{name}", "缺少这一项", "missing")


def _value_problems(value: Any, kind: Any, path: str) -> Iterator[Problem]:
    kind = _without_none(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        yield from _struct_problems(value, kind, path + ".")
    elif get_origin(kind) is tuple and get_args(kind)[1:] == (...,) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _value_problems(item, get_args(kind)[0], f"{path}[{index}]")
    elif get_origin(kind) is dict and get_args(kind)[0] is str and isinstance(value, dict):
        for key, item in value.items():
            yield from _value_problems(item, get_args(kind)[1], f"{path}.{key}")
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            yield Problem(path, reason_of(str(error))[0], str(error))


def _without_none(kind: Any) -> Any:
    if get_origin(kind) not in (Union, UnionType):
        return kind
    members = [member for member in get_args(kind) if member is not NoneType]
    return members[0] if len(members) == 1 else kind
