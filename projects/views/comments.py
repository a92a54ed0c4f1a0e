"""Comments on a work: read and sent by anyone, decided and answered by the delegation."""

import datetime as dt
import math
import uuid

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Avg, Count, F, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from projects import services
from projects.forms.comments import AnswerForm, CommentForm, PublishForm, RefuseForm
from projects.models import Comment, Project
from projects.refusals import Refused
from projects.tables.comments import CommentFilter, CommentTable
from projects.views.asking import TOO_MANY
from projects.views.record import fetch
from projects.workflow import PUBLIC

PER_PAGE = 20


@login_not_required
def comments(request: HttpRequest, pk: int) -> HttpResponse:
    """What people wrote of one work, and the form to write; a sent one waits until it has been read."""
    project = fetch(request, pk)
    if project.status not in PUBLIC:
        raise Http404
    form = CommentForm(posted(request), request.FILES or None)
    waits = form.is_valid() and not ratelimit.consume(request, action="comment")
    if waits:
        form.add_error(None, TOO_MANY)
    elif form.is_valid() and (answer := _sent(request, project, form)):
        return answer
    everywhere = Comment.objects.filter(status=Comment.Status.PUBLISHED)
    published = everywhere.filter(project=project).select_related("photo")
    context = {
        "project": project,
        "form": form,
        "page": Paginator(published, PER_PAGE).get_page(request.GET.get("page")),
        "times": answer_times(published),
        "state_times": answer_times(everywhere.filter(project__municipality__state=project.state_code)),
        "silence": services.silence_over(project.state_code, request.user),
    }
    status = 429 if waits else 400 if form.errors else 200
    return render(request, "projects/comments/comments.html", context, status=status)


def _sent(request: HttpRequest, project: Project, form: CommentForm) -> HttpResponse | None:
    """None where it was refused; the form says why."""
    answers = form.cleaned_data
    if answers["website"]:
        # A machine: it is told what a person would be told, and nothing is kept.
        return redirect("projects:comment-state", uuid.uuid4())
    try:
        comment = services.send_comment(project, answers["text"], photo=answers["photo"], place=form.place)
    except ValidationError as error:
        form.add_error("photo", error)
    except Refused as refusal:
        form.add_error("photo", ValidationError(refusal.messages))
    else:
        return redirect("projects:comment-state", comment.public_id)
    return None


def answer_times(published: QuerySet[Comment]) -> dict[str, int | None]:
    """`all` that were published, `answered` ones, and the mean `days` from sending to answering, begun ones whole."""
    found = published.order_by().aggregate(
        all=Count("pk"), answered=Count("answered_at"), mean=Avg(F("answered_at") - F("created_at"))
    )
    mean = found.pop("mean")
    return found | {"days": mean and max(1, math.ceil(mean / dt.timedelta(days=1)))}


@login_not_required
@require_safe
def comment_state(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """For whoever has the address: what became of a comment. One that nobody sent waits for ever."""
    comment = Comment.objects.select_related("project").filter(public_id=key).first()
    return render(request, "projects/comments/state.html", {"comment": comment, "key": key})


@login_not_required
@require_safe
def comment_photo(request: HttpRequest, pk: int, comment: int) -> HttpResponseBase:
    seen = Comment.objects.visible_to(request.user).filter(project=pk)
    if not services.may_moderate(request.user):
        seen = seen.filter(shows_photo=True)
    seen = seen.filter(photo__isnull=False).select_related("photo", "project__municipality")
    found = get_object_or_404(seen, pk=comment)
    if services.silence_over(found.project.state_code, request.user):
        raise Http404
    response = FileResponse(found.photo.file.open("rb"), content_type=found.photo.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=300"
    return response


@require_safe
@listed
def comment_list(request: PersonRequest) -> Listing:
    """Of the reader's territory, those that wait first."""
    visible = Comment.objects.visible_to(request.user)
    found = CommentFilter(request.GET, queryset=visible, request=request)
    return Listing(
        CommentTable(found.qs.select_related("project__municipality")),
        "comentarios",
        "projects/comments/list.html",
        filter=found,
        per_page=PER_PAGE,
        context=lambda: {
            "counts": _counts(visible),
            "times": answer_times(visible.filter(status=Comment.Status.PUBLISHED)),
        },
    )


def _counts(visible: QuerySet[Comment]) -> dict[str, int]:
    return visible.order_by().aggregate(
        waiting=Count("pk", filter=Q(status="waiting")),
        unanswered=Count("pk", filter=Q(status="published", answered_at=None)),
    )


ACTS = {
    "publish": (PublishForm, lambda c, a, by: services.publish_comment(c, with_photo=a["with_photo"], by=by)),
    "refuse": (RefuseForm, lambda c, a, by: services.refuse_comment(c, reason=a["reason"], by=by)),
    "answer": (AnswerForm, lambda c, a, by: services.answer_comment(c, text=a["text"], by=by)),
}


def comment(request: PersonRequest, pk: int, comment: int) -> HttpResponse:
    """One comment before the delegation: publish it or not, and answer it."""
    seen = Comment.objects.visible_to(request.user).filter(project=pk)
    found = get_object_or_404(seen.select_related("project__municipality__state", "photo", "decided_by"), pk=comment)
    if request.method == "POST" and not services.may_moderate(request.user):
        raise PermissionDenied(_("This is not yours to do."))
    act = request.POST.get("act", "")
    forms = {name: kind(posted(request) if act == name else None) for name, (kind, _do) in ACTS.items()}
    status = 400 if request.method == "POST" else 200
    if act in forms and forms[act].is_valid():
        try:
            ACTS[act][1](found, forms[act].cleaned_data, request.user)
        except Refused as refusal:
            # Somebody was faster: the form that was sent may no longer be on the page, which says so above all others.
            found.refresh_from_db()
            messages.error(request, " ".join(refusal.messages))
            status = 409
        else:
            messages.success(request, _("The comment was changed."))
            return redirect("projects:comment", pk, comment)
    context = {"comment": found, "forms": forms, "may_moderate": services.may_moderate(request.user)}
    return render(request, "projects/comments/comment.html", context, status=status)
