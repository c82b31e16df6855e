"""The register of certificates and certificates of service, and the public check of a certificate."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, QueryParameter
from msgspec import Meta, Struct

from api.attempts import address_of, attempts_of
from api.rest.answers import shape
from api.rest.bodies import Strict
from api.rest.counter_answers import CertificateCheck, CertificateView, Receipt
from api.rest.problems import problems
from api.state import Caller, Engine, Now
from engine.issue import certifying, packaging
from workflows.errors import Malformed, NotFound
from workflows.payload import ShortText

_TAG = ["counter"]


class Checking(Struct, forbid_unknown_fields=True, frozen=True):
    """A certificate's number, and the last four characters of its holder's identity or credit number."""

    number: ShortText
    holder: Annotated[str, Meta(min_length=1, max_length=20)]


_CHECKING: Final = Example(summary="Is it valid?", value={"number": "示市监证〔2026〕1号", "holder": "0Y43"})


@get("/packages", operation_id="readReceipt", summary="A certificate of service as lines", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def read_receipt(
    actor: Caller, now: Now, document: Annotated[str, QueryParameter(description="Its number.", max_length=60)]
) -> Receipt:
    """Read what a certificate of service (D18) prints, of one case or of a package. The look is logged."""
    return shape(Receipt, await packaging.read_receipt(actor, document, now))


@get("/certificates", operation_id="readCertificate", summary="A certificate by its number", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def read_certificate(
    context: Engine,
    actor: Caller,
    now: Now,
    number: Annotated[str, QueryParameter(description="As printed on it.", max_length=60)],
) -> CertificateView:
    """Read a certificate of the register, and which one it replaces or is replaced by. The look is logged."""
    return shape(CertificateView, await certifying.read_certificate(context, actor, number, now))


@post("/public/certificates/check", operation_id="checkCertificate", summary="Is a certificate valid", tags=["public"],
      status_code=200, dto=Strict[Checking], return_dto=None,
      responses=problems(404, 413, 415, 429))  # fmt: skip
async def check_certificate(
    request: Request[Any, Any, Any],
    context: Engine,
    now: Now,
    data: Annotated[Checking, Body(examples=[_CHECKING])],
) -> Response[CertificateCheck]:
    """Say whether a certificate is valid today, to who knows the end of its holder's number; no names."""
    attempts, address = attempts_of(request), address_of(request)
    attempts.check(address)
    try:
        found = await certifying.check_certificate(context, data.number, data.holder, now)
    except (NotFound, Malformed):
        attempts.count(address)
        raise
    return Response(shape(CertificateCheck, found), headers={"Cache-Control": "no-store"})
