"""The HTTP server of one process, which lets open streams end before it stops."""

from __future__ import annotations

import multiprocessing
import os
from typing import Any

from granian import Granian

from engine.live import END_STREAMS


class Server(Granian):  # type: ignore[valid-type, misc]  # of processes or of threads, as Python was built
    """Granian waits for what is under way, and a stream of changes would be for minutes: so those are ended first."""

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Told to stop: the serving process ends its streams, then what is under way is waited for as ever."""
        for worker in multiprocessing.active_children():
            if worker.pid:
                os.kill(worker.pid, END_STREAMS)
        super().signal_handler_interrupt(*args, **kwargs)
