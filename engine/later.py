"""Work that cannot be done yet, through nobody's fault: it is left for a moment that is known."""

from __future__ import annotations

from datetime import datetime


class Later(Exception):
    """Raised by a job that wants its outbox row again at ``due_at`` (UTC); no attempt is counted."""

    def __init__(self, due_at: datetime) -> None:
        super().__init__(due_at.isoformat())
        self.due_at = due_at
