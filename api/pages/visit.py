"""One request of a signed-in reader: who, when, in which wording, with the engine at hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.pages.rendering import PageRequest
from api.pages.wording import Wording, wording_of
from api.state import Caller, Engine, Now
from engine.context import Context
from workflows.actor import Actor


@dataclass(frozen=True, slots=True)
class Visit:
    """What every page behind the sign-in needs.

    :param now: UTC.
    """

    request: PageRequest
    context: Context
    actor: Actor
    now: datetime

    @property
    def wording(self) -> Wording:
        """The reader's wording, before a hall's zone is known."""
        return wording_of(self.request)

    def asked(self, name: str) -> str:
        """A query parameter without the blanks around it; empty where there is none."""
        return str(self.request.query_params.get(name, "")).strip()


async def visit_of(request: PageRequest, context: Engine, actor: Caller, now: Now) -> Visit:
    """Dependency of the pages."""
    return Visit(request, context, actor, now)
