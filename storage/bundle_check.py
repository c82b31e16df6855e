"""Checks a bundle of the trail on any machine: this one file, Python's standard library and cryptography, nothing else.

    python -I verify.py BUNDLE.zip [--key PUBLIC_KEY_IN_HEX …]

Every trail and every day of the access log is walked, every sealed head is followed up to the root of its checkpoint,
every checkpoint is held against its signature and the one before it, and every file is compared with what the trail
wrote down of it. The first thing that does not fit is named. Needs Python 3.11.
Exit code 0: whole; 1: not whole; 2: not a bundle; 3: whole, but without cryptography no signature was checked; 4: whole
in itself, but no checkpoint seals any of it, so nothing proves its age.

Name the public key by --key: whoever can make a whole new bundle can sign it by another one. Note the hall's keys
(``yichuang audit key show``) while you trust the machine.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, cast

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    SIGNATURES = False
else:
    SIGNATURES = True

FORMAT, ABOUT = 2, "bundle.json"
PARTS = ("events.jsonl", "heads.jsonl", "proofs.jsonl", "checkpoints.jsonl", "evidence.jsonl", "access.jsonl")
EVENTS, HEADS, PROOFS, CHECKPOINTS, EVIDENCE, ACCESS = PARTS
_GENESIS, _LONGEST_LINE, _DAY, _HOUR = "0" * 64, 16 * 1024 * 1024, timedelta(days=1), timedelta(hours=1)
_STORED, _moment = ("scan:stored", "document:printed"), datetime.fromisoformat


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
    """What was counted on the way. ``sealed``: entries that a checkpoint seals. ``keys``: that signed, pinned."""

    counts: Counter[str] = field(default_factory=Counter)
    reach: str = ""
    keys: dict[str, bool] = field(default_factory=dict)
    fault: Fault | None = None


class Bundle:
    """One bundle while it is read. :param pinned: public keys that are trusted, in hex; empty: whichever it holds."""

    def __init__(self, package: zipfile.ZipFile, pinned: list[str]) -> None:
        self.package, self.pinned, self.found = package, {key.lower() for key in pinned}, Found()
        self.headers, self.sealed = dict[int, dict[str, Any]](), dict[str, dict[int, str]]()
        self.told, self.stored = dict[tuple[str, str], str](), set[tuple[str, str]]()
        self.about = json.loads(package.read(ABOUT))
        if self.about["format"] != FORMAT:
            raise NotABundle(f"format {self.about['format']}, this verifier knows {FORMAT}")
        self.made, self.due = _moment(self.about["made_at"]), _moment(self.about["midnight"]) - _DAY

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
        last = _GENESIS
        for _, row in self.lines(CHECKPOINTS):
            text, header = row["header"].encode(), json.loads(row["header"])
            place = f"checkpoint {header['number']} {header['day']}"
            if header["number"] != len(self.headers) + 1:
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
            self.headers[header["number"]], last = header, hashlib.sha256(text).hexdigest()
            self.due = max(self.due, _moment(header["until"]) - _HOUR)
            self.found.counts["checkpoints"] += 1
            self.found.reach = f"{place}, until {header['until']}"
        if last != self.about["newest"]:
            yield Fault(CHECKPOINTS, "末尾的校验点缺失", "the newest checkpoints are missing")
        if not _DAY >= self.made - _moment(self.about["midnight"]) >= 0 * _DAY:
            yield Fault(ABOUT, "零点与制作时间不符", "its midnight is not the last one before it was made")

    def _proofs(self) -> Iterator[Fault]:
        for _, row in self.lines(PROOFS):
            place = f"{row['chain']} {row['seq']}"
            if row["checkpoint"] not in self.headers:
                yield Fault(place, "所指的校验点不在包内", "the checkpoint that it names is not in the bundle")
            header = self.headers[row["checkpoint"]]
            told = {n: row[n] for n in ("chain", "digest", "seq")}
            leaf = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
            path = [bytes.fromhex(one) for one in row["path"]]
            if _root(leaf.encode(), row["place"], header["size"], path, header["algorithm"]) != header["root"]:
                yield Fault(place, "所指的校验点没有封存它", "the checkpoint that it names does not seal it")
            self.sealed.setdefault(row["chain"], {})[row["seq"]] = row["digest"]

    def _chains(self) -> Iterator[Fault]:
        """Walk every trail and every day of the access log; each ends at its head, and not before what was sealed."""
        heads = {row["chain"]: row for _, row in self.lines(HEADS)}
        chain, seq, previous = "", 0, _GENESIS
        for entry in itertools.chain(self._events(), self._entries()):
            if entry.chain != chain:
                yield from self._end(heads.pop(chain, None), chain, seq, previous)
                chain, seq, previous = entry.chain, 0, _GENESIS
                self.found.counts["days"] += chain.startswith("access:")
                self.found.counts["cases"] += ":" not in chain
            place, sealed = f"{chain} {entry.seq}", self.sealed.get(chain, {})
            if entry.seq != seq + 1:
                yield Fault(f"{chain} {seq + 1}", "此处缺失或顺序不符", "an entry is missing here, or out of order")
            if entry.previous != previous:
                yield Fault(place, "与前一条不衔接，前一条被改动过", "the entry before it was altered")
            if sealed.get(entry.seq, entry.digest) != entry.digest:
                yield Fault(place, "与校验点封存的摘要不符，事后被重写", "it is not what was sealed: rewritten")
            yield from self._aged(entry, place, bool(sealed) and entry.seq <= max(sealed))
            seq, previous = entry.seq, entry.digest
        yield from self._end(heads.pop(chain, None), chain, seq, previous)
        yield from (Fault(missing, "整条链缺失", "all of this chain is missing") for missing in sorted(heads))

    def _end(self, head: dict[str, Any] | None, chain: str, seq: int, digest: str) -> Iterator[Fault]:
        if chain and (head is None or (head["seq"], head["digest"]) != (seq, digest)):
            yield Fault(f"{chain} {seq}", "与记录的链头不符", "it is not the head that is remembered")
        if max(self.sealed.get(chain, {}), default=0) > seq:
            yield Fault(f"{chain} {seq + 1}", "封存过的内容缺失", "what a checkpoint sealed is missing")

    def _aged(self, entry: Entry, place: str, sealed: bool) -> Iterator[Fault]:
        """What was there an hour before the newest checkpoint, or a day before the last midnight, is sealed."""
        self.found.counts["sealed" if sealed else "unsealed"] += 1
        if not sealed and _moment(entry.at) < self.due:
            yield Fault(place, "早应封存而没有封存", "not sealed though it should have been")
        if ":" not in entry.chain and _moment(entry.at) > self.made + _HOUR:
            yield Fault(place, "晚于本包的制作时间", "it is later than the bundle was made")

    def _events(self) -> Iterator[Entry]:
        for content, row in self.lines(EVENTS):
            data = row["data"]
            key = data.get("scan") or data.get("document") or data.get("package")
            if isinstance(key, str) and isinstance(data.get("digest"), str) and row["name"] != "document:signed":
                self.told[row["case"], key] = self.told.get((row["case"], key)) or data["digest"]
                self.stored |= {(row["case"], key)} if row["name"] in _STORED else set()
            for name in names_in(data):
                self.told.setdefault((row["case"], name), "")
            self.found.counts["events"] += 1
            digest = hashlib.new(row["algorithm"], content).hexdigest()
            yield Entry(row["case"], row["seq"], row["previous"], digest, row["at"])

    def _entries(self) -> Iterator[Entry]:
        for _, row in self.lines(ACCESS):
            digest = hashlib.new("sha256", (row["previous"] + row["body"]).encode()).hexdigest()
            yield Entry(f"access:{row['day']}", row["seq"], row["previous"], digest, f"{row['day']}T23:59:59Z")

    def _evidence(self) -> Iterator[Fault]:
        for _, row in self.lines(EVIDENCE):
            place, name = row["file"] or f"{row['case']} {row['name']}", (row["case"], row["name"])
            if name not in self.told:
                yield Fault(place, "留痕中没有此件", "no event of the trail tells of it")
            if self.told[name] not in {"", row["digest"]}:
                yield Fault(place, "与留痕记录的摘要不符", "the trail wrote down another digest for it")
            self.stored.discard(name)
            self.found.counts["evidence"] += 1
            if row["file"]:
                self.found.counts["files"] += 1
                sized = self.package.getinfo(row["file"]).file_size == row["size"]
                with cast("Any", self.package.open(row["file"])) as file:
                    if not sized or hashlib.file_digest(file, row["algorithm"]).hexdigest() != row["digest"]:
                        yield Fault(place, "不是收取时的文件，被改动或调换过", "it is not the file that came in")
        for case, missing in sorted(self.stored):
            yield Fault(f"{case} {missing}", "留痕记有此件而证据清单缺失", "the trail tells of it; it is missing here")
        for name, number in self.about["holds"].items():
            if self.found.counts[name] != number:
                yield Fault(ABOUT, f"所列数目与内容不符：{name}", f"it does not hold what it lists: {name}")


def check_bundle(path: Path, pinned: list[str]) -> Found:
    """Check one bundle. :raises NotABundle: it cannot be read as one, or its digest algorithm is not known here."""
    try:
        with zipfile.ZipFile(path) as package:
            bundle = Bundle(package, pinned)
            bundle.found.fault = next(bundle.faults(), None)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError, OSError) as problem:
        raise NotABundle(f"{path.name}: {type(problem).__name__}: {problem}") from problem
    return bundle.found


def names_in(data: Any) -> Iterator[str]:
    """The scans, documents and packages that the data of an event tells of, however deep."""
    if isinstance(data, dict):
        yield from (data[key] for key in ("scan", "document", "package", "number") if isinstance(data.get(key), str))
    for one in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from names_in(one)


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
    found: bytes = hashlib.new(algorithm, b"\0" + data).digest()
    last, neighbours = size - 1, iter(path)
    while last:
        if index & 1 or index < last:
            beside = next(neighbours, b"")
            found = hashlib.new(algorithm, b"\1" + (beside + found if index & 1 else found + beside)).digest()
        index, last = index >> 1, last >> 1
    return found.hex() if next(neighbours, None) is None else ""


def said(found: Found) -> str:
    """What was found, in words."""
    lines = [", ".join(f"{found.counts[n]} {n}" for n in ("cases", "events", "checkpoints", "days", "files"))]
    lines += [found.reach] if found.reach else []
    if unsealed := found.counts["unsealed"]:
        lines.append(f"{unsealed} 条尚未封存 entries are not sealed by a checkpoint yet")
    if not SIGNATURES:
        lines.append("未校验签名：本机没有 cryptography no signature was checked: there is no cryptography here")
    for key, pinned in found.keys.items():
        lines.append(f"{key} {'已核对 trusted' if pinned else '未核对，请用 --key 指定 not named by --key'}")
    if found.fault:
        return "\n".join([*lines, "不完整 not whole", *found.fault])
    if found.counts["unsealed"] and not found.counts["sealed"]:
        return "\n".join([*lines, "未封存，无从证明形成时间 not sealed: nothing proves the age"])
    return "\n".join([*lines, "完整 whole"])


def main(arguments: list[str], write: Callable[[str], object] = print) -> int:
    """Check the bundle that the arguments name; the exit code."""
    pinned = [word for before, word in itertools.pairwise(arguments) if before == "--key"]
    if len(arguments) != 1 + 2 * len(pinned) or arguments[0] == "--key":
        write("python -I verify.py BUNDLE.zip [--key PUBLIC_KEY_IN_HEX …]")
        return 2
    try:
        found = check_bundle(Path(arguments[0]), pinned)
    except NotABundle as problem:
        write(f"不是留痕校验包 not a bundle of the trail: {problem}")
        return 2
    write(said(found))
    aged = found.counts["sealed"] or not found.counts["unsealed"]
    return 1 if found.fault else 4 if not aged else 0 if SIGNATURES else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
