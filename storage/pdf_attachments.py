"""Files inside a PDF. Only plain XML data may be there: e-invoices (数电票) carry their figures so.

Such an invoice counts only as the electronic original; printing it to a plain PDF would destroy the evidence. Its XML
is looked through as data: well formed, bounded, without document type, style sheet, script or web page in it.
"""

from __future__ import annotations

from typing import Any, NoReturn
from xml.parsers import expat

from pypdf.generic import DictionaryObject, StreamObject

from storage.scan_verdicts import BadFileError

FILES_MOST = 10
BYTES_MOST = 5 * 1024**2

_NAMES = (".xml", ".xbrl")
_LIVELY = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/1999/XSL/Transform")


class Attachments:
    """Looks at each embedded file of one PDF once.

    :ivar files: how many files were found good.
    """

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self.files = 0

    def check(self, specification: DictionaryObject) -> None:
        """Look at what a file specification (ISO 32000-1 §7.11.3) with ``/EF`` carries.

        :raises BadFileError: ``pdf_attachment`` where it is anything but plain XML data.
        """
        names = [str(specification[key]) for key in ("/UF", "/F") if key in specification]
        streams = _resolved(specification["/EF"])
        if not isinstance(streams, DictionaryObject) or not names or not all(_is_data(name) for name in names):
            raise BadFileError("pdf_attachment")
        for value in streams.values():
            stream = _resolved(value)
            if not isinstance(stream, StreamObject):
                raise BadFileError("pdf_attachment")
            self._check_stream(stream)

    def _check_stream(self, stream: StreamObject) -> None:
        data = bytes(stream.get_data())
        if data in self._seen:
            return
        self._seen.add(data)
        self.files += 1
        if len(data) > BYTES_MOST or self.files > FILES_MOST or not _plain_xml(data):
            raise BadFileError("pdf_attachment")


def _resolved(value: Any) -> Any:
    return value.get_object()


def _is_data(name: str) -> bool:
    return name.strip().lower().endswith(_NAMES)


def _plain_xml(data: bytes) -> bool:
    def refuse(*_: object) -> NoReturn:
        raise BadFileError("pdf_attachment")

    def element(name: str, _: object) -> None:
        if name.rpartition(" ")[0] in _LIVELY:
            raise BadFileError("pdf_attachment")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    parser.StartElementHandler = element
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return False
    return True
