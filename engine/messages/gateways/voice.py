"""Telephone calls by a machine that reads the text out, over an HTTP gateway (``voice_url``, ``voice_key``)."""

from __future__ import annotations

from engine.messages.gateways import posting
from engine.messages.gateways.outcomes import Outcome, Outgoing
from engine.settings import Settings


def configured(settings: Settings) -> bool:
    """Whether there is such a gateway."""
    return settings.voice_url is not None


async def send(settings: Settings, message: Outgoing) -> Outcome:
    """Hand over a call; the text is what is read out."""
    assert settings.voice_url is not None  # noqa: S101  # asked for by configured()
    return await posting.post(
        settings.voice_url.get_secret_value(), settings.voice_key.get_secret_value(), message, settings.gateway_seconds
    )
