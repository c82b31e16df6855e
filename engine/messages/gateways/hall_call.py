"""Calls in the hall, by its displays and loudspeakers, over an HTTP gateway (``call_url``, ``call_key``)."""

from __future__ import annotations

from engine.messages.gateways import posting
from engine.messages.gateways.outcomes import Outcome, Outgoing
from engine.settings import Settings


def configured(settings: Settings) -> bool:
    """Whether there is such a gateway."""
    return settings.call_url is not None


async def send(settings: Settings, message: Outgoing) -> Outcome:
    """Hand over a call; whom it is for is said by the number of the case."""
    assert settings.call_url is not None  # noqa: S101  # asked for by configured()
    return await posting.post(
        settings.call_url.get_secret_value(), settings.call_key.get_secret_value(), message, settings.gateway_seconds
    )
