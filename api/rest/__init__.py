"""The JSON interface under /api/v1."""

from litestar.types import ControllerRouterHandler

from api.rest import administration, case_parts, cases, catalogue, consultations, evidence, open_routes, sessions

ROUTES: list[ControllerRouterHandler] = [
    consultations.create_consultation,
    catalogue.list_items,
    catalogue.read_item,
    catalogue.read_flow,
    catalogue.read_calendar,
    cases.create_case,
    cases.list_cases,
    cases.list_tasks,
    cases.read_case,
    cases.act,
    cases.unmask,
    case_parts.list_actions,
    case_parts.list_events,
    case_parts.list_clocks,
    case_parts.list_materials,
    case_parts.list_documents,
    case_parts.list_scans,
    evidence.upload_scan,
    evidence.read_content,
    evidence.read_page,
    sessions.read_me,
    administration.issue_token,
    administration.revoke_token,
    administration.list_dead_letters,
    administration.retry_dead_letter,
]
"""Behind sign-in, below /api/v1."""
OPEN_ROUTES: list[ControllerRouterHandler] = [
    sessions.sign_in,
    sessions.sign_out,
    open_routes.read_status,
    open_routes.live,
    open_routes.ready,
    open_routes.metrics,
]
"""For everybody, at the root: sign-in, public status, health, metrics."""
