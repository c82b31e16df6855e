"""校验点: each day of the hall is sealed once it is over; a day that was missed is made up, in order.

The file in the store comes first and the rows follow it: a maker that dies in between leaves a signed file, and the
next one keeps its rows before it makes another. So a number is never given to two checkpoints.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import structlog

from engine.checkpoints.checkpoint_file import CheckpointFile, is_signed, read_file, sign_file, tree_of
from engine.context import Context
from engine.judging import DAYS_A_YEAR, lock_away
from storage import alarms, checkpoints
from storage.checkpoint_keys import CheckpointKeys, Signer, load_checkpoint_keys
from storage.db import transaction
from workflows.checkpoint import FOLDER, FORMAT, GENESIS, LEAVES, Head, Header, due_days, end_of, read_header
from workflows.errors import DefinitionError, YichuangError

KEY_FILE: Final = "checkpoint.toml"
"""Name of the key file beside the one for personal data, unless a setting names another."""
ALARM: Final = "checkpoint_not_made"
"""The alarm of days that could not be sealed."""
_SUBJECT: Final = "checkpoints"
_IN_ONE_SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_LOG: Final = structlog.get_logger("checkpoints")


def key_file(context: Context) -> Path:
    """Where the keys of checkpoints are."""
    settings = context.settings
    return settings.checkpoint_key_file or settings.key_file.with_name(KEY_FILE)


def keys_of(context: Context) -> CheckpointKeys:
    """The keys that checkpoints are signed with and verified by.

    :raises DefinitionError: ``checkpoint_key_wrong``.
    """
    try:
        return load_checkpoint_keys(key_file(context))
    except ValueError as problem:
        raise DefinitionError(
            "checkpoint_key_wrong",
            f"校验点签名密钥无法使用：{problem}。请从备份恢复，或运行 yichuang audit key new 建立新密钥。",
            f"The keys of checkpoints cannot be used: {problem}. Restore them from a backup, or make new ones by"
            " yichuang audit key new.",
        ) from problem


async def watch_checkpoints(context: Context, now: datetime) -> int:
    """What a worker does in turn: seal what is due, and raise an alarm where that cannot be done; how many were made.

    :param now: UTC. :raises YichuangError: why it cannot be done, after the alarm was raised.
    """
    try:
        made = await make_checkpoints(context, now)
    except YichuangError as problem:
        async with transaction() as connection:
            await alarms.sound(connection, ALARM, _SUBJECT, {"code": problem.code, "zh": problem.zh}, now)
        raise
    if made:
        async with transaction() as connection:
            await alarms.close(connection, ALARM, _SUBJECT, now)
    return len(made)


async def make_checkpoints(
    context: Context, now: datetime, *, at_once: bool = False, leaves: int = LEAVES
) -> list[int]:
    """Seal every day that is over and is not sealed; while another process does, nothing is done.

    :param now: UTC. :param at_once: also what there is of today. :param leaves: heads in one at most.
    :returns: the numbers of the checkpoints that were made.
    :raises DefinitionError: ``checkpoint_key_wrong``, ``checkpoint_key_missing``.
    :raises Unavailable: when a server does not answer.
    """
    zone = context.hours(None).zone
    last = await checkpoints.newest()
    if not at_once and not due_days(read_header(last["header"]) if last else None, now, zone):
        return []
    keys = keys_of(context)
    if keys.signer is None:
        raise DefinitionError(
            "checkpoint_key_missing",
            "本进程的密钥文件没有签名密钥，不能形成校验点。",
            "The key file of this process has no key that signs, so it makes no checkpoints.",
        )
    made: list[int] = []
    async with checkpoints.held() as mine:
        if mine:
            await _adopt(context, keys)
            last = await checkpoints.newest()
            ends = [
                (day, end_of(day, zone)) for day in due_days(read_header(last["header"]) if last else None, now, zone)
            ]
            ends += [(now.astimezone(zone).date(), now)] if at_once else []
            for day, end in ends:
                made += await _close_day(_Maker(context, keys.signer, now, leaves), day, end)
    return made


class _Maker(NamedTuple):
    """What makes checkpoints: by which key, when (UTC), and how many heads go into one."""

    context: Context
    signer: Signer
    now: datetime
    leaves: int


async def _close_day(maker: _Maker, day: date, until: datetime) -> list[int]:
    made: list[int] = []
    after, more = "", True
    last = await checkpoints.newest()
    until = max(until, read_header(last["header"]).until) if last else until
    while more:
        async with transaction() as connection:
            await connection.execute(_IN_ONE_SNAPSHOT)
            cases = await checkpoints.case_heads(connection, until, after, maker.leaves)
            heads = cases if len(cases) == maker.leaves else cases + await checkpoints.other_heads(connection)
        more = len(heads) >= maker.leaves
        after = cases[-1].chain if cases else after
        made.append(await _seal(maker, day, until, heads[: maker.leaves]))
    return made


async def _seal(maker: _Maker, day: date, until: datetime, heads: list[Head]) -> int:
    context, signer, now, _ = maker
    last = await checkpoints.newest()
    algorithm = context.settings.digest_algorithm
    lines = [head.line() for head in heads]
    header = Header(
        format=FORMAT,
        number=last["number"] + 1 if last else 1,
        day=day,
        until=until,
        made_at=now,
        algorithm=algorithm,
        size=len(lines),
        root=tree_of(lines, algorithm).root.hex(),
        previous=last["digest"] if last else GENESIS,
        key=signer.key,
        signed_with=signer.algorithm,
    )
    signed = sign_file(header, lines, signer)
    data = signed.bytes()
    version, held = await _lock(context, key_of(signed), data, now)
    await _keep(signed, key_of(signed), version, data, held)
    return header.number


def key_of(signed: CheckpointFile) -> str:
    """The key under which a checkpoint is locked away: by number, so that they are listed in order."""
    return f"{FOLDER}{signed.header.number:08d}-{signed.header.day}-{signed.digest[:16]}.jsonl"


async def _lock(context: Context, key: str, data: bytes, now: datetime) -> tuple[str, datetime]:
    """Put a file into the evidence under retention; its version and the end of its lock."""
    until = now + timedelta(days=DAYS_A_YEAR * context.settings.checkpoint_years)
    incoming = {"object_key": key.replace("/", "-"), "digest": hashlib.sha256(data).hexdigest()}
    with tempfile.NamedTemporaryFile(prefix="yc-checkpoint-") as file:
        file.write(data)
        file.flush()
        await asyncio.to_thread(context.objects.put_incoming, incoming["object_key"], Path(file.name))
    locked = await lock_away(context, incoming, key, until)
    await asyncio.to_thread(context.objects.drop_incoming, incoming["object_key"])
    return locked


async def _keep(signed: CheckpointFile, key: str, version: str, data: bytes, held: datetime) -> None:
    header = signed.header
    row: dict[str, Any] = {
        "number": header.number, "day": header.day, "header": signed.text.decode(), "digest": signed.digest,
        "key": header.key, "signature": signed.signature.signature, "object_key": key, "object_version": version,
        "object_digest": hashlib.sha256(data).hexdigest(), "size": len(data), "retain_until": held,
        "made_at": header.made_at,
    }  # fmt: skip
    async with transaction() as connection:
        await checkpoints.add(connection, row, signed.heads())


async def _adopt(context: Context, keys: CheckpointKeys) -> None:
    """Keep the rows of checkpoints that are locked away already, because their maker died or the rows were lost."""
    while True:
        last = await checkpoints.newest()
        number = last["number"] + 1 if last else 1
        start = f"{FOLDER}{number:08d}"
        found = await asyncio.to_thread(context.objects.list_evidence, start, 10)
        for key in (one.key for one in found if one.key.startswith(f"{start}-")):
            if await _adopted(context, keys, key, last["digest"] if last else GENESIS):
                break
        else:
            return


async def _adopted(context: Context, keys: CheckpointKeys, key: str, previous: str) -> bool:
    version, data = await asyncio.to_thread(read_locked, context, key)
    try:
        signed = read_file(data)
    except ValueError:
        return False
    if signed.header.previous != previous or not is_signed(
        signed.header, signed.text, signed.signature.signature, keys
    ):
        return False
    held = await asyncio.to_thread(context.objects.retained_until, key, version)
    if held is None:
        return False
    _LOG.warning("checkpoint adopted", number=signed.header.number)
    await _keep(signed, key, version, data, held)
    return True


def read_locked(context: Context, key: str, version: str | None = None) -> tuple[str, bytes]:
    """One version of a checkpoint's file, the newest by default, and its bytes. Blocks.

    :raises NotFound: it is not there. :raises Unavailable: the store does not answer.
    """
    chosen = version or str(context.objects.stat_evidence(key).version)
    with context.objects.open_evidence(key, chosen) as stream:
        return chosen, stream.read()
