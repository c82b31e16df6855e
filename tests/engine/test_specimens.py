"""The demo's own scans: the same for the same seed, taken by the scan path, invented but valid."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from engine.specimens import _applicant, make_specimens
from storage.file_kinds import agreed_kind
from storage.scan_files import process
from workflows.party import validate_mobile, validate_resident_id, validate_uscc

PAGES = {
    "1-application-form.jpg": 1,
    "2-business-licence.pdf": 1,
    "3-layout-plan.tif": 2,
    "4-identity-card.png": 1,
    "5-house-rules.pdf": 4,
    "6-shop-photo.jpg": 1,
}


@pytest.fixture(scope="module")
def specimens(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The set of seed 7."""
    return make_specimens(tmp_path_factory.mktemp("specimens"), 7)


def test_every_specimen_is_a_good_scan_of_upright_pages(specimens: list[Path], tmp_path: Path) -> None:
    for path in specimens:
        pages = tmp_path / path.name
        pages.mkdir()
        processed = process(path, agreed_kind(path.read_bytes()[:32], None, path.name), pages)
        assert (processed.verdict.code, processed.verdict.pages) == ("ok", PAGES[path.name])
        assert all(page.height > page.width > 1000 for page in processed.pages)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(specimens: list[Path], tmp_path: Path) -> None:
    again, other = tmp_path / "again", tmp_path / "other"
    again.mkdir()
    other.mkdir()
    first = [path.read_bytes() for path in specimens]
    assert all(b"D:1970" in data for data in first if data.startswith(b"%PDF")), "a date of today gets in"
    assert [path.read_bytes() for path in make_specimens(again, 7)] == first
    assert not {path.read_bytes() for path in make_specimens(other, 8)} & set(first)


def test_invented_numbers_carry_valid_check_characters() -> None:
    for seed in range(200):
        who = _applicant(Random(seed))
        assert validate_resident_id(who.number) == who.number
        assert validate_uscc(who.code) == who.code
        assert validate_mobile(who.mobile) == who.mobile
