"""The demo's applicants: invented people and companies whose numbers have valid check characters."""

from __future__ import annotations

from random import Random
from typing import Any

from workflows.party import resident_id_check_character, uscc_check_character


def person(chance: Random) -> dict[str, Any]:
    """An invented natural person with a valid check character."""
    born = f"{chance.randint(1960, 2003)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
    first = f"460105{born}{chance.randint(0, 999):03d}"
    name = chance.choice("陈林王李黄吴符郑") + chance.choice(["小海", "文静", "建国", "雪梅", "志强", "䶮", "思琪"])
    return {
        "kind": "person",
        "name": name,
        "id_kind": "resident_id",
        "id_number": first + resident_id_check_character(first),
        "mobile": f"138{chance.randint(0, 99999999):08d}",
        "address": "示例市示例区椰林路1号",
    }


def firm(chance: Random) -> dict[str, Any]:
    """An invented company with a valid check character."""
    first = "91460100MA" + "".join(chance.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(7))
    name = f"示例{chance.choice(['海风', '椰林', '南渡', '云帆'])}{chance.choice(['餐饮', '人力资源', '商贸'])}有限公司"
    return {
        "kind": "organisation",
        "name": name,
        "id_kind": "uscc",
        "id_number": first + uscc_check_character(first),
        "mobile": f"139{chance.randint(0, 99999999):08d}",
    }
