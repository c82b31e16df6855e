"""How the machine is: which of its parts answer, and how much work waits or failed for good."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from engine import health
from engine.context import Context
from workflows.actor import Actor, Role
from workflows.errors import Forbidden


@dataclass(frozen=True, slots=True)
class MachineState:
    """The parts.

    :param parts: whether each of database, object store and broker answers.
    :param depths: rows of the outbox that wait, are sent, or are dead.
    """

    parts: dict[str, bool]
    depths: dict[str, int]


async def read_machine(context: Context, actor: Actor) -> MachineState:
    """How the parts are now; a part that is silent for three seconds does not answer.

    :raises Forbidden: ``role_not_allowed`` for anybody but a system administrator.
    """
    if Role.system_admin not in actor.roles:
        raise Forbidden(
            "role_not_allowed",
            "您的岗位不能查看系统运行情况，应由系统管理员办理。",
            "Your role may not see how the machine is; it is for system administrators.",
            basis="GB/T 22239-2019 8.1.5",
            roles=[Role.system_admin.value],
        )
    parts, depths = await asyncio.gather(health.check_parts(context), health.outbox_depths())
    return MachineState(parts, {name: depths.get(name, 0) for name in ("waiting", "sent", "dead")})
