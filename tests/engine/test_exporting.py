from tests.factories import *
from engine.exports.ordering import *
from engine.exports.export_building import make_export
from workflows.export import *
from tests.people import actor
async def test_x(context):
    context.objects.ensure_buckets()
    s = await bring(context, "DELIVERED")
    t = await bring(context, "CORRECTION", who=person(3))
    from engine.projecting import project
    await project(seconds=60)
    a = await actor("auditor")
    for f in Format:
      for clear in (False, True):
        o = await order_export(context, a, Wish(f, clear=clear, reason="监督检查"), t.now)
        await make_export(context, o["id"], lambda: t.now)
        o = await read_export(a, o["id"])
        print(o["state"], o["failure"], o["rows"], o["size"])
        c = await find_export(a, o["id"], t.now)
        with await open_export(context, c, 0, c.size) as st, open(f"/tmp/f7/{'clear-' if clear else ''}{f}","wb") as w: w.write(st.read())
