"""Pages for people at /, rendered on the server; every act goes through the same operations as the JSON interface."""

from __future__ import annotations

from typing import Final

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from api.pages import acting, agency, board, bulk, case, intake, lists, public, session
from api.pages.refusals import PAGE_ERRORS
from api.pages.rendering import static_files
from api.pages.visit import visit_of

_OPEN: Final = Router(
    "/",
    route_handlers=[
        session.sign_in_page,
        session.sign_in,
        session.sign_out,
        session.choose_language,
        public.status_form,
        public.status_page,
        public.rate_from_page,
    ],
    guards=[session.plain_address],
    exception_handlers=PAGE_ERRORS,
    include_in_schema=False,
)
_BEHIND_SIGN_IN: Final = Router(
    "/",
    route_handlers=[
        lists.tasks_page,
        lists.cases_page,
        board.board_page,
        bulk.bulk_page,
        bulk.act_on_many,
        agency.mandates_page,
        agency.new_mandate_page,
        agency.register_from_page,
        agency.mandate_page,
        agency.file_from_page,
        agency.revoke_from_page,
        agency.upload_paper_from_page,
        intake.opening_page,
        intake.open_from_page,
        case.case_page,
        acting.act_on_case,
        acting.preview_act,
        acting.upload_scan,
    ],
    guards=[session.in_browser, session.plain_address],
    dependencies={"visit": Provide(visit_of)},
    exception_handlers=PAGE_ERRORS,
    include_in_schema=False,
)

PAGES: list[ControllerRouterHandler] = [static_files(), _OPEN, _BEHIND_SIGN_IN]
