"""Logs as lines of JSON on standard error. Callers pass codes, keys and counts, never personal data."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import structlog

from workflows.errors import YichuangError


def configure_logs(level: str = "info") -> None:
    """Set up structured logs for this process.

    :param level: debug, info, warning or error.
    """
    number = getattr(logging, level.upper())
    # Libraries tell what they do at every step; only what worries them is kept.
    others = max(number, logging.WARNING)
    logging.basicConfig(stream=sys.stderr, level=others, format="%(levelname)s %(name)s %(message)s", force=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def reason_of(problem: Exception) -> str:
    """Why, without anything that the data may hold: a code of ours, or the kind of the error and where it arose."""
    if isinstance(problem, YichuangError):
        return f"{problem.code}: {problem.en}"
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(problem).__name__}{place}"
