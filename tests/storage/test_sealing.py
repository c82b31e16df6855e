"""Personal numbers at rest: readable with the key, bound to their column, useless without, searchable only exactly."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from storage.sealing import Sealer, load_key_file, new_key_file
from workflows.errors import Unavailable

NUMBER = "11010519491231002X"
COLUMN = "parties.id_sealed"


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    path = tmp_path / "keys.toml"
    new_key_file(path)
    return load_key_file(path)


def test_what_was_sealed_opens_and_never_looks_the_same_twice(sealer: Sealer) -> None:
    for text in (NUMBER, "", "𠮷", "长" * 5000):
        one, two = sealer.seal(text, COLUMN), sealer.seal(text, COLUMN)
        assert one != two
        assert text.encode() not in one or not text
        assert sealer.open(one, COLUMN) == sealer.open(two, COLUMN) == text


def test_a_value_moved_to_another_column_does_not_open(sealer: Sealer) -> None:
    with pytest.raises(Unavailable) as found:
        sealer.open(sealer.seal(NUMBER, COLUMN), "deliveries.id_sealed")
    assert found.value.code == "cannot_unseal"


def test_a_value_of_which_any_bit_was_changed_or_cut_does_not_open(sealer: Sealer) -> None:
    sealed = sealer.seal(NUMBER, COLUMN)
    for place in range(len(sealed)):
        with pytest.raises(Unavailable):
            sealer.open(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], COLUMN)
        with pytest.raises(Unavailable):
            sealer.open(sealed[:place], COLUMN)


def test_after_a_rotation_old_values_open_and_new_ones_name_the_new_key(sealer: Sealer) -> None:
    old = sealer.seal(NUMBER, COLUMN)
    rotated = Sealer("k2", {**sealer.keys, "k2": b"2" * 32}, sealer.index_key)
    new = rotated.seal(NUMBER, COLUMN)
    assert rotated.open(old, COLUMN) == rotated.open(new, COLUMN) == NUMBER
    assert (old[1:3], new[1:3]) == (b"k1", b"k2")
    with pytest.raises(Unavailable):
        sealer.open(new, COLUMN)
    with pytest.raises(Unavailable):
        Sealer("k2", {"k2": b"2" * 32}, sealer.index_key).open(old, COLUMN)
    assert rotated.index(NUMBER, "resident_id") == sealer.index(NUMBER, "resident_id")


def test_the_index_finds_exactly_one_number_of_one_kind_under_one_key(sealer: Sealer) -> None:
    index = sealer.index(NUMBER, "resident_id")
    others = (sealer.index(NUMBER, "passport"), sealer.index(NUMBER[:-1] + "1", "resident_id"))
    strange = Sealer("k1", sealer.keys, b"9" * 32).index(NUMBER, "resident_id")
    assert len({index, *others, strange}) == 4
    assert len(index) == 32
    assert sealer.index("b", "a\0") != sealer.index("\0b", "a") or sealer.index("b", "a") != index


def test_keys_are_for_their_owner_only_are_never_overwritten_and_never_shown(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    new_key_file(path)
    before = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        new_key_file(path)
    assert path.read_bytes() == before
    sealer = load_key_file(path)
    for key in (*sealer.keys.values(), sealer.index_key):
        assert repr(key) not in repr(sealer)
        assert base64.b64encode(key).decode() not in repr(sealer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "current = 'k1'",
        "not toml",
        "current = 'k1'\nindex = 'short'\n[keys]\nk1 = 'c2VjcmV0'",
        "current = 'k2'\nindex = '{k}'\n[keys]\nk1 = '{k}'",
        "current = 'k1'\nindex = '{k}'\n[keys]\nk1 = 'c2VjcmV0'",
        "current = 'k1'\nindex = 'c2VjcmV0'\n[keys]\nk1 = '{k}'",
        "current = 'k1'\nindex = '{k}'\n[keys]\nk1 = '!!!'",
        "current = 'k1'\nindex = '{k}'\nkeys = 'k1'",
        "current = 'k1'\nindex = '{k}'\n[keys]\nk1 = 7",
    ],
)
def test_a_wrong_key_file_is_refused_without_showing_a_key(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.toml"
    key = base64.b64encode(b"0" * 32).decode()
    path.write_text(text.replace("{k}", key), "utf-8")
    with pytest.raises(ValueError, match=r"keys\.toml") as found:
        load_key_file(path)
    assert key not in str(found.value)
    assert "c2VjcmV0" not in str(found.value)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere\.toml"):
        load_key_file(tmp_path / "nowhere.toml")
