"""Which function is particular to which act. An act that is not here needs nothing beyond its flow's declaration."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine import (
    correction,
    deciding,
    ending,
    handling,
    intake,
    joint,
    oversight,
    ownership,
    promising,
    reviewing,
    tolerating,
)
from engine.audit_desk import refusing
from engine.context import Context
from engine.issue import certifying, issuing, serving
from engine.ratings import rectifying
from engine.timing import fire_case
from engine.watching import Overtaken
from engine.work import Answer, Command, Operation, perform
from workflows.errors import Forbidden
from workflows.events import Act

OPERATIONS: Final[Mapping[Act, Operation]] = MappingProxyType(
    {
        Act.SUBMIT: intake.submit,
        Act.RETURN_PRE_REVIEW: intake.return_pre_review,
        Act.RECEIVE: intake.receive,
        Act.CORRECT_ON_SPOT: intake.correct_on_spot,
        Act.ACCEPT: intake.accept,
        Act.GIVE_NOTICE: correction.give_notice,
        Act.ADD_NOTICE_LINES: correction.add_notice_lines,
        Act.SUPPLY: correction.supply,
        Act.CONFIRM_LAPSE: correction.confirm_lapse,
        Act.ACCEPT_WITH_TOLERANCE: tolerating.accept_with_tolerance,
        Act.MEET_TOLERANCE: tolerating.meet_tolerance,
        Act.END_TOLERANCE: tolerating.end_tolerance,
        Act.GRANT_ON_PROMISE: promising.grant_on_promise,
        Act.CHECK_PROMISE: promising.check_promise,
        Act.REVOKE: promising.revoke,
        Act.START_SITE_CHECK: reviewing.start_site_check,
        Act.FINISH_SITE_CHECK: reviewing.finish_site_check,
        Act.TELL_SPECIAL: reviewing.tell_special,
        Act.START_SPECIAL: reviewing.start_special,
        Act.FINISH_SPECIAL: reviewing.finish_special,
        Act.EXTEND: reviewing.extend,
        Act.TELL_HEARING_RIGHT: reviewing.tell_hearing_right,
        Act.REQUEST_HEARING: reviewing.request_hearing,
        Act.WAIVE_HEARING: reviewing.waive_hearing,
        Act.SCHEDULE_HEARING: reviewing.schedule_hearing,
        Act.RECORD_HEARING: reviewing.record_hearing,
        Act.TELL_THIRD_PARTY: reviewing.tell_third_party,
        Act.RECORD_STATEMENT: reviewing.record_statement,
        Act.DISPATCH: joint.dispatch,
        Act.REPORT_UP: handling.report_up,
        Act.GIVE_OPINION: joint.give_opinion,
        Act.SIGN_IN: handling.sign_in,
        Act.REASSIGN: handling.reassign,
        Act.SUPPLY_SUPPLEMENT: handling.supply_supplement,
        Act.SUBMIT_REVIEW: deciding.submit_review,
        Act.ENDORSE: deciding.endorse,
        Act.SEND_BACK: deciding.send_back,
        Act.GRANT: deciding.grant,
        Act.DENY: deciding.deny,
        Act.MAKE_CERTIFICATE: certifying.make_certificate,
        Act.PROPOSE_CERTIFICATE_CHANGE: certifying.propose_change,
        Act.VOID_CERTIFICATE: certifying.void_certificate,
        Act.REISSUE_CERTIFICATE: certifying.reissue_certificate,
        Act.MARK_READY: issuing.mark_ready,
        Act.RENEW_PICKUP_CODE: issuing.renew_pickup_code,
        Act.DELIVER: issuing.deliver,
        Act.CONSENT_ELECTRONIC: issuing.consent_electronic,
        Act.DELIVER_ELECTRONICALLY: issuing.deliver_electronically,
        Act.SEND_BY_POST: issuing.send_by_post,
        Act.SIGN_OFF_POST: issuing.sign_off_post,
        Act.RETURN_POST: issuing.return_post,
        Act.SERVE: serving.serve,
        Act.RATE: rectifying.rate,
        Act.OPEN_RECTIFICATION: rectifying.open_rectification,
        Act.CONTACT_RATER: rectifying.contact_rater,
        Act.RECTIFY: rectifying.rectify,
        Act.MARK_PRIORITY: ownership.mark_priority,
        Act.OFFER_HANDOVER: ownership.offer_handover,
        Act.TAKE_OVER: ownership.take_over,
        Act.REFUSE_ACCEPTANCE: ending.refuse_acceptance,
        Act.WITHDRAW: ending.withdraw,
        Act.TERMINATE: ending.terminate,
        Act.PROPOSE_VOID: ending.propose_void,
        Act.VOID: ending.void,
        Act.SUPERVISE: oversight.supervise,
        Act.ANSWER_SUPERVISION: oversight.answer_supervision,
        Act.EXPLAIN_OVERDUE: oversight.explain_overdue,
        Act.APPEAL_CARD: oversight.appeal_card,
        Act.LIFT_CARD: oversight.lift_card,
        Act.UPHOLD_CARD: oversight.uphold_card,
    }
)

_TRIES: Final = 2
"""How often time goes first: an act of somebody else in between may begin a clock whose moment has passed already."""


async def act(context: Context, command: Command) -> Answer:
    """Do one act on a case; see :func:`engine.work.perform` for what it refuses.

    What time has to do on the case comes first, so that nobody acts past a moment that the sweep has not reached. An
    attempt that the separation of duties bars leaves a trace in the access log, and nothing else.
    """
    try:
        return await _in_turn(context, command)
    except Forbidden as refusal:
        await refusing.note(command.actor, command.number, command.act.value, refusal, command.now)
        raise


async def _in_turn(context: Context, command: Command) -> Answer:
    for _ in range(_TRIES):
        try:
            return await perform(context, command, OPERATIONS)
        except Overtaken:
            await fire_case(context, command.number, command.now)
    return await perform(context, command, OPERATIONS)
