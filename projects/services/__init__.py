"""The only writers of projects and their money; pages, API and commands call them with a person and a moment."""

from projects.refusals import Refused, StepForbidden, StepRefused
from projects.services.acts import may_register, may_validate, waiting_acts
from projects.services.agreements import may_set_money, save_agreement
from projects.services.alerts import close_alert, raise_alerts
from projects.services.alerts import may_close as may_close_alert
from projects.services.amendments import approve_amendment, may_decide, propose_amendment, refuse_amendment
from projects.services.assignments import hand_over, hand_over_all, in_hand, may_hand_over, may_take, receivers, take
from projects.services.batches import create_drafts, empty_workbook, touched, try_workbook, undo_batch
from projects.services.calendar import add_exception, mark_of, moved_by_adding, moved_by_removing, remove_exception
from projects.services.ceilings import set_ceiling
from projects.services.certifying import certify_scan, paper_signature, return_to_preparer
from projects.services.comments import answer_comment, may_moderate, publish_comment, refuse_comment, send_comment
from projects.services.contracts import Answering, add_guarantee, register_contract
from projects.services.contributions import spread_contributions
from projects.services.decisions import (
    MOST,
    ask_decision,
    bulk_steps,
    confirm_decision,
    counts_of,
    every_bulk_step,
    stop_decision,
)
from projects.services.documents import attach_document, may_attach, remove_document, required_documents
from projects.services.drafts import (
    add_action,
    change_action,
    create_draft,
    remove_action,
    rules_for_new_projects,
    set_contributions,
    update_draft,
)
from projects.services.editing import SectionClosed, may_prepare, open_sections
from projects.services.estimates import advance_left, agreed, amortisation_of, estimated, register_estimate
from projects.services.exceptions import ask_exception, decide_exception, exceptable, may_ask_exception
from projects.services.integral import Submitted, create_integral, put_into_integral, submit_integral
from projects.services.letter_texts import (
    draft_of,
    drop_letter_text,
    may_write_texts,
    publish_letter_text,
    save_letter_text,
)
from projects.services.letters import cancel_letter, issue_letter, kinds_signed_by, reissue_letter, retry_letter
from projects.services.merging import Overtaken, mark
from projects.services.money import balance
from projects.services.payments import paid_of, register_payment
from projects.services.periods import open_periods
from projects.services.photos import (
    add_photo,
    cover_photo,
    may_photograph,
    may_release,
    release_photo,
    remove_photo,
    tell_photo,
    withhold_photo,
)
from projects.services.portfolios import judge_due_portfolios, judge_portfolios
from projects.services.previews import (
    ask_preview,
    is_current,
    latest_preview,
    open_proposals,
)
from projects.services.progress import (
    accept_progress,
    pays_by_contract,
    return_progress,
    save_progress,
    submit_progress,
)
from projects.services.proofs import interest_of, refund_due, register_proof, register_refund, share_excess
from projects.services.publication import Published, publish_rules, why_not_publish
from projects.services.reallocations import (
    branches_of,
    confirm_reallocation,
    discard_reallocation,
    propose_reallocation,
)
from projects.services.registering import reject_act, reverse_act, validate_act
from projects.services.releases import plan_releases, planned_for, register_release
from projects.services.reminders import remind
from projects.services.reopening import ask_reopening, decide_reopening, may_ask_reopening, may_grant_reopening
from projects.services.replay import Replay, replay, replay_all
from projects.services.review import (
    answer_observation,
    answer_overlap,
    ask_opinion,
    give_opinion,
    mark_ready,
    overlaps_of,
    propose_cancellation,
    why_not_ready,
)
from projects.services.scans import attach_scan, discard_scan, may_scan, take_scan
from projects.services.scenarios import (
    add_submitted,
    commit_scenario,
    copy_scenario,
    create_scenario,
    decide_row,
    may_commit,
    may_plan,
    why_not_row,
)
from projects.services.sites import Location, locate, set_site, store_location
from projects.services.steps import Offer, offers, take_step
from projects.services.successions import cases_of, local_people, may_pass_on, succeed
from projects.services.targets import (
    contradictions,
    cost_of,
    months_between,
    priced,
    set_ages,
    set_schedule,
    spread_evenly,
    wrong_price,
)
from projects.services.typed import drop_typing, keep_typing, typing_of
from projects.services.uploads import begin_upload, drop_upload, finish_upload, receive, sweep_pieces
from projects.services.versions import facts_of, keep_version
from projects.services.withdrawals import (
    CUT_OFFS,
    confirm_withdrawal,
    discard_withdrawal,
    due_cut_offs,
    preview_withdrawal,
)

