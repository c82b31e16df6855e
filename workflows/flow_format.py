"""The form of a flow file: what may stand in its TOML, and nothing else."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from workflows.clock import ClockKind, Unit
from workflows.events import Act
from workflows.payload import Field

SAME: Final = "="
"""Written as the target of an act that leaves the case in its state."""
AUTHORISED_WINDOW: Final = "authorised_window"
"""In ``by``: a clerk, where the item carries the authority's written authorisation."""

EVERY: Final = "@"
"""Begins a group of states in ``from`` and ``states``: ``@open``, ``@any`` or a phase such as ``@handling``."""
IF_THERE: Final = "?"
"""Begins a state that is meant only where the flow has it."""

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
    time is. ``phase`` groups states, so that a step can be written for all of them (``@handling``).
    """

    name: StateName
    title: Text
    title_en: Text
    kind: Literal["initial", "open", "decided", "terminal", "final"]
    holder: Literal["window", "department", "applicant", "third_party", "archive"]
    decision: bool = False
    refusing: bool = False
    stage_limit: Limit | None = None
    phase: Literal["", "preparing", "receipt", "handling", "decided", "over", "archived"] = ""


class ClockEffects(Struct, forbid_unknown_fields=True, frozen=True):
    """What an act does to the clocks of the case.

    ``stop_all`` stops whatever still runs; ``amend`` sets another limit from the original start. ``since`` says from
    when a started clock counts: the act itself, the receipt of the application (视为受理), or its acceptance.
    """

    start: list[ClockKind] = []
    stop: list[ClockKind] = []
    suspend: list[ClockKind] = []
    resume: list[ClockKind] = []
    extend: list[ClockKind] = []
    amend: list[ClockKind] = []
    stop_all: bool = False
    since: Literal["act", "receipt", "acceptance"] = "act"


class Flags(Struct, forbid_unknown_fields=True, frozen=True):
    """Marks on the case that an act sets or clears (tolerance, deemed, extended …)."""

    set: list[str] = []
    clear: list[str] = []


class Timer(Struct, forbid_unknown_fields=True, frozen=True):
    """The step is taken by the engine itself at the moment when this clock falls due."""

    clock: ClockKind


class Tell(Struct, forbid_unknown_fields=True, frozen=True):
    """Somebody is told of a step: who, and by which way."""

    to: Literal[
        "applicant", "department", "handler", "hall", "colleague", "supervisor", "auditor", "archivist", "third_party"
    ]
    way: Literal["sms", "voice", "letter", "task"]


class Watch(Struct, forbid_unknown_fields=True, frozen=True):
    """What is done when a running clock comes near its end or passes it (催办, 亮牌).

    Its moment is ``before`` the due day (at the opening of the hall), or when no more than one part in ``share`` of
    the limit is left, with both the earlier of the two, or, without both, when the limit passes.

    :param states: only while the case is in one of these; empty: in any.
    :param level: ``reminder`` only tells; the others leave a card of that colour, which is never deleted.
    :param duty: what the authority owes from then on (a public explanation).
    """

    rule: Annotated[str, Meta(pattern="^[a-z][a-z_]{2,39}$")]
    title: Text
    title_en: Text
    clock: ClockKind
    level: Literal["reminder", "amber", "yellow", "red"]
    basis: Text
    before: Limit | None = None
    share: Annotated[int, Meta(ge=2, le=20)] | None = None
    states: list[str] = []
    documents: list[str] = []
    notify: list[Tell] = []
    duty: Literal["overdue_explanation"] | None = None


class Transition(Struct, forbid_unknown_fields=True, frozen=True):
    """One lawful step: from where, to where, who, on what condition, with what effect, under which article.

    :param aside: beside the case's way: nobody is waited for, and lists of what comes next leave it out.
    :param notify: who is told, and how.
    :param timer: the engine takes the step itself when the clock falls due.
    :param children: ``open`` one child case for each department that takes part (并联).
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
    notify: list[Tell] = []
    payload: dict[str, Field] = {}
    timer: Timer | None = None
    children: Literal["open"] | None = None
    aside: bool = False

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
    parts: list[Annotated[str, Meta(pattern="^[a-z][a-z_]{1,39}$")]] = []


class FlowFile(Struct, forbid_unknown_fields=True, frozen=True):
    """A whole flow file.

    :param words: what this procedure says where the titles and bases of its parts say something else.
    """

    flow: Header
    state: list[State]
    transition: list[Transition]
    limits: dict[ClockKind, Limit] = {}
    watch: list[Watch] = []
    words: dict[Text, Text] = {}
