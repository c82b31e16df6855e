"""Documents on the page of a case: opened, printed, and looked at before they are issued."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import unquote

from litestar import Litestar
from pypdf import PdfReader

from api.state import context_of
from engine.documents.drafting import render_documents
from tests.api.hall import Clock
from tests.api.pages.test_case import At, Bring
from tests.factories import table_counts


async def test_a_document_opens_from_the_page_of_its_case(
    app: Litestar, at_desk: At, case_in: Bring, clock: Clock
) -> None:
    story = await case_in("ACCEPTED")
    await render_documents(context_of(app), story.number, clock)
    clerk = await at_desk("clerk")
    page = await clerk.open(f"/cases/{story.number}")
    links = [
        attributes["href"] for tag, attributes in page.elements if tag == "a" and "/documents/" in attributes["href"]
    ]
    shown = [unquote(link).split("/")[-2] for link in links]
    assert shown == list((await story.documents()).values())[::-1]  # the newest first
    answer = await clerk.http.get(links[0])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    again = await clerk.open(f"/cases/{story.number}")
    assert "文书已生成并存档" in again.text
    assert "打印文书" in again.text


async def test_what_an_act_would_issue_is_looked_at_first(at_desk: At, case_in: Bring) -> None:
    story = await case_in("VERIFY")
    approver = await at_desk("approver")
    page = await approver.open(f"/cases/{story.number}")
    form = page.form("/actions/deny")
    typed = dict(form.fields) | {"reason": "布局不符合要求。", "article": "食品安全法33"}
    before = await table_counts()
    sample = await approver.http.post(f"{form.action}/preview", data=typed)
    assert (sample.status_code, sample.headers["content-type"]) == (200, "application/pdf")
    assert "布局不符合要求" in PdfReader(BytesIO(sample.content)).pages[0].extract_text().replace(" ", "")
    assert await table_counts() == before
    refused = await approver.http.post(f"{form.action}/preview", data=dict(form.fields))
    assert refused.status_code == 422
    assert "text/html" in refused.headers["content-type"]
    forged = await approver.http.post(f"{form.action}/preview", data=typed | {"csrf_token": "x"})
    assert forged.status_code == 403
