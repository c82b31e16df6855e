from datetime import *
import asyncpg, time as T
from engine.figures.figuring import read_figures
from engine.figures.asking import Asked
from engine.projecting import project
from tests.factories import *
from tests.people import actor
from workflows.figure_catalogue import FIGURES

async def test_perf(context, database):
    await bring(context, "DELIVERED"); s=await bring(context,"REVIEW"); await bring(context,"CORRECTION")
    await project(seconds=60, now=START+timedelta(days=300))
    c = await asyncpg.connect(database.superuser)
    await c.execute("SET session_replication_role = replica")
    cols=[r["column_name"] for r in await c.fetch("select column_name from information_schema.columns where table_schema='public' and table_name='case_facts' order by ordinal_position")]
    for n in (30000, 270000):
        t=T.time()
        sel=", ".join(
          "uuidv7()" if k=="case_id" else
          "now()-interval '400 day'" if k=="last_at" else
          f"\"{k}\" - make_interval(days=>(g%1000))" if k.endswith("_at") and k!="last_at" else
          f"\"{k}\" - (g%1000)" if k.endswith("_on") else f'"{k}"' for k in cols)
        await c.execute(f"INSERT INTO case_facts SELECT {sel} FROM (select *, row_number() over () as rn from case_facts order by number limit 3) f, generate_series(1,{n}/3) g WHERE f.closed_at is not null or g%50=0")
        await c.execute("ANALYZE case_facts")
        print("insert", n, T.time()-t, await c.fetchval("select count(*) from case_facts"))
        for who in ("auditor","officer"):
          for by in ((),("department",),("item","week")):
            t=T.time()
            a=await read_figures(context, await actor(who), list(FIGURES), Asked(date(2026,2,1),date(2026,2,28),by)) if by!=("item","week") else await read_figures(context, await actor(who), ["closed","in_progress","on_time_rate","overdue_rate"], Asked(date(2026,1,1),date(2026,2,28),by))
            print(who, by, round((T.time()-t)*1000), "ms", [ (f["name"],f["total"]["numerator"]) for f in a["figures"]][:4])
    from engine.figures.asking import reach_of
    from engine.figures.as_of import facts_as_of
    who=await actor("auditor")
    for _ in range(3):
        t=T.time(); await reach_of(who); print("reach", round((T.time()-t)*1000,1))
        t=T.time()
        async with facts_as_of() as f: print("asof", round((T.time()-t)*1000,1), f.live)
        t=T.time(); await read_figures(context, who, ["impasse_solved_rate"], Asked(date(2026,2,1),date(2026,2,28))); print("one", round((T.time()-t)*1000,1))
    await c.close()
