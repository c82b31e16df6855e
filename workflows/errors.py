"""Everything the engine refuses, as one tree.

YichuangError
├── Malformed        422  the request itself is not well formed
├── NotFound         404  no such thing, or not within the actor's organisation
├── NotAuthenticated 401  who are you
├── Forbidden        403  this role may not do it
├── Conflict         409  the law or the state bars it now
├── Stale            412  somebody changed the case first
├── VersionRequired  428  a machine must say which version it acts on
├── TooLarge         413  more bytes than allowed
├── Unsupported      415  a kind of file that is not accepted
├── TooMany          429  attempts exhausted for now
└── Unavailable      503  a part behind us does not answer; repeat with the same Idempotency-Key

Every error carries a stable machine code, a sentence in Chinese and one in English, and where the law bars the act,
its article.
"""

from __future__ import annotations

from typing import Any, ClassVar


class YichuangError(Exception):
    """An expected refusal; nothing was written.

    :param code: stable machine code, e.g. ``action_not_allowed``.
    :param zh: what happened and what to do, for a Chinese-speaking clerk.
    :param en: the same in English.
    :param basis: the article that bars the act, if one does, e.g. ``行政许可法32(1)(5)``.
    :param extra: members added to the problem document; never personal data.
    """

    status: ClassVar[int] = 500

    def __init__(self, code: str, zh: str, en: str, *, basis: str | None = None, **extra: Any) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.zh = zh
        self.en = en
        self.basis = basis
        self.extra = extra


class Malformed(YichuangError):
    """The request is not well formed; correct it and send it again."""

    status = 422


class NotFound(YichuangError):
    """There is no such thing, or it is outside the actor's organisation."""

    status = 404


class NotAuthenticated(YichuangError):
    """The caller has not shown who they are."""

    status = 401


class Forbidden(YichuangError):
    """The caller is known, and this role may not do it."""

    status = 403


class Conflict(YichuangError):
    """The law or the state of the case bars the act now."""

    status = 409


class Stale(YichuangError):
    """Somebody changed the case first."""

    status = 412


class VersionRequired(YichuangError):
    """A machine client must name the case version it acts on."""

    status = 428


class TooLarge(YichuangError):
    """More bytes than the limit."""

    status = 413


class Unsupported(YichuangError):
    """A kind of file that is not accepted."""

    status = 415


class TooMany(YichuangError):
    """Too many attempts; wait."""

    status = 429


class Unavailable(YichuangError):
    """A part behind the engine does not answer; the same request may be repeated with the same Idempotency-Key."""

    status = 503


class DefinitionError(YichuangError):
    """A flow, item or calendar file is not lawful or not well formed; nothing was published."""

    status = 422
