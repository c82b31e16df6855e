"""Which function is particular to which act. An act that is not here needs nothing beyond its flow's declaration."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine import correction, deciding, intake, issuing
from engine.context import Context
from engine.work import Answer, Command, Operation, perform
from workflows.events import Act

OPERATIONS: Final[Mapping[Act, Operation]] = MappingProxyType(
    {
        Act.RECEIVE: intake.receive,
        Act.CORRECT_ON_SPOT: intake.correct_on_spot,
        Act.ACCEPT: intake.accept,
        Act.GIVE_NOTICE: correction.give_notice,
        Act.SUPPLY: correction.supply,
        Act.SUBMIT_REVIEW: deciding.submit_review,
        Act.ENDORSE: deciding.endorse,
        Act.SEND_BACK: deciding.send_back,
        Act.GRANT: deciding.grant,
        Act.DENY: deciding.deny,
        Act.MAKE_CERTIFICATE: issuing.make_certificate,
        Act.DELIVER: issuing.deliver,
    }
)


async def act(context: Context, command: Command) -> Answer:
    """Do one act on a case; see :func:`engine.work.perform` for what it refuses."""
    return await perform(context, command, OPERATIONS)
