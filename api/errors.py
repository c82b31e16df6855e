"""Refusals as RFC 9457 problem documents; nothing of the inside reaches a client."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from workflows.errors import NotAuthenticated, Unavailable, YichuangError

PROBLEM = "application/problem+json"
_LOG = structlog.get_logger("api")
_BROKEN_OFF = "client disconnected prematurely"
"""How the framework words, as a fault of the server, that the other side left before its request was whole."""


class Unreadable(YichuangError):  # named for what happened, as the whole tree is
    """The request cannot be read at all."""

    status: ClassVar[int] = 400


class RangeNotSatisfiable(YichuangError):  # idem
    """The range that was asked for lies outside the file."""

    status: ClassVar[int] = 416


_HTTP: dict[int, tuple[str, str, str]] = {
    400: ("malformed_request", "请求格式不正确。", "The request is not well formed."),
    401: ("not_authenticated", "请先登录。", "Sign in first."),
    403: ("forbidden", "无权进行此操作。", "You may not do this."),
    404: ("not_found", "没有这个地址。", "There is no such address."),
    405: ("method_not_allowed", "该地址不支持此方法。", "This address does not know that method."),
    413: ("payload_too_large", "提交的内容过大。", "The request is too large."),
    415: ("media_type_not_supported", "不支持这种内容类型。", "This kind of content is not supported."),
    429: ("too_many_requests", "请求过于频繁，请稍后再试。", "Too many requests; wait a little."),
}


def problem(status: int, code: str, zh: str, en: str, **extra: Any) -> Response[dict[str, Any]]:
    """A problem document.

    :param status: HTTP status. :param code: the stable code clients may rely on.
    """
    body = {"type": f"/problems/{code}", "title": en, "status": status, "code": code, "detail": zh, **extra}
    return Response(body, status_code=status, media_type=PROBLEM, headers={"Cache-Control": "no-store"})


def on_refusal(_: Request[Any, Any, Any], refusal: YichuangError) -> Response[Any]:
    """An expected refusal, with its article and whatever helps to go on."""
    extra = dict(refusal.extra)
    if refusal.basis:
        extra["basis"] = refusal.basis
    answer = problem(refusal.status, refusal.code, refusal.zh, refusal.en, **extra)
    if isinstance(refusal, Unavailable):
        _LOG.warning("unavailable", code=refusal.code, cause=type(refusal.__cause__).__name__)
        answer.headers["Retry-After"] = "2"
    if isinstance(refusal, RangeNotSatisfiable):
        answer.headers["Content-Range"] = f"bytes */{refusal.extra['size']}"
    if isinstance(refusal, NotAuthenticated):
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def on_http(request: Request[Any, Any, Any], refusal: HTTPException) -> Response[Any]:
    """What the framework refuses, in the same form and without its own words; its faults are ours."""
    if refusal.detail == _BROKEN_OFF:
        return problem(
            400,
            "request_broken_off",
            "请求没有传完，操作没有写入。请检查网络后重试。",
            "The request ended early and nothing was written; check the connection and try again.",
        )
    if refusal.status_code >= HTTP_500_INTERNAL_SERVER_ERROR:
        return on_failure(request, refusal)
    code, zh, en = _HTTP.get(refusal.status_code, ("refused", "请求被拒绝。", "The request was refused."))
    rows = refusal.extra if isinstance(refusal.extra, list) else []
    fields = [str(row["key"]) for row in rows if isinstance(row, dict) and "key" in row]
    answer = problem(refusal.status_code, code, zh, en, **({"fields": fields} if fields else {}))
    answer.headers.update(refusal.headers or {})
    return answer


def on_failure(request: Request[Any, Any, Any], failure: Exception) -> Response[Any]:
    """A fault of ours: logged under a number that the caller can quote, never shown."""
    incident = uuid4().hex[:12]
    _LOG.error("failure", incident=incident, path=request.url.path, kind=type(failure).__name__, exc_info=failure)
    return problem(
        HTTP_500_INTERNAL_SERVER_ERROR,
        "internal_error",
        f"系统内部错误，操作没有写入。请联系管理员并告知编号 {incident}。",
        f"Something is wrong on our side; tell the administrator the number {incident}.",
        incident=incident,
    )
