"""How deep the samples of a JPEG are, read from its frame header (ITU-T T.81 B.2.2) before a decoder sees it."""

from __future__ import annotations

from pathlib import Path

_SEGMENTS_MOST = 2000
_STANDALONE = {0x01, *range(0xD0, 0xD9)}  # TEM, RST0–7, SOI: a marker without a length
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0–15 without DHT, JPG, DAC
_LAST = {0xD9, 0xDA}  # EOI, SOS


def bits_of_jpeg(path: Path) -> int | None:
    """Bits of a sample, usually 8; None where no frame header comes before the picture data."""
    with path.open("rb") as file:
        for _ in range(_SEGMENTS_MOST):
            lead, marker = file.read(1), file.read(1)
            while marker == b"\xff":
                marker = file.read(1)
            if lead != b"\xff" or not marker or marker[0] in _LAST:
                return None
            if marker[0] in _STANDALONE:
                continue
            length = int.from_bytes(file.read(2), "big")
            if marker[0] in _FRAMES:
                return (file.read(1) or b"\0")[0]
            file.seek(max(0, length - 2), 1)
    return None