__all__ = [
    "CUT_OFFS",
    "MOST",
    "Answering",
    "Location",
    "Offer",
    "Overtaken",
    "Published",
    "Refused",
    "Replay",
    "SectionClosed",
    "StepForbidden",
    "StepRefused",
    "Submitted",
    "accept_progress",
    "add_action",
    "add_exception",
    "add_guarantee",
    "add_photo",
    "add_submitted",
    "advance_left",
    "agreed",
    "amortisation_of",
    "answer_comment",
    "answer_observation",
    "answer_overlap",
    "approve_amendment",
    "ask_decision",
    "ask_exception",
    "ask_opinion",
    "ask_preview",
    "ask_reopening",
    "attach_document",
    "attach_scan",
    "balance",
    "begin_upload",
    "branches_of",
    "bulk_steps",
    "cancel_letter",
    "cases_of",
    "certify_scan",
    "change_action",
    "close_alert",
    "commit_scenario",
    "confirm_decision",
    "confirm_reallocation",
    "confirm_withdrawal",
    "contradictions",
    "copy_scenario",
    "cost_of",
    "counts_of",
    "cover_photo",
    "create_draft",
    "create_drafts",
    "create_integral",
    "create_scenario",
    "decide_exception",
    "decide_reopening",
    "decide_row",
    "discard_reallocation",
    "discard_scan",
    "discard_withdrawal",
    "draft_of",
    "drop_letter_text",
    "drop_typing",
    "drop_upload",
    "due_cut_offs",
    "empty_workbook",
    "estimated",
    "every_bulk_step",
    "exceptable",
    "facts_of",
    "finish_upload",
    "give_opinion",
    "hand_over",
    "hand_over_all",
    "in_hand",
    "interest_of",
    "is_current",
    "issue_letter",
    "judge_due_portfolios",
    "judge_portfolios",
    "keep_typing",
    "keep_version",
    "kinds_signed_by",
    "latest_preview",
    "local_people",
    "locate",
    "mark",
    "mark_of",
    "mark_ready",
    "may_ask_exception",
    "may_ask_reopening",
    "may_attach",
    "may_close_alert",
    "may_commit",
    "may_decide",
    "may_grant_reopening",
    "may_hand_over",
    "may_moderate",
    "may_pass_on",
    "may_photograph",
    "may_plan",
    "may_prepare",
    "may_register",
    "may_release",
    "may_scan",
    "may_set_money",
    "may_take",
    "may_validate",
    "may_write_texts",
    "months_between",
    "moved_by_adding",
    "moved_by_removing",
    "offers",
    "open_periods",
    "open_proposals",
    "open_sections",
    "overlaps_of",
    "paid_of",
    "paper_signature",
    "pays_by_contract",
    "plan_releases",
    "planned_for",
    "preview_withdrawal",
    "priced",
    "propose_amendment",
    "propose_cancellation",
    "propose_reallocation",
    "publish_comment",
    "publish_letter_text",
    "publish_rules",
    "put_into_integral",
    "raise_alerts",
    "receive",
    "receivers",
    "refund_due",
    "refuse_amendment",
    "refuse_comment",
    "register_contract",
    "register_estimate",
    "register_payment",
    "register_proof",
    "register_refund",
    "register_release",
    "reissue_letter",
    "reject_act",
    "release_photo",
    "remind",
    "remove_action",
    "remove_document",
    "remove_exception",
    "remove_photo",
    "replay",
    "replay_all",
    "required_documents",
    "retry_letter",
    "return_progress",
    "return_to_preparer",
    "reverse_act",
    "rules_for_new_projects",
    "save_agreement",
    "save_letter_text",
    "save_progress",
    "send_comment",
    "set_ages",
    "set_ceiling",
    "set_contributions",
    "set_schedule",
    "set_site",
    "share_excess",
    "spread_contributions",
    "spread_evenly",
    "stop_decision",
    "store_location",
    "submit_integral",
    "submit_progress",
    "succeed",
    "sweep_pieces",
    "take",
    "take_scan",
    "take_step",
    "tell_photo",
    "touched",
    "try_workbook",
    "typing_of",
    "undo_batch",
    "update_draft",
    "validate_act",
    "waiting_acts",
    "why_not_publish",
    "why_not_ready",
    "why_not_row",
    "withhold_photo",
    "wrong_price",
]
