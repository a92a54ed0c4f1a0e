from django.urls import path, register_converter

from projects.views import (
    agreements,
    alerts,
    amendments,
    archives,
    batches,
    calendar,
    ceilings,
    centres,
    certifying,
    closing,
    cofunding,
    comments,
    committees,
    complaints,
    courses,
    decisions,
    desks,
    exceptions,
    integral,
    letter_scans,
    letter_texts,
    letters,
    lists,
    money,
    money_lists,
    people,
    photos,
    portfolios,
    progress,
    progress_lists,
    reallocations,
    record,
    scenarios,
    silences,
    site_files,
    social_actions,
    steps,
    successions,
    targets,
    uploads,
    visits,
    windows,
    withdrawals,
    wizard,
    workflow,
)

app_name = "projects"


class WizardPage:
    regex = "|".join(wizard.VIEWS)

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(WizardPage, "wizard_page")


class ComplaintAct:
    regex = "route|note|answer"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(ComplaintAct, "complaint_act")


class MoveAnswer:
    regex = "confirm|discard"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(MoveAnswer, "move_answer")


class ActKind:
    regex = "|".join(money.ACTS)

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(ActKind, "money_act")


class PictureSize:
    regex = "copy|thumbnail|original"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(PictureSize, "picture_size")

urlpatterns = [
    path("comments/", comments.comment_list, name="comment-list"),
    path("comments/<uuid:key>/", comments.comment_state, name="comment-state"),
    path("<int:pk>/comments/", comments.comments, name="comments"),
    path("<int:pk>/comments/<int:comment>/", comments.comment, name="comment"),
    path("<int:pk>/comments/<int:comment>/photo/", comments.comment_photo, name="comment-photo"),
    path("", lists.project_list, name="list"),
    path("agreements/", agreements.agreement_list, name="agreements"),
    path("agreements/new/", agreements.new_agreement, name="new-agreement"),
    path("agreements/<int:pk>/", agreements.agreement, name="agreement"),
    path("agreements/<int:pk>/change/", agreements.change_agreement, name="change-agreement"),
    path("agreements/papers/<uuid:key>/", agreements.paper, name="money-paper"),
    path("batches/", batches.batch_list, name="batches"),
    path("batches/workbook.xlsx", batches.workbook, name="workbook"),
    path("batches/<int:pk>/", batches.batch, name="batch"),
    path("batches/<int:pk>/create/", batches.create_batch, name="create-batch"),
    path("batches/<int:pk>/undo/", batches.undo_batch, name="undo-batch"),
    path("ceilings/", ceilings.ceiling_list, name="ceilings"),
    path("ceilings/new/", ceilings.new_ceiling, name="new-ceiling"),
    path("ceilings/<int:pk>/", ceilings.ceiling, name="ceiling"),
    path("ceilings/<int:pk>/reallocate/", reallocations.new_reallocation, name="new-reallocation"),
    path("ceilings/<int:pk>/change/", ceilings.change_ceiling, name="change-ceiling"),
    path("contracts/", money_lists.contract_list, name="contracts"),
    path("releases/late/", money_lists.late_release_list, name="late-releases"),
    path("arrears/", money_lists.arrears_list, name="arrears"),
    path("refunds/due/", money_lists.refund_list, name="refunds-due"),
    path("exceptions/", exceptions.exception_list, name="exceptions"),
    path("successions/new/", successions.succession, name="succession"),
    path("integral/", integral.integral_list, name="integrals"),
    path("integral/new/", integral.new_integral, name="new-integral"),
    path("integral/<int:pk>/", integral.integral, name="integral"),
    path("integral/<int:pk>/<int:project>/leave/", integral.leave_integral, name="leave-integral"),
    path("integral/<int:pk>/submit/", integral.submit_integral, name="submit-integral"),
    path("decisions/", decisions.decision_list, name="decisions"),
    path("decisions/<int:pk>/", decisions.decision, name="decision"),
    path("decisions/<int:pk>/confirm/", decisions.confirm, name="confirm-decision"),
    path("decisions/<int:pk>/stop/", decisions.stop, name="stop-decision"),
    path("desk/<slug:kind>/", desks.desk, name="desk"),
    path("desk/<slug:kind>/decide/", decisions.decide, name="decide"),
    path("handover/", desks.hand_over_all, name="hand-over-all"),
    path("letters/", letters.letter_list, name="letters"),
    path("letters/inbox/", letter_scans.inbox, name="letter-inbox"),
    path("letters/inbox/<int:pk>/", letter_scans.attach, name="attach-scan"),
    path("letters/new/<slug:kind>/", letters.new, name="new-letter"),
    path("letters/scans/<int:pk>/", letters.scan_file, name="letter-scan"),
    path("letters/texts/", letter_texts.text_list, name="letter-texts"),
    path("letters/texts/<slug:kind>/", letter_texts.text, name="letter-text"),
    path("letters/texts/<slug:kind>/sample.pdf", letter_texts.sample, name="letter-sample"),
    path("letters/<int:pk>/", letters.letter, name="letter"),
    path("letters/<int:pk>/cancel/", letters.cancel, name="cancel-letter"),
    path("letters/<int:pk>/file/", letters.letter_file, name="letter-file"),
    path("letters/<int:pk>/reissue/", letters.reissue, name="reissue-letter"),
    path("letters/<int:pk>/retry/", letters.retry, name="retry-letter"),
    path("new/", wizard.new, name="new"),
    path("portfolios/", portfolios.portfolio_list, name="portfolios"),
    path("calendar/", calendar.calendar_list, name="calendar"),
    path("calendar/new/", calendar.add_exception, name="add-calendar-exception"),
    path("calendar/<int:pk>/remove/", calendar.remove_exception, name="remove-calendar-exception"),
    path("windows/<int:year>/", windows.window_list, name="windows"),
    path("windows/<int:year>/country/", windows.change_window, name="country-window"),
    path("windows/<int:year>/<str:state>/", windows.change_window, name="state-window"),
    path("reallocations/", reallocations.reallocation_list, name="reallocations"),
    path("reallocations/<int:pk>/", reallocations.reallocation, name="reallocation"),
    path("reallocations/<int:pk>/<move_answer:answer>/", reallocations.decide_reallocation, name="decide-reallocation"),
    path("scenarios/", scenarios.scenario_list, name="scenarios"),
    path("scenarios/compare/", scenarios.compare_scenarios, name="compare-scenarios"),
    path("scenarios/<int:pk>/", scenarios.scenario, name="scenario"),
    path("scenarios/<int:pk>/commit/", scenarios.commit_scenario, name="commit-scenario"),
    path("scenarios/<int:pk>/copy/", scenarios.copy_scenario, name="copy-scenario"),
    path("scenarios/<int:pk>/refresh/", scenarios.refresh_scenario, name="refresh-scenario"),
    path("withdrawals/", withdrawals.withdrawal_list, name="withdrawals"),
    path("withdrawals/new/<int:milestone>/", withdrawals.new_withdrawal, name="new-withdrawal"),
    path("withdrawals/<int:pk>/", withdrawals.withdrawal, name="withdrawal"),
    path("withdrawals/<int:pk>/<move_answer:answer>/", withdrawals.decide_withdrawal, name="decide-withdrawal"),
    path("alerts/", alerts.alert_list, name="alerts"),
    path("alerts/<int:pk>/", alerts.alert, name="alert"),
    path("progress/", progress_lists.progress_list, name="progress-list"),
    path("progress/<slug:period>/", progress_lists.capture, name="capture-progress"),
    path("workflow/", workflow.workflow, name="workflow"),
    path("centres/", centres.centre_list, name="centres"),
    path("centres/new/", centres.new_centre, name="new-centre"),
    path("centres/<int:pk>/", centres.centre, name="centre"),
    path("centres/<int:pk>/add/<slug:what>/", centres.add, name="add-to-centre"),
    path("centres/<int:pk>/change/", centres.change_centre, name="change-centre"),
    path("centres/<int:pk>/remove/<slug:what>/<int:part>/", centres.remove, name="remove-from-centre"),
    path("checklists/", visits.checklists, name="checklists"),
    path("checklists/new/", visits.new_question, name="new-question"),
    path("checklists/<int:pk>/", visits.question, name="question"),
    path("committees/", committees.committee_list, name="committees"),
    path("committees/new/", committees.new_committee, name="new-committee"),
    path("committees/deadlines/", committees.capture_list, name="captures"),
    path("committees/<int:pk>/", committees.committee, name="committee"),
    path("committees/<int:pk>/add/<slug:what>/", committees.add, name="add-to-committee"),
    path("committees/<int:pk>/captures/<int:capture>/", committees.captured, name="captured"),
    path("committees/<int:pk>/change/", committees.change_committee, name="change-committee"),
    path("committees/<int:pk>/members/<int:member>/", committees.end_member, name="end-member"),
    path("committees/<int:pk>/papers/<int:paper>/", committees.committee_paper, name="committee-paper"),
    path("complaints/", complaints.complaint_list, name="complaints"),
    path("complaints/<int:pk>/", complaints.complaint, name="complaint"),
    path("complaints/<int:pk>/contact/", complaints.contact, name="complaint-contact"),
    path("complaints/<int:pk>/<complaint_act:what>/", complaints.handle, name="handle-complaint"),
    path("retention/", silences.retention, name="retention"),
    path("retention/proposals/", silences.destruction_list, name="destructions"),
    path("retention/<int:pk>/<move_answer:answer>/", silences.decide_destruction, name="decide-destruction"),
    path("silences/", silences.silence_list, name="silences"),
    path("silences/new/", silences.new_silence, name="new-silence"),
    path("silences/<int:pk>/", silences.silence, name="silence"),
    path("silences/<int:pk>/drop/", silences.drop_silence, name="drop-silence"),
    path("people/", people.person_list, name="people"),
    path("people/actors/", people.actor_list, name="actors"),
    path("people/actors/new/", people.new_actor, name="new-actor"),
    path("people/actors/<int:pk>/", people.actor, name="actor"),
    path("people/export/", people.export, name="export-register"),
    path("people/readings/", people.reading_list, name="readings"),
    path("people/search/", people.search, name="search-people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/change/", people.change_person, name="change-person"),
    path("people/<int:pk>/erase/", people.erase_person, name="erase-person"),
    path("points/", visits.point_list, name="points"),
    path("visits/", visits.visit_list, name="visits"),
    path("<int:pk>/", record.detail, name="detail"),
    path("<int:pk>/archives/", archives.ask_archive, name="ask-archive"),
    path("<int:pk>/archives/<int:archive>/", archives.archive, name="archive"),
    path("<int:pk>/archives/<int:archive>/file/", archives.archive_file, name="archive-file"),
    path("<int:pk>/certificate/", closing.handover, name="handover"),
    path("<int:pk>/certificate/cancel/", closing.cancel, name="cancel-handover"),
    path("<int:pk>/certificate/signed/", closing.sign, name="sign-handover"),
    path("<int:pk>/certificate/<int:handover>/", closing.certificate, name="handover-file"),
    path("<int:pk>/destruction/", silences.propose_destruction, name="propose-destruction"),
    path("<int:pk>/closure/", closing.closure, name="closure"),
    path("<int:pk>/people/", social_actions.project_people, name="project-people"),
    path("<int:pk>/people/<int:action>/engage/", social_actions.engage, name="engage"),
    path("<int:pk>/people/<int:action>/stipends/<int:year>/<int:month>/", social_actions.stipends, name="stipends"),
    path(
        "<int:pk>/people/<int:action>/stipends/<int:year>/<int:month>/<int:number>/",
        social_actions.decide_stipends,
        name="decide-stipends",
    ),
    path("<int:pk>/people/<int:action>/courses/new/", courses.new_course, name="new-course"),
    path("<int:pk>/people/engagements/<int:engagement>/", social_actions.change_engagement, name="engagement"),
    path("<int:pk>/people/engagements/<int:engagement>/end/", social_actions.end_engagement, name="end-engagement"),
    path("<int:pk>/people/courses/<int:course>/", courses.course, name="course"),
    path("<int:pk>/people/courses/<int:course>/change/", courses.change_course, name="change-course"),
    path("<int:pk>/people/courses/<int:course>/enrol/", courses.enrol, name="enrol"),
    path(
        "<int:pk>/people/courses/<int:course>/participants/<int:participant>/leave/",
        courses.leave,
        name="leave-course",
    ),
    path("<int:pk>/people/courses/<int:course>/sessions/new/", courses.new_session, name="new-session"),
    path("<int:pk>/people/courses/<int:course>/sessions/<int:session>/", courses.attendance, name="attendance"),
    path(
        "<int:pk>/people/courses/<int:course>/sessions/<int:session>/list.pdf",
        courses.attendance_list,
        name="attendance-list",
    ),
    path("<int:pk>/people/courses/<int:course>/template.xlsx", courses.template, name="roster-template"),
    path("<int:pk>/people/courses/<int:course>/upload/", courses.upload, name="upload-roster"),
    path("<int:pk>/people/courses/<int:course>/uploads/<int:upload>/", courses.roster, name="roster"),
    path("<int:pk>/points/new/", visits.new_point, name="new-point"),
    path("<int:pk>/points/<int:point>/", visits.point, name="point"),
    path("<int:pk>/social/", committees.social, name="social"),
    path("<int:pk>/social/form.pdf", committees.blank_form, name="vigilance-form"),
    path("<int:pk>/social/forms/new/", committees.capture_form, name="capture-form"),
    path("<int:pk>/social/waivers/new/", committees.waiver, name="ask-waiver"),
    path("<int:pk>/social/waivers/<int:waiver>/", committees.decide_waiver, name="decide-waiver"),
    path("<int:pk>/social/word/", committees.word, name="committee-word"),
    path("<int:pk>/visits/", visits.project_visits, name="project-visits"),
    path("<int:pk>/visits/new/", visits.plan, name="plan-visit"),
    path("<int:pk>/visits/<int:visit>/", visits.visit, name="visit"),
    path("<int:pk>/visits/<int:visit>/cancel/", visits.cancel, name="cancel-visit"),
    path("<int:pk>/visits/<int:visit>/form.pdf", visits.visit_form, name="visit-form"),
    path("<int:pk>/visits/<int:visit>/made/", visits.make, name="make-visit"),
    path("<int:pk>/cancellation/", steps.propose_cancellation, name="propose-cancellation"),
    path("<int:pk>/cofunding.csv", cofunding.cofunding, name="cofunding"),
    path("<int:pk>/documents/", record.attach, name="attach"),
    path("<int:pk>/documents/<int:document>/", record.document, name="document"),
    path("<int:pk>/documents/<int:document>/remove/", wizard.remove_document, name="remove-document"),
    path("<int:pk>/edit/<wizard_page:page>/", wizard.edit, name="edit"),
    path("<int:pk>/edit/place/<int:action>/", wizard.edit_site, name="site"),
    path("<int:pk>/edit/place/<int:action>/file/", site_files.send_site, name="send-site"),
    path("<int:pk>/edit/place/<int:action>/file/<uuid:file>/", site_files.use_site, name="use-site"),
    path("<int:pk>/edit/funding/<int:action>/years/", cofunding.edit_years, name="years"),
    path("<int:pk>/edit/targets/new/", wizard.add_action, name="add-action"),
    path("<int:pk>/edit/targets/<int:action>/ages/", targets.edit_ages, name="ages"),
    path("<int:pk>/edit/targets/<int:action>/schedule/", targets.edit_schedule, name="schedule"),
    path("<int:pk>/edit/targets/<int:action>/remove/", wizard.remove_action, name="remove-action"),
    path("<int:pk>/handover/", desks.hand_over, name="hand-over"),
    path("<int:pk>/money/", money.ledger, name="ledger"),
    path("<int:pk>/money/contract/<int:contract>/guarantee/", money.guarantee, name="add-guarantee"),
    path("<int:pk>/money/<money_act:kind>/new/", money.register_act, name="register-act"),
    path("<int:pk>/money/<money_act:kind>/<int:act>/", money.act, name="money-act"),
    path("<int:pk>/amendments/new/<slug:kind>/", amendments.new_amendment, name="new-amendment"),
    path("<int:pk>/amendments/<int:amendment>/", amendments.amendment, name="amendment"),
    path("<int:pk>/versions/", amendments.version_list, name="versions"),
    path("<int:pk>/versions/<int:number>/", amendments.version, name="version"),
    path("<int:pk>/observations/<int:observation>/", steps.observation, name="observation"),
    path("<int:pk>/opinions/", steps.ask_opinion, name="ask-opinion"),
    path("<int:pk>/opinions/<int:opinion>/", steps.opinion, name="opinion"),
    path("<int:pk>/exceptions/new/", exceptions.ask_exception, name="ask-exception"),
    path("<int:pk>/exceptions/<int:exception>/", exceptions.exception, name="exception"),
    path("<int:pk>/return/", certifying.return_to_preparer, name="return-to-preparer"),
    path("<int:pk>/signed/", certifying.certify_scan, name="certify-scan"),
    path("<int:pk>/overlaps/<int:action>/", steps.overlap, name="overlap"),
    path("<int:pk>/documents/uploads/", uploads.begin, name="begin-upload"),
    path("<int:pk>/documents/uploads/<uuid:upload>/", uploads.piece, name="upload"),
    path("<int:pk>/photos/", photos.photos, name="photos"),
    path("<int:pk>/photos/<int:photo>/", photos.photo, name="photo"),
    path("<int:pk>/photos/<int:photo>/<picture_size:size>/", photos.picture, name="picture"),
    path("<int:pk>/ph01.pdf", record.ph01, name="ph01"),
    path("<int:pk>/progress/<int:year>/<int:month>/", progress.progress, name="progress"),
    path("<int:pk>/take/", desks.take, name="take"),
    path("<int:pk>/steps/<slug:step>/", steps.take_step, name="step"),
]
