"""The form of a flow file: what may stand in its TOML, and nothing else."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from workflows.actor import Role
from workflows.clock import ClockKind, Unit
from workflows.events import Act
from workflows.payload import Field

SAME: Final = "="
"""Written as the target of an act that leaves the case in its state."""
AUTHORISED_WINDOW: Final = "authorised_window"
"""In ``by``: a clerk, where the item carries the authority's written authorisation."""

StateName = Annotated[str, Meta(pattern="^[A-Z][A-Z_]{0,29}$")]
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class Limit(Struct, forbid_unknown_fields=True, frozen=True):
    """How long something may take; ``unit`` as in :class:`workflows.clock.Unit`."""

    n: Annotated[int, Meta(ge=0, le=3650)]
    unit: Unit
    basis: str = ""


class State(Struct, forbid_unknown_fields=True, frozen=True):
    """One state of a procedure.

    ``kind``: ``initial`` and ``open`` (the authority has not decided), ``decided`` (what remains is the result's way
    to the applicant), ``terminal`` (over, to be archived), ``final`` (archived). ``holder`` says in whose hands the
    time is.
    """

    name: StateName
    title: Text
    title_en: Text
    kind: Literal["initial", "open", "decided", "terminal", "final"]
    holder: Literal["window", "department", "applicant", "third_party", "archive"]
    decision: bool = False
    refusing: bool = False
    stage_limit: Limit | None = None


class ClockEffects(Struct, forbid_unknown_fields=True, frozen=True):
    """What an act does to the clocks of the case.

    ``since`` says from when a started clock counts: the act itself, or the receipt of the application (视为受理).
    """

    start: list[ClockKind] = []
    stop: list[ClockKind] = []
    suspend: list[ClockKind] = []
    resume: list[ClockKind] = []
    extend: list[ClockKind] = []
    since: Literal["act", "receipt"] = "act"


class Flags(Struct, forbid_unknown_fields=True, frozen=True):
    """Marks on the case that an act sets or clears (tolerance, deemed, extended …)."""

    set: list[str] = []
    clear: list[str] = []


class Timer(Struct, forbid_unknown_fields=True, frozen=True):
    """The step is taken by the engine itself when this clock falls due, or ``before`` that (催办)."""

    clock: ClockKind
    before: Limit | None = None


class Transition(Struct, forbid_unknown_fields=True, frozen=True):
    """One lawful step: from where, to where, who, on what condition, with what effect, under which article.

    :param witness: the roles of which a second person must act together with the first (≥2 人核查, 监督加审计作废).
    :param served: documents of this step that must have reached the applicant before its clock effects count
        (特别程序告知).
    :param children: ``open`` one child case for each department that takes part (并联); ``await`` the end of all of
        them.
    """

    action: Act
    title: Text
    title_en: Text
    from_: Annotated[list[str], Meta(min_length=1)] | str = msgspec.field(name="from")
    to: str
    by: Annotated[list[str], Meta(min_length=1)]
    basis: str
    guards: list[str] = []
    clocks: ClockEffects = ClockEffects()
    flags: Flags = Flags()
    documents: list[str] = []
    served: list[str] = []
    payload: dict[str, Field] = {}
    timer: Timer | None = None
    witness: list[Role] = []
    children: Literal["open", "await"] | None = None

    @property
    def sources(self) -> list[str]:
        """The states that the step may be taken from."""
        return [self.from_] if isinstance(self.from_, str) else self.from_


class Header(Struct, forbid_unknown_fields=True, frozen=True):
    """What a flow is called, in which version, under which law."""

    name: Annotated[str, Meta(pattern="^[A-Z][A-Z_]{0,39}$")]
    version: Annotated[int, Meta(ge=1)]
    title: Text
    title_en: Text
    law: Text


class FlowFile(Struct, forbid_unknown_fields=True, frozen=True):
    """A whole flow file."""

    flow: Header
    state: list[State]
    transition: list[Transition]
    limits: dict[ClockKind, Limit] = {}
