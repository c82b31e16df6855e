"""Whatever people write is text: kept word for word, handed back as text, never carried out."""

from __future__ import annotations

import asyncpg
import pytest

from tests.api.hall import E_CERT, FIRM, FOOD, Caller
from tests.conftest import Database

TEXTS = [
    "'; DROP TABLE cases; --",
    '" OR 1=1 --',
    "<script>alert('x')</script>",
    "<img src=x onerror=alert(1)>{{7*7}}${7*7}%s%n",
    "\\u0027 \\\\ \" ' ` & < >",
    "𠮷野家 ﷽ 🏛️ é",
]


@pytest.mark.parametrize("text", TEXTS)
async def test_text_is_kept_word_for_word_and_does_nothing(
    clerk: Caller, officer: Caller, database: Database, text: str
) -> None:
    asked = {
        "item": FOOD.code,
        "question": text,
        "answer": text,
        "contact": text,
        "gaps": [{"material": FOOD.materials[0].code, "defect": text, "how_to_obtain": text}],
    }
    consulted = await clerk.post("/api/v1/consultations", asked)
    assert consulted.status_code == 201, consulted.text
    number = await clerk.open_case(applicant=FIRM | {"name": text, "address": text})
    payload = {"materials": [{"line": E_CERT, "exempt": "e_cert"}]}
    assert (await clerk.act(number, "receive", 1, body=payload)).status_code == 200
    lines = [
        {"material": line.code, "defect": text, "requirement": text, "basis": text, "how_to_obtain": text}
        for line in FOOD.materials
        if not line.condition and line.code != E_CERT
    ]
    assert (await officer.act(number, "give_notice", 2, body={"lines": lines})).status_code == 200
    head = await clerk.get(f"/api/v1/cases/{number}")
    assert head.headers["content-type"] == "application/json"
    assert head.json()["applicant"]["name"] == text
    event = (await clerk.get(f"/api/v1/cases/{number}/events")).json()["items"][-1]
    assert event["data"]["payload"]["lines"] == lines
    await _kept(database, text)


async def _kept(database: Database, text: str) -> None:
    connection = await asyncpg.connect(database.superuser)
    try:
        assert await connection.fetchval("SELECT question FROM consultations") == text
        assert await connection.fetchval("SELECT defect FROM notice_lines") == text
    finally:
        await connection.close()


async def test_the_search_text_of_a_list_is_only_text(clerk: Caller) -> None:
    for text in [*TEXTS, "%", "_", "食品%"]:
        answer = await clerk.get("/api/v1/items", params={"text": text})
        assert answer.json()["items"] == []
