"""Are the checkpoints whole, and is everything that they sealed still there? What does not fit is named.

Each one is held against its signature, the one before it, its own heads and the copy that is locked away in the store.
Whoever rewrites a chain from beginning to end leaves it whole in itself: only the sealed heads tell.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from engine.auditing import Breach
from engine.checkpoints.checkpoint_file import is_signed, read_file, tree_of
from engine.checkpoints.checkpointing import keys_of, read_locked
from engine.context import Context
from storage import checkpoints
from storage.checkpoint_keys import CheckpointKeys
from workflows.checkpoint import FOLDER, GENESIS, Head, Header, digest_of, first_difference, misfits, read_header
from workflows.errors import NotFound

_AT_A_TIME: Final = 200
_MOST: Final = 1000


@dataclass(slots=True)
class Checked:
    """What was looked at: checkpoints, heads that they seal, and what did not fit."""

    checkpoints: int = 0
    heads: int = 0
    breaches: list[Breach] = field(default_factory=list)


async def verify_checkpoints(context: Context) -> Checked:
    """Check every checkpoint, and everything that one seals.

    :raises DefinitionError: ``checkpoint_key_wrong``, where there are checkpoints and no keys.
    :raises Unavailable: when a server does not answer.
    """
    done = Checked()
    known: dict[str, tuple[str, str]] = {}
    strayed: list[tuple[int, Head]] = []
    before: Header | None = None
    digest, last = GENESIS, 0
    while rows := await checkpoints.listed(last, _AT_A_TIME):
        keys = keys_of(context)
        for row in rows:
            heads = await checkpoints.heads_of(row["number"])
            found = await asyncio.to_thread(_first, _faults(context, keys, row, heads, (before, digest)))
            done.breaches += [found] if found else []
            strayed += (await checkpoints.strayed(row["number"], _MOST))[: _MOST - len(strayed)]
            done.checkpoints, done.heads = done.checkpoints + 1, done.heads + len(heads)
            before, digest, last = _header(row) or before, row["digest"], row["number"]
            known[row["object_key"]] = (row["object_version"], row["object_digest"])
    done.breaches += await asyncio.to_thread(lambda: list(_unknown(context, known)))
    done.breaches += _once(strayed) + await _published()
    return done


async def verify_one(context: Context, number: int) -> Breach | None:
    """The first thing that does not fit one checkpoint; raises as :func:`verify_checkpoints`."""
    rows = await checkpoints.listed(max(number - 2, 0), 2)
    row = next((one for one in rows if one["number"] == number), None)
    if row is None:
        return _of({"number": number, "day": "?"}, "checkpoint_missing", "库中没有记录", "its row is missing")
    previous = next((one for one in rows if one["number"] == number - 1), None)
    before = (_header(previous), previous["digest"]) if previous else (None, GENESIS)
    heads = await checkpoints.heads_of(number)
    return await asyncio.to_thread(_first, _faults(context, keys_of(context), row, heads, before))


async def verify_sealed(number: str) -> list[Breach]:
    """The first event of a case that a checkpoint seals and that is not there any more as it was; at most one."""
    return _once(await checkpoints.strayed_of(number))


async def _published() -> list[Breach]:
    """Versions of items whose content is not what their digest says."""
    return [
        _breach(
            f"item:{row['code']}",
            row["version"],
            "item_altered",
            "内容与发布时的摘要不符",
            "its content is not what was published",
        )
        for row in await checkpoints.items()
        if hashlib.sha256(msgspec.json.encode(row["data"], order="sorted")).hexdigest() != row["digest"]
    ]


def _once(found: list[tuple[int, Head]]) -> list[Breach]:
    once: dict[str, Breach] = {}
    for checkpoint, head in found:
        once.setdefault(head.chain, rewritten(head, checkpoint))
    return list(once.values())


def rewritten(head: Head, checkpoint: int) -> Breach:
    """A chain that is not what a checkpoint sealed."""
    return _breach(
        head.chain,
        head.seq,
        "rewritten",
        f"与第 {checkpoint} 号校验点封存的摘要不符，事后被重写或删除",
        f"it is not what checkpoint {checkpoint} sealed: it was rewritten or removed afterwards",
    )


def _breach(chain: str, seq: int, code: str, zh: str, en: str) -> Breach:
    what = ("办件", "case") if ":" not in chain else ("链", "chain")
    return Breach(chain, seq, code, f"{what[0]} {chain} 第 {seq} 条：{zh}", f"{what[1]} {chain}, entry {seq}: {en}")


def _first(faults: Iterator[Breach]) -> Breach | None:
    return next(faults, None)


def _header(row: dict[str, Any]) -> Header | None:
    try:
        return read_header(row["header"])
    except ValueError:
        return None


def _faults(
    context: Context,
    keys: CheckpointKeys,
    row: dict[str, Any],
    heads: list[Head],
    before: tuple[Header | None, str],
) -> Iterator[Breach]:
    """Everything that is wrong with one checkpoint, what says most first. Blocks."""
    header, text = _header(row), row["header"].encode()
    if header is None or (header.number, header.day, header.key, digest_of(text)) != (
        row["number"], row["day"], row["key"], row["digest"]
    ):  # fmt: skip
        yield _of(row, "checkpoint_altered", "记录被改动过", "its row was altered")
        return
    yield from (_of(row, *told) for told in misfits(header, *before))
    if header.key not in keys.public:
        yield _of(row, "checkpoint_key_unknown", "签名密钥不在信任名单内", "it is signed by a key that is not trusted")
    elif not is_signed(header, text, row["signature"], keys):
        yield _of(
            row, "checkpoint_signature", "签名不符，是伪造的或被改动过", "its signature does not fit: forged or altered"
        )
    lines = [head.line() for head in heads]
    yield from _copy_faults(context, row, lines)
    if len(lines) != header.size or tree_of(lines, header.algorithm).root.hex() != header.root:
        yield _of(row, "checkpoint_heads", "封存的链头被改动过", "the heads that it seals were altered")


def _copy_faults(context: Context, row: dict[str, Any], lines: list[bytes]) -> Iterator[Breach]:
    """What of the locked file does not fit the rows; where only heads differ, the chain is named."""
    try:
        _, data = read_locked(context, row["object_key"], row["object_version"])
        held = context.objects.retained_until(row["object_key"], row["object_version"])
        copy = read_file(data)
    except NotFound:
        yield _of(row, "checkpoint_copy_missing", "对象存储中的副本缺失", "its file in the object store is gone")
        return
    except ValueError:
        yield _of(
            row, "checkpoint_copy_altered", "对象存储中的副本被改动过", "its file in the object store was altered"
        )
        return
    if copy.text.decode() != row["header"] or copy.signature.signature != row["signature"]:
        yield _of(
            row, "checkpoint_copy_differs", "与对象存储中锁定的副本不符", "it is not what is locked away in the store"
        )
    if parted := first_difference(copy.lines, lines):
        yield rewritten(Head(**parted[1]), row["number"])
    if hashlib.sha256(data).hexdigest() != row["object_digest"]:
        yield _of(
            row, "checkpoint_copy_altered", "对象存储中的副本被改动过", "its file in the object store was altered"
        )
    if held is None:
        yield _of(row, "checkpoint_unlocked", "副本未被锁定", "its file in the object store is not locked")


def _of(row: dict[str, Any], code: str, zh: str, en: str) -> Breach:
    number = row["number"]
    return Breach(f"checkpoint:{number}", number, code, f"checkpoint:{number} 校验点（{row['day']}）：{zh}",
                  f"checkpoint:{number} of {row['day']}: {en}")  # fmt: skip


def _unknown(context: Context, known: dict[str, tuple[str, str]]) -> Iterator[Breach]:
    """Files of checkpoints in the store that no row names, and locked versions that others were put over. Blocks.

    :param known: version and digest of the file that is named, by its key.
    """
    try:
        listed = list(context.objects.list_versions(FOLDER))
    except NotFound:  # no bucket yet, so no files
        return
    for key, version, deletion in listed:
        number = key.removeprefix(FOLDER).split("-")[0].lstrip("0")
        chain, seq = f"checkpoint:{number}", int(number) if number.isdecimal() else 0
        if key not in known:
            yield Breach(
                chain,
                seq,
                "checkpoint_row_missing",
                f"{chain} 校验点：库中没有记录，锁定的副本仍在对象存储中（{key}）",
                f"{chain}: its row is gone, its locked file is still in the store ({key})",
            )
        elif version != known[key][0] and (deletion or _digest(context, key, version) != known[key][1]):
            yield Breach(
                chain,
                seq,
                "checkpoint_covered",
                f"{chain} 校验点：对象存储中有人用另一版本或删除标记盖住了锁定的副本（{key}，{version}）",
                f"{chain}: another version or a deletion was put over its locked file ({key}, {version})",
            )


def _digest(context: Context, key: str, version: str) -> str:
    return hashlib.sha256(read_locked(context, key, version)[1]).hexdigest()
