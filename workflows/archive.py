"""归档: what the file of a case must not lack before it goes to the archive (GB/T 42727-2023)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from workflows.documents import KINDS
from workflows.errors import Conflict

BASIS: Final = "GB/T 42727-2023 收集、整理、清点；档案法39"


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a complete file of the case would have. :param subject: a document code, a line, a duty."""

    code: str
    subject: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """What there is of a case.

    :param documents: codes issued. :param unmade: numbers of documents that a worker has not made into files.
    :param unserved: numbers of decisions and notices without service. :param lines: paper lines received, each with
        whether a scan is stored. :param pending: lines with scans not judged. :param owed: what is still owed, with
        its title in Chinese and English.
    """

    received_at: datetime | None
    accepted_at: datetime | None
    delivered: bool
    documents: Collection[str]
    unmade: Collection[str]
    unserved: Collection[str]
    lines: Mapping[str, bool]
    pending: Collection[str]
    owed: Mapping[str, tuple[str, str]]


def lacks(held: Holdings) -> tuple[Lack, ...]:
    """What the file of a case lacks, in the order in which a clerk would look for it."""
    return tuple(_lacks(held))


def _lacks(held: Holdings) -> Iterator[Lack]:
    wanted = {"D01": held.received_at is not None, "D05": held.accepted_at is not None, "D18": held.delivered}
    for code, due in wanted.items():
        if due and code not in held.documents:
            title = KINDS[code].title
            yield Lack("document_missing", code, f"缺少{title}", f"{KINDS[code].title_en} is missing")
    for number in held.unmade:
        yield Lack("document_not_made", number, f"文书{number}尚未生成文件", f"document {number} has no file yet")
    for number in held.unserved:
        yield Lack("not_served", number, f"文书{number}没有送达记录", f"the service of {number} is not on record")
    for line, scanned in held.lines.items():
        if not scanned and line not in held.pending:
            yield Lack("scan_missing", line, f"材料{line}已收取但没有扫描件", f"{line} was received but has no scan")
    for line in held.pending:
        yield Lack("scan_pending", line, f"材料{line}的扫描件尚未核验", f"a scan of {line} is not judged yet")
    for kind, (zh, en) in held.owed.items():
        yield Lack("still_owed", kind, f"尚待履行：{zh}", f"still owed: {en}")


def require_complete(found: Collection[Lack], reason: str) -> None:
    """Refuse a package of an incomplete file unless somebody says why it is archived all the same.

    :raises Conflict: ``file_incomplete``, with everything that it lacks.
    """
    if found and len(reason.strip()) < 4:
        raise Conflict(
            "file_incomplete",
            f"案卷不完整：{'；'.join(lack.zh for lack in found)}。请补齐，或写明按现状归档的理由（至少4个字）。",
            f"The file is not complete: {'; '.join(lack.en for lack in found)}. Add what is missing, or say why it is"
            " archived as it is (at least 4 characters).",
            basis=BASIS,
            missing=[lack.code + ":" + lack.subject for lack in found],
        )
