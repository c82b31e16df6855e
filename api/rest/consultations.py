"""POST consultations: what was asked and answered before there is a case."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import Response, post
from litestar.openapi.spec import Example
from litestar.params import Body, JSONBody

from api.rest.answers import Consulted, shape
from api.rest.bodies import Strict
from api.rest.documents import PDF, sample
from api.rest.problems import problems
from api.rest.requests import IdempotencyKey, key_of
from api.state import Caller, Engine, Now
from engine.consulting import Consulting, consult, preview_consultation

_ASKED: Final = Example(
    summary="One material is missing",
    value={
        "item": "11460100MB9A00014Q3460110001000",
        "question": "开餐馆需要什么材料？",
        "answer": "请按清单准备，当前缺少经营场所平面图。",
        "gaps": [{"material": "M03", "defect": "未携带", "how_to_obtain": "自行绘制并标注尺寸"}],
    },
)


@post(
    "/consultations",
    operation_id="consult",
    summary="Keep a consultation",
    tags=["consultations"],
    dto=Strict[Consulting],
    return_dto=None,
    responses=problems(401, 403, 404, 409, 413, 415),
)
async def create_consultation(
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Consulting, Body(examples=[_ASKED])],
    key: IdempotencyKey = None,
) -> Consulted:
    """Keep what was asked and answered, with the gaps that were named; gives the number of the slip (一次性告知单)."""
    return shape(Consulted, await consult(context, actor, data, now, key_of(key)))


@post(
    "/consultations/preview",
    operation_id="previewConsultation",
    summary="The slip that a consultation would issue",
    tags=["consultations"],
    status_code=200,
    dto=Strict[Consulting],
    return_dto=None,
    media_type=PDF,
    responses=problems(401, 403, 404, 409, 413, 415),
)
async def preview(context: Engine, actor: Caller, now: Now, data: JSONBody[Consulting]) -> Response[bytes]:
    """Draw the information slip (D02) that this would issue, marked as a sample. Nothing is written."""
    return sample(await preview_consultation(context, actor, data, now))
