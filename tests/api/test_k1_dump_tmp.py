from __future__ import annotations
import json, re
from pathlib import Path
from tests.api.test_publishing import *  # noqa
from tests.api.test_publishing import FOOD, PERMIT
from tests.api.pages.conftest import at_desk
OUT = Path("/tmp/k1shots")
def save(page, name):
    html = re.sub(r"/static/app\.css\?v=\w+", "file:///work/main/api/static/app.css", page.html)
    (OUT / f"{name}.html").write_text(html)
async def test_dump(at_desk):
    maker, checker = await at_desk("item_steward"), await at_desk("item_steward2")
    page = await maker.open(f"/drafts/new?kind=item&item={FOOD.code}")
    save(page, "new")
    form = page.form("/drafts/new")
    item = json.loads(form.value("text"))
    item["visits"] = 0
    item["promise_limit"]["n"] = 3
    item["materials"][2]["copies"] = 2
    item["materials"].append(dict(item["materials"][0], code="M20", name="消防验收意见", name_en="Fire approval", originals=1))
    page = await maker.send(form, text=json.dumps(item, ensure_ascii=False), reason="承诺时限压缩至三个工作日")
    address = str(page.answer.url)
    page = await checker.open(address); save(page, "draft")
    await checker.open("/language/en"); save(await checker.open(address), "draft_en"); await checker.open("/language/zh")
    await checker.send(page.form("/publication"))
    save(await checker.open(address), "draft_done")
    page = await maker.open("/drafts/new?kind=flow&flow=PERMIT")
    text = page.form("/drafts/new").value("text").replace('["no_earlier_notice", ', "[", 1)
    save(await maker.send(page.form("/drafts/new"), text=text), "refused")
    text = page.form("/drafts/new").value("text").replace('to = "REVIEW"\nby = ["officer"]', 'to = "REVIEW"\nby = ["reviewer"]', 1).replace('title = "审查中"', 'title = "实质审查中"', 1)
    page = await maker.send(page.form("/drafts/new"), text=text)
    save(page, "flowdraft")
    save(await maker.open("/catalogue"), "catalogue")
    save(await maker.open(f"/catalogue/items/{FOOD.code}"), "versions")
    save(await maker.open("/drafts"), "drafts")
    save(await maker.open(f"/drafts/new?kind=cancellation&item={FOOD.code}"), "cancel")
