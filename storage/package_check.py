"""Checks an archive package of a case on any machine: this one file, Python's standard library, nothing else.

    python verify.py PACKAGE.zip

Every file is read again and compared with the manifest, the trail is walked from its first event to the head that
the manifest names, and each original and document is compared with the digest that the trail wrote down when it came
in. The first thing that does not fit is named. Exit code 0: whole; 1: not whole; 2: not a package.

The digest of the package itself stands in the hall's trail (event ``archive:packaged``): compare it with the one
printed here, for whoever can make a whole new package can make a whole new manifest.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.json"
TRAIL = "trail.jsonl"
MAX_MANIFEST = 64 * 1024 * 1024
_GENESIS = "0" * 64
_CHUNK = 1024 * 1024
_LONGEST_LINE = 16 * 1024 * 1024


class NotAPackage(Exception):
    """The file is not an archive package of this format."""


@dataclass(frozen=True)
class Fault:
    """What does not fit first: where, and why in words."""

    place: str
    zh: str
    en: str


@dataclass(frozen=True)
class Verdict:
    """What was found. ``fault`` is None for a whole package; ``digest`` is that of the package file, hexadecimal."""

    case: str
    files: int
    events: int
    algorithm: str
    digest: str
    fault: Fault | None


def check_package(path: Path) -> Verdict:
    """Check one package.

    :raises NotAPackage: it cannot be read as one, or its digest algorithm is not known to this Python.
    """
    try:
        with zipfile.ZipFile(path) as package:
            manifest = _manifest(package)
            algorithm = manifest["algorithm"]
            fault = next(_faults(package, manifest), None)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, OSError) as problem:
        raise NotAPackage(f"{path.name}: {type(problem).__name__}: {problem}") from problem
    with path.open("rb") as file:
        digest, _ = _digest_of(file, algorithm)
    return Verdict(manifest["case"], len(manifest["files"]), manifest["events"], algorithm, digest, fault)


def _manifest(package: zipfile.ZipFile) -> dict[str, Any]:
    if package.getinfo(MANIFEST).file_size > MAX_MANIFEST:
        raise NotAPackage("the manifest is too large")
    manifest: dict[str, Any] = json.loads(package.read(MANIFEST))
    if manifest["format"] != FORMAT:
        raise NotAPackage(f"format {manifest['format']}, this verifier knows {FORMAT}")
    _new(manifest["algorithm"])
    return manifest


def _faults(package: zipfile.ZipFile, manifest: dict[str, Any]) -> Iterator[Fault]:
    """Everything that does not fit, the outermost first."""
    yield from _differences(package, manifest)
    yield from _altered(package, manifest)
    yield from _breaks(package, manifest)


def _differences(package: zipfile.ZipFile, manifest: dict[str, Any]) -> Iterator[Fault]:
    names = [one.filename for one in package.infolist()]
    wanted = {one["path"] for one in manifest["files"]} | {MANIFEST}
    for name in sorted(wanted - set(names)):
        yield Fault(name, "清单中有此文件，包内没有", "the manifest names this file, the package does not hold it")
    for name in sorted(set(names) - wanted):
        yield Fault(name, "包内有此文件，清单中没有", "the package holds this file, the manifest does not name it")
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault(name, "此文件在包内出现多次", "the package holds this file more than once")


def _altered(package: zipfile.ZipFile, manifest: dict[str, Any]) -> Iterator[Fault]:
    for one in manifest["files"]:
        try:
            with package.open(one["path"]) as file:
                digest, size = _digest_of(file, manifest["algorithm"], one["size"])
        except (zipfile.BadZipFile, OSError) as problem:
            yield Fault(one["path"], "文件无法读出", f"it cannot be read: {problem}")
            continue
        if (digest, size) != (one["digest"], one["size"]):
            yield Fault(one["path"], "内容与清单摘要不符，被改动过", "it does not match the manifest: it was altered")


def _breaks(package: zipfile.ZipFile, manifest: dict[str, Any]) -> Iterator[Fault]:
    """Walk the trail: each event names the digest of the one before it; the last is the head of the manifest."""
    previous, seq = _GENESIS, 0
    told: dict[str, str] = {}
    with package.open(TRAIL) as lines:
        while line := lines.readline(_LONGEST_LINE):
            content = line.rstrip(b"\n")
            event = json.loads(content)
            place = f"{TRAIL}:{event['seq']}"
            if event["case"] != manifest["case"]:
                yield Fault(place, "属于另一办件的事件", "an event of another case")
            if event["seq"] != seq + 1:
                yield Fault(f"{TRAIL}:{seq + 1}", "事件缺失", "an event is missing here")
            if event["previous"] != previous:
                yield Fault(place, "与前一事件不衔接", "it does not follow from the event before it")
            previous, seq = _new(event["algorithm"], content).hexdigest(), event["seq"]
            told |= _told(event)
    if (seq, previous) != (manifest["events"], manifest["head"]):
        yield Fault(f"{TRAIL}:{seq}", "与清单记录的链头不符", "it is not the head that the manifest names")
    for one in manifest["files"]:
        known = told.get(one.get("evidence", ""))
        if "evidence" in one and known != one["evidence_digest"]:
            yield Fault(one["path"], "与留痕记录的摘要不符", "the trail wrote down another digest for it")
        if "evidence" in one and one["evidence_algorithm"] == manifest["algorithm"] and known != one["digest"]:
            yield Fault(one["path"], "不是收取时的文件", "it is not the file that came in")


def _told(event: dict[str, Any]) -> dict[str, str]:
    """The digest that an event wrote down of an original or a document."""
    data = event["data"]
    key = data.get("scan") or data.get("document")
    return {key: data["digest"]} if isinstance(key, str) and isinstance(data.get("digest"), str) else {}


def _digest_of(file: IO[bytes], algorithm: str, bound: int | None = None) -> tuple[str, int]:
    """Digest and size of what is read; not much more than ``bound`` bytes of it."""
    state, size = _new(algorithm), 0
    while chunk := file.read(_CHUNK):
        state.update(chunk)
        size += len(chunk)
        if bound is not None and size > bound:
            break
    return state.hexdigest(), size


def _new(algorithm: str, content: bytes = b"") -> Any:
    try:
        return hashlib.new(algorithm, content)
    except ValueError:
        raise NotAPackage(f"this Python does not know the digest algorithm {algorithm}") from None


def said(verdict: Verdict) -> str:
    """The verdict in words."""
    head = f"办件 {verdict.case}: {verdict.files} files, {verdict.events} events, {verdict.algorithm}"
    package = f"package {verdict.algorithm} {verdict.digest}"
    if verdict.fault is None:
        return f"{head}\n完整 whole\n{package}"
    fault = f"{verdict.fault.place}\n{verdict.fault.zh}\n{verdict.fault.en}"
    return f"{head}\n不完整 not whole\n{fault}\n{package}"


def main(arguments: list[str], write: Callable[[str], object] = print) -> int:
    """Check the package that the one argument names; the exit code."""
    if len(arguments) != 1:
        write("python verify.py PACKAGE.zip")
        return 2
    try:
        verdict = check_package(Path(arguments[0]))
    except NotAPackage as problem:
        write(f"不是归档信息包 not an archive package: {problem}")
        return 2
    write(said(verdict))
    return 0 if verdict.fault is None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
