from storage.db import reading, uuid7
from storage import cases as c, recounts
from tests.factories import bring, open_story
import time, datetime, uuid
async def test_probe(context):
    story = await bring(context, "RECEIVED")
    async with reading() as k:
        cols = [r["column_name"] for r in await k.fetch("SELECT column_name FROM information_schema.columns WHERE table_name='cases'")]
        ccols = [r["column_name"] for r in await k.fetch("SELECT column_name FROM information_schema.columns WHERE table_name='clocks'")]
        sel = ", ".join({"id":"uuidv7()","number":"'N'||g","query_code":"'Q'||g","due_at":"now()+g*interval '1 min'","rank":"(g%50>0)::int"}.get(n, f'c."{n}"') for n in cols)
        await k.execute(f"INSERT INTO cases ({', '.join(chr(34)+n+chr(34) for n in cols)}) SELECT {sel} FROM cases c, generate_series(1,60000) g")
        sel = ", ".join({"id":"uuidv7()","case_id":"s.id","due_on":"date '2026-03-09' + (random()*300)::int"}.get(n, f'x."{n}"') for n in ccols)
        await k.execute(f"INSERT INTO clocks ({', '.join(chr(34)+n+chr(34) for n in ccols)}) SELECT {sel} FROM clocks x, cases s WHERE s.id <> x.case_id")
        await k.execute("ANALYZE cases"); await k.execute("ANALYZE clocks")
        hall = (await story.row())["hall_id"]
        dep = (await story.row())["department_id"]
        Z=uuid.UUID(int=0)
        rows = await c.page(halls=[hall], departments=[dep], after=(0,"-infinity",Z), limit=50)
        last=rows[-1]
        t=time.perf_counter(); rows = await c.page(halls=[hall], departments=[dep], after=(1,"2026-12-10 00:00+00",last["id"]), limit=50); print("page ms",(time.perf_counter()-t)*1000, rows[0]["rank"])
        for r in await k.fetch("EXPLAIN (ANALYZE, COSTS OFF) "+c._PAGE, [hall],[dep],None,None,None,None,1,"2026-12-10 00:00+00",last["id"],50,1): print(r[0])
        t=time.perf_counter(); p=await recounts.concerned(k, datetime.date(2026,12,1), recounts.FIRST, 200); print("concerned ms",(time.perf_counter()-t)*1000,len(p))
        t=time.perf_counter(); p=await recounts.count_concerned(k, datetime.date(2026,12,1)); print("count ms",(time.perf_counter()-t)*1000,p)
        for r in await k.fetch("EXPLAIN (ANALYZE, COSTS OFF) "+recounts._PAGE, datetime.date(2026,12,1), recounts.FIRST, 200): print(r[0])
