"""The garbage collector of a process that serves: start-up is not looked at again for every request."""

from __future__ import annotations

import gc


def settle_memory() -> None:
    """Take what start-up made out of the collector's sight, and let it run less often. Call once, before serving."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
