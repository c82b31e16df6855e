"""Many poisonous files at once beside good ones, before a real worker: the good ones are kept, the worker stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psutil
from PIL import Image

from engine.context import Context
from storage import scans
from storage.embedded import Supervisor
from tests.acceptance.test_worker import until_settled, working  # noqa: F401 - a fixture
from tests.engine.test_evidence import incoming, upload
from tests.factories import open_story
from tests.storage import hostile_files as hostile

GOOD = hostile.coded(hostile.picture(), "JPEG")
LOOPS = hostile.pdf(hostile.draws_without_end)
POISON = {
    "loops.pdf": (LOOPS, "processing_limit"),
    "wide.png": (hostile.bilevel_png(35_000, 35_000), "page_too_large"),
    "unpacks.pdf": (hostile.pdf(hostile.unpacks_without_end), "decompression_bomb"),
    "circle.pdf": (hostile.pdf(hostile.runs_in_a_circle), "pdf_loop"),
    "script.pdf": (hostile.pdf(hostile.runs_a_script_from_a_link), "pdf_script"),
    "heavy.tif": (
        hostile.coded(Image.new("RGB", (9900, 9900)), "TIFF", compression="tiff_lzw")[:-9000],
        "file_broken",
    ),
}


async def test_poisonous_files_cost_themselves_only(context: Context, working: Supervisor) -> None:  # noqa: F811
    context.objects.ensure_buckets()
    story = await open_story(context, at=datetime.now(UTC) - timedelta(hours=3))
    for line in ("M01", "M03", "M04", "M05"):
        for name, (data, _) in POISON.items():
            if name != "loops.pdf" or line == "M01":  # one that takes all of its time is enough to wait for
                await upload(story, "clerk", line, data, name)
        await upload(story, "clerk", line, GOOD, "good.jpg")
    before = dict(working.pids)
    processes = set(psutil.Process(before["worker"]).children())
    assert {row["state"] for row in await until_settled(90)} == {"done"}
    judged = await scans.of_case(story.number)
    assert len(judged) == 4 * (len(POISON) - 1) + 1 + 4
    for row in judged:
        expected = "ok" if row["file_name"] == "good.jpg" else POISON[row["file_name"]][1]
        assert (row["file_name"], row["verdict"]) == (row["file_name"], expected)
        assert row["state"] == ("stored" if expected == "ok" else "refused")
    assert incoming(context) == []
    assert dict(working.pids) == before
    assert processes <= set(psutil.Process(before["worker"]).children()), "a worker process was lost"
