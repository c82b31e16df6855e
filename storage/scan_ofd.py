"""OFD files (GB/T 33190) as scans: looked into as far as it is safe, kept as they are, never drawn.

Runs in the child process of ``storage.scan_child`` only. No library that we trust draws OFD; the original is what
counts, and its reader is on every office machine.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from storage.scan_verdicts import BadFileError

ENTRIES_MOST = 10_000
UNPACKED_MOST = 1024**3
RATIO_MOST = 500  # deflate packs 1032 : 1 at best; XML of pages stays below 100

_ROOT_ENTRY = "OFD.xml"
_ROOT_BYTES = 1024**2
_ENCRYPTED = 0x1
_NAMESPACE = "ofdspec.org"


def inspect_ofd(path: Path) -> None:
    """Make sure that the file is an OFD package and no bomb or trap.

    :raises BadFileError: ``file_broken`` where it is not a whole OFD package, ``ofd_hazard`` where entries are
        encrypted or would be written outside of their folder, ``decompression_bomb``.
    """
    with zipfile.ZipFile(path) as package:
        entries = package.infolist()
        if len(entries) > ENTRIES_MOST:
            raise BadFileError("decompression_bomb")
        if any(entry.flag_bits & _ENCRYPTED or _escapes(entry.filename) for entry in entries):
            raise BadFileError("ofd_hazard")
        packed, unpacked = (sum(getattr(e, size) for e in entries) for size in ("compress_size", "file_size"))
        if unpacked > UNPACKED_MOST or unpacked > RATIO_MOST * max(packed, 1):
            raise BadFileError("decompression_bomb")
        _check_sums(package, entries)
        with package.open(_ROOT_ENTRY) as root:
            _check_root(root.read(_ROOT_BYTES))


def _escapes(name: str) -> bool:
    return name.startswith(("/", "\\")) or ":" in name or ".." in name.replace("\\", "/").split("/")


def _check_sums(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Unpack every entry to nowhere: one whose length or checksum does not fit raises."""
    for entry in entries:
        with package.open(entry) as part:
            while part.read(_ROOT_BYTES):
                pass


def _check_root(data: bytes) -> None:
    """The root of the package names itself OFD, as plain XML without a document type."""
    found: list[str] = []

    def refuse(*_: object) -> NoReturn:
        raise BadFileError("ofd_hazard")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _: found.append(name)
    parser.Parse(data, True)
    namespace, _, name = found[0].rpartition(" ")
    if name != "OFD" or _NAMESPACE not in namespace:
        raise BadFileError("file_broken")
