"""E-mail over SMTP (``smtp_url``, ``mail_from``), encrypted where the server can and always before a password."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from engine.messages.gateways.outcomes import Deferred, Down, Outcome, Outgoing, Refused, Taken
from engine.settings import Settings

_PORTS: Final = {"smtp": 25, "smtps": 465}


def configured(settings: Settings) -> bool:
    """Whether there is a mail server."""
    return settings.smtp_url is not None


async def send(settings: Settings, message: Outgoing) -> Outcome:
    """Hand over an e-mail; its ``Message-ID`` is the same however often it is sent."""
    assert settings.smtp_url is not None  # noqa: S101  # asked for by configured()
    server = urlsplit(settings.smtp_url.get_secret_value())
    return await asyncio.to_thread(_send, server, settings.mail_from, message, settings.gateway_seconds)


def _send(server: SplitResult, sender: str, message: Outgoing, seconds: float) -> Outcome:
    try:
        with _connect(server, sender.rpartition("@")[2], seconds) as smtp:
            smtp.send_message(letter_of(message, sender))
    except smtplib.SMTPRecipientsRefused as refusal:
        status = next(iter(refusal.recipients.values()))[0]
        return Refused(f"refused_{status}") if status >= 500 else Deferred(f"deferred_{status}")
    except (OSError, smtplib.SMTPException) as problem:
        return Down(_reason(problem))
    return Taken(str(message.id))


def _reason(problem: Exception) -> str:
    match problem:
        case smtplib.SMTPAuthenticationError():
            return "key_refused"
        case smtplib.SMTPNotSupportedError():
            return "encryption_not_offered"
        case smtplib.SMTPResponseException():
            return f"status_{problem.smtp_code}"
        case TimeoutError():
            return "timeout"
    return "no_answer"


def _connect(server: SplitResult, domain: str, seconds: float) -> smtplib.SMTP:
    host, port = server.hostname or "", server.port or _PORTS[server.scheme]
    if server.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, domain, timeout=seconds, context=_trust())
    else:
        smtp = smtplib.SMTP(host, port, domain, timeout=seconds)
    try:
        smtp.ehlo()
        if server.scheme == "smtp" and (server.username or smtp.has_extn("starttls")):
            smtp.starttls(context=_trust())
            smtp.ehlo()
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
    except BaseException:
        smtp.close()
        raise
    return smtp


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def letter_of(message: Outgoing, sender: str) -> EmailMessage:
    """The e-mail as it is sent: plain text, marked as not written by a person (RFC 3834)."""
    letter = EmailMessage()
    letter["From"] = Address(addr_spec=sender)
    letter["To"] = Address(addr_spec=message.to)
    letter["Subject"] = message.subject
    letter["Date"] = format_datetime(message.at)
    letter["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["Content-Language"] = message.language
    letter.set_content(message.text)
    return letter
