"""意见模板: sentences for opinions, kept by whoever signs opinions; never an opinion by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from litestar import delete, get, post, put
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from api.rest.answers import shapes
from api.rest.bodies import Strict
from api.rest.problems import problems
from api.rest.requests import IdempotencyKey, key_of
from api.state import Caller, Engine, Now
from engine import opinion_texts
from engine.opinion_texts import Template

_TAG: Final = ["opinion templates"]
_ONE: Final = "/opinion-templates/{template:uuid}"
_WORDS: Final = {"title": "材料齐全", "text": "经审查，申请材料齐全，符合法定形式，拟准予许可。"}
_KEPT: Final = Example(summary="For colleagues too", value={**_WORDS, "shared": True})
_CHANGED: Final = Example(summary="Other words", value=_WORDS)


class TemplateRow(Struct):
    """A template that the caller may use.

    ``own``: only its writer changes or ends it. ``department_name`` is null where nobody else sees it; ``item_code``
    is empty where it is for every item.
    """

    id: UUID
    title: str
    text: str
    item_code: str
    own: bool
    maker_name: str
    made_at: datetime
    department_name: str | None = None
    department_name_en: str | None = None


class TemplateList(Struct):
    """Templates: those for one item before those for every one, the caller's own before colleagues'; 200 at most."""

    items: list[TemplateRow]


class TemplateKept(Struct):
    """A template that was kept, by its key."""

    id: UUID


class Wording(Struct, forbid_unknown_fields=True, frozen=True):
    """Other words for a template; for whom and for which item it is stays as it was."""

    title: Annotated[str, Meta(min_length=1, max_length=40)]
    text: Annotated[str, Meta(min_length=1, max_length=500)]


@get("/opinion-templates", operation_id="listOpinionTemplates", summary="Opinion templates", tags=_TAG,
     responses=problems(401, 403))  # fmt: skip
async def list_templates(
    *,
    actor: Caller,
    item: Annotated[str | None, QueryParameter(description="Only what fits a case of this item, by code.")] = None,
) -> TemplateList:
    """List the caller's own templates and those that colleagues of their departments share."""
    return TemplateList(shapes(TemplateRow, await opinion_texts.list_templates(actor, item=item)))


@post("/opinion-templates", operation_id="keepOpinionTemplate", summary="Keep a template", tags=_TAG,
      dto=Strict[Template], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def keep_template(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Template, Body(examples=[_KEPT])],
    key: IdempotencyKey = None,
) -> TemplateKept:
    """Keep a template, for oneself or for colleagues too; one person keeps at most a hundred."""
    return TemplateKept(await opinion_texts.keep_template(context, actor, data, now, key_of(key)))


@put(_ONE, operation_id="changeOpinionTemplate", summary="Change a template", tags=_TAG, status_code=204,
     dto=Strict[Wording], return_dto=None, responses=problems(401, 403, 404, 413, 415))  # fmt: skip
async def change_template(
    actor: Caller, template: FromPath[UUID], data: Annotated[Wording, Body(examples=[_CHANGED])]
) -> None:
    """Put other words into a template of one's own. Opinions that were signed stay as they were signed."""
    await opinion_texts.change_template(actor, template, Template(title=data.title, text=data.text))


@delete(_ONE, operation_id="endOpinionTemplate", summary="Retire a template", tags=_TAG,
        responses=problems(401, 403, 404))  # fmt: skip
async def end_template(actor: Caller, now: Now, template: FromPath[UUID]) -> None:
    """Offer a template of one's own no more, to nobody."""
    await opinion_texts.end_template(actor, template, now)
