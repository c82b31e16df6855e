"""The refusals of a route as its description lists them."""

from __future__ import annotations

from typing import Final

from litestar.openapi.datastructures import ResponseSpec

from api.errors import PROBLEM
from api.rest.answers import Problem

_WHEN: Final = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, or the token is unknown, revoked or expired.",
    403: "The caller's role may not do this, or the form token is wrong.",
    404: "There is no such thing within the caller's organisation.",
    409: "The law or the state bars it now; `basis` names the article, `allowed` what may be done instead.",
    412: "Somebody changed the case first; `current` is its version.",
    413: "More bytes than allowed.",
    415: "A kind of content that is not accepted.",
    416: "The range lies outside the file.",
    422: "Well formed, but a value is not right; `field` names the place.",
    428: "A token must send `If-Match`.",
    429: "Too many failures; wait.",
    503: "A server behind the engine does not answer; repeat with the same Idempotency-Key.",
}


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """Describe these refusals, and those that every route has."""
    return {
        status: ResponseSpec(Problem, generate_examples=False, description=_WHEN[status], media_type=PROBLEM)
        for status in sorted({400, 422, 503, *statuses})
    }
