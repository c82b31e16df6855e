"""How long ``yichuang up`` takes to its first page, and what each process keeps in memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import psutil

from api.cli.addresses import address_of


def start_and_memory() -> dict[str, str]:
    """Start twice on one folder (the second start finds everything installed) and look at the processes."""
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="yc-bench-") as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "var"
        for label in ("first start to first page", "next start to first page"):
            begin = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "up", "--data", str(data)], stdout=subprocess.DEVNULL
            )
            try:
                while not (url := address_of(data)):
                    assert process.poll() is None
                    time.sleep(0.05)
                with urlopen(url + "sign-in", timeout=10) as page:
                    assert page.status == 200
                found[label] = f"{time.perf_counter() - begin:.1f} s"
                if label.startswith("next"):
                    found |= _memory(process.pid)
            finally:
                process.terminate()
                process.wait(60)
    return found


def _memory(pid: int) -> dict[str, str]:
    """Unique memory of each process tree below the supervisor, in MiB."""
    top = psutil.Process(pid)
    found = {"memory: supervisor": f"{top.memory_full_info().uss / 2**20:.0f} MiB"}
    for child in top.children():
        family = [child, *child.children(recursive=True)]
        words = child.cmdline()
        name = words[-1] if "api.cli" in words else Path(words[0]).name
        found[f"memory: {name} ({len(family)})"] = (
            f"{sum(one.memory_full_info().uss for one in family) / 2**20:.0f} MiB"
        )
    return found
