"""Checks a bundle of the trail on any machine: this one file, Python's standard library and cryptography, nothing else.

    python -I verify.py BUNDLE.zip [--key PUBLIC_KEY_IN_HEX …]

Every trail is walked from its first event to its head, every sealed head is followed up to the root of the checkpoint
that sealed it, every checkpoint is held against its signature and the one before it, every day of the access log is
walked, and every file is compared with what the trail wrote down of it. The first thing that does not fit is named.
Exit code 0: whole; 1: not whole; 2: not a bundle; 3: whole as far as it could be checked, but without cryptography no
signature was.

Name the public key by --key: whoever can make a whole new bundle can sign it by another one. Note the hall's keys
(``yichuang audit key show``) while you trust the machine.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain as chain_up
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, NamedTuple

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    SIGNATURES = False
else:
    SIGNATURES = True

FORMAT = 1
ABOUT = "bundle.json"
PARTS = ("events.jsonl", "heads.jsonl", "proofs.jsonl", "checkpoints.jsonl", "evidence.jsonl", "access.jsonl")
EVENTS, HEADS, PROOFS, CHECKPOINTS, EVIDENCE, ACCESS = PARTS
_GENESIS = "0" * 64
_CHUNK, _LONGEST_LINE = 1024 * 1024, 16 * 1024 * 1024


class NotABundle(Exception):
    """The file is not a bundle of this format."""


class Fault(NamedTuple):
    """What does not fit first: where, and why in words."""

    place: str
    zh: str
    en: str


class Entry(NamedTuple):
    """One entry of a chain: of the trail of a case, or of a day of the access log. ``at``: UTC."""

    chain: str
    seq: int
    previous: str
    digest: str
    at: str


@dataclass
class Found:
    """What was counted on the way. ``unsealed``: events that no checkpoint seals yet. ``keys``: that signed, pinned."""

    cases: int = 0
    events: int = 0
    checkpoints: int = 0
    days: int = 0
    files: int = 0
    unsealed: int = 0
    keys: dict[str, bool] = field(default_factory=dict)
    fault: Fault | None = None


class Bundle:
    """One bundle while it is read. :param pinned: public keys that are trusted, in hex; empty: whichever it holds."""

    def __init__(self, package: zipfile.ZipFile, pinned: list[str]) -> None:
        self.package, self.pinned, self.found = package, {key.lower() for key in pinned}, Found()
        self.headers: dict[int, dict[str, Any]] = {}
        self.sealed: dict[str, dict[int, str]] = {}
        self.told: dict[tuple[str, str], str] = {}
        self.about = json.loads(package.read(ABOUT))
        if self.about["format"] != FORMAT:
            raise NotABundle(f"format {self.about['format']}, this verifier knows {FORMAT}")

    def faults(self) -> Iterator[Fault]:
        """Everything that does not fit, in the order in which one thing rests on the other."""
        for check in (self._files, self._checkpoints, self._proofs, self._chains, self._evidence):
            yield from check()

    def lines(self, name: str) -> Iterator[tuple[bytes, dict[str, Any]]]:
        """The lines of a part: bytes, and what they say."""
        with self.package.open(name) as file:
            while line := file.readline(_LONGEST_LINE):
                content = line.rstrip(b"\n")
                yield content, json.loads(content)

    def _files(self) -> Iterator[Fault]:
        names = sorted(one.filename for one in self.package.infolist())
        wanted = sorted([ABOUT, *PARTS, "verify.py", *self.about["files"]])
        for name in sorted(set(wanted) - set(names)):
            yield Fault(name, "包内缺少此文件", "the bundle does not hold it")
        if names != wanted:
            yield Fault(names[-1], "包内有多余的文件", "the bundle holds files that it does not list, or one twice")

    def _checkpoints(self) -> Iterator[Fault]:
        previous, last = None, _GENESIS
        for _, row in self.lines(CHECKPOINTS):
            text = row["header"].encode()
            header = json.loads(text)
            place = f"checkpoint {header['number']} {header['day']}"
            if header["number"] != (previous["number"] if previous else 0) + 1:
                yield Fault(place, "之前的校验点缺失", "the checkpoint before it is missing")
            if header["previous"] != last:
                yield Fault(place, "与前一校验点不衔接", "it does not follow from the checkpoint before it")
            public = bytes.fromhex(row["public_key"])
            if header["key"] != hashlib.sha256(public).hexdigest()[:16]:
                yield Fault(place, "公钥与签名密钥编号不符", "this is not the public key that it names")
            if self.pinned and public.hex() not in self.pinned:
                yield Fault(place, "签名密钥不是所信任的密钥", "it is not signed by a key that you trust")
            if SIGNATURES and not _signed(header["signed_with"], public, text, bytes.fromhex(row["signature"])):
                yield Fault(place, "签名不符，是伪造的或被改动过", "its signature does not fit: forged or altered")
            self.found.keys[public.hex()] = public.hex() in self.pinned
            self.headers[header["number"]] = previous = header
            last = hashlib.sha256(text).hexdigest()
            self.found.checkpoints += 1

    def _proofs(self) -> Iterator[Fault]:
        for _, row in self.lines(PROOFS):
            place = f"{row['chain']} {row['seq']}"
            header = self.headers.get(row["checkpoint"])
            if header is None:
                yield Fault(place, "所指的校验点不在包内", "the checkpoint that it names is not in the bundle")
                return
            leaf = json.dumps(
                {n: row[n] for n in ("chain", "digest", "seq")}, separators=(",", ":"), ensure_ascii=False
            )
            path = [bytes.fromhex(one) for one in row["path"]]
            if _root(leaf.encode(), row["place"], header["size"], path, header["algorithm"]) != header["root"]:
                yield Fault(place, "所指的校验点没有封存它", "the checkpoint that it names does not seal it")
            self.sealed.setdefault(row["chain"], {})[row["seq"]] = row["digest"]

    def _chains(self) -> Iterator[Fault]:
        """Walk every trail and every day of the access log; each ends at its head, and not before what was sealed."""
        heads = {row["chain"]: row for _, row in self.lines(HEADS)}
        chain, seq, previous = "", 0, _GENESIS
        for entry in chain_up(self._events(), self._entries()):
            if entry.chain != chain:
                yield from self._end(heads.pop(chain, None), chain, seq, previous)
                chain, seq, previous = entry.chain, 0, _GENESIS
                self.found.days += chain.startswith("access:")
                self.found.cases += ":" not in chain
            place, sealed = f"{chain} {entry.seq}", self.sealed.get(chain, {})
            if entry.seq != seq + 1:
                yield Fault(f"{chain} {seq + 1}", "此处缺失或顺序不符", "an entry is missing here, or out of order")
            if entry.previous != previous:
                yield Fault(place, "与前一条不衔接，前一条被改动过", "the entry before it was altered")
            if sealed.get(entry.seq, entry.digest) != entry.digest:
                yield Fault(
                    place, "与校验点封存的摘要不符，事后被重写", "it is not what a checkpoint sealed: rewritten"
                )
            if entry.seq > max(sealed, default=0):
                self.found.unsealed += 1
                if entry.at < self._overdue():
                    yield Fault(place, "早应封存而没有封存", "a checkpoint should have sealed it and did not")
            seq, previous = entry.seq, entry.digest
        yield from self._end(heads.pop(chain, None), chain, seq, previous)
        yield from (Fault(missing, "整条链缺失", "all of this chain is missing") for missing in sorted(heads))

    def _end(self, head: dict[str, Any] | None, chain: str, seq: int, digest: str) -> Iterator[Fault]:
        if chain and (head is None or (head["seq"], head["digest"]) != (seq, digest)):
            yield Fault(f"{chain} {seq}", "与记录的链头不符", "it is not the head that is remembered")
        if max(self.sealed.get(chain, {}), default=0) > seq:
            yield Fault(f"{chain} {seq + 1}", "封存过的内容缺失", "what a checkpoint sealed is missing")

    def _overdue(self) -> str:
        """What is stamped before is sealed by now: what came too late for one checkpoint is in the next."""
        ends = [header["until"] for _, header in sorted(self.headers.items())]
        return ends[-2] if len(ends) > 1 else ""

    def _events(self) -> Iterator[Entry]:
        for content, row in self.lines(EVENTS):
            data = row["data"]
            key = data.get("scan") or data.get("document") or data.get("package")
            if isinstance(key, str) and isinstance(data.get("digest"), str):
                self.told.setdefault((row["case"], key), data["digest"])
            self.found.events += 1
            digest = _new(row["algorithm"], content).hexdigest()
            yield Entry(row["case"], row["seq"], row["previous"], digest, row["at"])

    def _entries(self) -> Iterator[Entry]:
        for _, row in self.lines(ACCESS):
            digest = _new("sha256", (row["previous"] + row["body"]).encode()).hexdigest()
            yield Entry(f"access:{row['day']}", row["seq"], row["previous"], digest, row["day"])

    def _evidence(self) -> Iterator[Fault]:
        for _, row in self.lines(EVIDENCE):
            place = row["file"] or f"{row['case']} {row['name']}"
            if self.told.get((row["case"], row["name"]), row["digest"]) != row["digest"]:
                yield Fault(place, "与留痕记录的摘要不符", "the trail wrote down another digest for it")
            if row["file"]:
                self.found.files += 1
                with self.package.open(row["file"]) as file:
                    if _digest_of(file, row["algorithm"], row["size"]) != row["digest"]:
                        yield Fault(place, "不是收取时的文件，被改动或调换过", "it is not the file that came in")


def check_bundle(path: Path, pinned: list[str]) -> Found:
    """Check one bundle.

    :raises NotABundle: it cannot be read as one, or its digest algorithm is not known here.
    """
    try:
        with zipfile.ZipFile(path) as package:
            bundle = Bundle(package, pinned)
            bundle.found.fault = next(bundle.faults(), None)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError, OSError) as problem:
        raise NotABundle(f"{path.name}: {type(problem).__name__}: {problem}") from problem
    return bundle.found


def _signed(algorithm: str, public: bytes, text: bytes, signature: bytes) -> bool:
    if algorithm != "ed25519":
        raise NotABundle(f"signatures by {algorithm} are not known here")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _root(data: bytes, index: int, size: int, path: list[bytes], algorithm: str) -> str:
    """The root that a path leads to (RFC 6962, 2.1.1); empty where no tree of that size has such a path."""
    if not 0 <= index < size:
        return ""
    found: bytes = _new(algorithm, b"\0" + data).digest()
    last, neighbours = size - 1, iter(path)
    while last:
        if index & 1 or index < last:
            beside = next(neighbours, None)
            if beside is None:
                return ""
            found = _new(algorithm, b"\1" + (beside + found if index & 1 else found + beside)).digest()
        index, last = index >> 1, last >> 1
    return found.hex() if next(neighbours, None) is None else ""


def _digest_of(file: IO[bytes], algorithm: str, bound: int) -> str:
    """The digest of what is read, of not much more than ``bound`` bytes."""
    state, size = _new(algorithm), 0
    while size <= bound and (chunk := file.read(_CHUNK)):
        state.update(chunk)
        size += len(chunk)
    return str(state.hexdigest()) if size == bound else ""


def _new(algorithm: str, content: bytes = b"") -> Any:
    try:
        return hashlib.new(algorithm, content)
    except ValueError:
        raise NotABundle(f"this Python does not know the digest algorithm {algorithm}") from None


def said(found: Found) -> str:
    """What was found, in words."""
    lines = [", ".join(f"{getattr(found, n)} {n}" for n in ("cases", "events", "checkpoints", "days", "files"))]
    if found.unsealed:
        lines.append(f"{found.unsealed} 条尚未封存 entries are not sealed by a checkpoint yet")
    if not SIGNATURES:
        lines.append("未校验签名：本机没有 cryptography no signature was checked: there is no cryptography here")
    for key, pinned in found.keys.items():
        lines.append(f"{key} {'已核对 trusted' if pinned else '未核对，请用 --key 指定 not named by --key'}")
    if found.fault is None:
        return "\n".join([*lines, "完整 whole"])
    return "\n".join([*lines, "不完整 not whole", found.fault.place, found.fault.zh, found.fault.en])


def main(arguments: list[str], write: Callable[[str], object] = print) -> int:
    """Check the bundle that the arguments name; the exit code."""
    pinned = [word for before, word in pairwise(arguments) if before == "--key"]
    if len(arguments) != 1 + 2 * len(pinned) or arguments[0] == "--key":
        write("python -I verify.py BUNDLE.zip [--key PUBLIC_KEY_IN_HEX …]")
        return 2
    try:
        found = check_bundle(Path(arguments[0]), pinned)
    except NotABundle as problem:
        write(f"不是留痕校验包 not a bundle of the trail: {problem}")
        return 2
    write(said(found))
    return 1 if found.fault else 0 if SIGNATURES else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
