"""Pages for people at /, rendered on the server; every act goes through the same operations as the JSON interface."""

from __future__ import annotations

from typing import Final

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from api.pages import (
    acting,
    agency,
    arrange,
    board,
    bulk,
    capture,
    case,
    custody,
    filing,
    intake,
    lists,
    live,
    materials,
    moves,
    public,
    publishing,
    session,
    versions,
    viewer,
)
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
        live.live,
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
        publishing.drafts_page,
        publishing.new_draft_page,
        publishing.propose_from_page,
        publishing.draft_page,
        publishing.publish_from_page,
        publishing.return_from_page,
        publishing.withdraw_from_page,
        versions.catalogue_page,
        versions.item_versions_page,
        versions.item_difference_page,
        versions.flow_versions_page,
        versions.flow_difference_page,
        moves.moves_page,
        moves.plan_from_page,
        moves.move_page,
        moves.approve_from_page,
        moves.carry_out_from_page,
        moves.cancel_from_page,
        custody.papers_page,
        custody.new_batch_page,
        custody.pack_from_page,
        custody.batch_page,
        custody.step_from_page,
        custody.settle_from_page,
        custody.return_from_page,
        filing.bind_from_page,
        filing.package_from_page,
        intake.opening_page,
        intake.open_from_page,
        case.case_page,
        acting.act_on_case,
        acting.preview_act,
        acting.upload_scan,
        arrange.arrange_page,
        arrange.arrange_from_page,
        capture.capture_page,
        capture.capture_files,
        capture.batch_page,
        capture.sort_by_hand,
        materials.check_from_page,
        materials.offers_page,
        materials.reuse_from_page,
        materials.end_from_page,
        materials.answer_from_page,
        viewer.first_page,
        viewer.viewer_page,
        viewer.find_page,
        viewer.export_from_page,
    ],
    guards=[session.in_browser, session.plain_address],
    dependencies={"visit": Provide(visit_of)},
    exception_handlers=PAGE_ERRORS,
    include_in_schema=False,
)

PAGES: list[ControllerRouterHandler] = [static_files(), _OPEN, _BEHIND_SIGN_IN]
