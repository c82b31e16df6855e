"""Short messages over an HTTP gateway (``sms_url``, ``sms_key``)."""

from __future__ import annotations

from engine.messages.gateways import posting
from engine.messages.gateways.outcomes import Outcome, Outgoing
from engine.settings import Settings


def configured(settings: Settings) -> bool:
    """Whether there is such a gateway."""
    return settings.sms_url is not None


async def send(settings: Settings, message: Outgoing) -> Outcome:
    """Hand over a short message."""
    assert settings.sms_url is not None  # noqa: S101  # asked for by configured()
    return await posting.post(
        settings.sms_url.get_secret_value(), settings.sms_key.get_secret_value(), message, settings.gateway_seconds
    )
