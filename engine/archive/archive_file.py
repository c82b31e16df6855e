"""The zip of an archive package while it is written: every file is digested as it goes in, the manifest comes last."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self
from xml.etree import ElementTree as Xml  # only written, never read

import msgspec

from storage.object_stream import ObjectStream
from storage.package_check import FORMAT, MANIFEST
from workflows.errors import NotFound

_CHUNK: Final = 1024 * 1024
_json = msgspec.json.Encoder(order="sorted", uuid_format="canonical").encode

Proof = tuple[str, str, str]
"""What the trail wrote down of a file: its key there, its digest, and by which algorithm."""
NAMESPACE: Final = "urn:yichuang:archive:1"
"""Of the metadata: the elements follow the meaning of DA/T 46, whose own schema is not used."""


class ArchiveFile:
    """Writes one package.

    :param path: of the file to be made. :param at: the date of every entry, UTC.
    """

    def __init__(self, path: Path, algorithm: str, at: datetime) -> None:
        self.algorithm = algorithm
        self._path, self._date = path, at.timetuple()[:6]
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self._files: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, name: str, content: bytes) -> None:
        """Put bytes in."""
        self._zip.writestr(self._entry(name), content)
        self._note(name, len(content), hashlib.new(self.algorithm, content).hexdigest())

    def add_json(self, name: str, content: object) -> None:
        """Put a value in as JSON with sorted keys; times in ISO 8601 with their zone."""
        self.add(name, msgspec.json.format(_json(content), indent=1))

    def add_object(
        self, name: str, read: Callable[..., ObjectStream], source: tuple[str, ...], proof: Proof | None
    ) -> None:
        """Put an object of the store in, piece by piece.

        :param read: opens it. :param source: its key and, of evidence, its version.
        :raises NotFound: it is not there; ``place`` says which.
        :raises Unavailable: when the object store does not answer.
        """
        state, size = hashlib.new(self.algorithm), 0
        entry = self._entry(name, zipfile.ZIP_STORED)
        try:
            found = read(*source)
        except NotFound as missing:
            raise NotFound(missing.code, missing.zh, missing.en, place=name) from missing
        with found as stream, self._zip.open(entry, "w", force_zip64=True) as file:
            while chunk := stream.read(_CHUNK):
                file.write(chunk)
                state.update(chunk)
                size += len(chunk)
        known = dict(zip(("evidence", "evidence_digest", "evidence_algorithm"), proof or (), strict=False))
        self._note(name, size, state.hexdigest(), known)

    def close_with_manifest(self, case: str, events: int, head: str) -> None:
        """Write the manifest, after which nothing more goes in. :param head: digest of the last event."""
        manifest = {"format": FORMAT, "case": case, "algorithm": self.algorithm, "events": events, "head": head,
                    "files": self._files}  # fmt: skip
        self._zip.writestr(self._entry(MANIFEST), msgspec.json.format(_json(manifest), indent=1))
        self._zip.close()

    def digest_of_all(self) -> tuple[str, int]:
        """Digest of the finished file and its size in bytes."""
        with self._path.open("rb") as file:
            state = hashlib.new(self.algorithm)
            while chunk := file.read(_CHUNK):
                state.update(chunk)
        return state.hexdigest(), self._path.stat().st_size

    def _entry(self, name: str, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._date)
        entry.compress_type = method
        return entry

    def _note(self, name: str, size: int, digest: str, known: dict[str, str] | None = None) -> None:
        self._files.append({"path": name, "size": size, "digest": digest} | (known or {}))


def metadata_xml(facts: Mapping[str, Any]) -> bytes:
    """The metadata of a package as XML, one element for each fact that is there; times in UTC."""
    root = Xml.Element("package", {"xmlns": NAMESPACE})
    for name, value in facts.items():
        if value is not None and value != "":
            Xml.SubElement(root, name).text = value.isoformat() if isinstance(value, datetime) else str(value)
    Xml.indent(root)
    written: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"
