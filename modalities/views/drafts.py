"""Writing a draft of the rules. Two may write at once: who comes second sees both values and chooses."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from habitat.lib.forms import posted
from modalities import services
from modalities.comparison import in_words
from modalities.forms import FORMS, KINDS, HeadForm, ReasonForm, RuleForm, StartForm, TypesForm
from modalities.models import Rule, RulesVersion
from modalities.sentences import sentence
from modalities.views.rules import version_of

reads_and_posts = require_http_methods(["GET", "HEAD", "POST"])


@reads_and_posts
def start(request: HttpRequest) -> HttpResponse:
    services.need_writer(request.user)
    versions = RulesVersion.objects.visible_to(request.user).in_use()
    current = versions.current(timezone.localdate()).first()
    initial = {"source": current, "year": current.fiscal_year_id if current else None}
    form = StartForm(posted(request), versions=versions, initial=initial)
    if form.is_valid():
        answers = form.cleaned_data
        try:
            draft = services.start_draft(answers["source"], answers["year"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The draft is started. It applies to nobody until it is put in force."))
            return redirect("modalities:version", draft.fiscal_year_id, draft.version)
    return _page(request, "modalities/start_draft.html", form)


def _draft(request: HttpRequest, year: int, version: int) -> RulesVersion:
    """The version within sight of those who may write it; whether it still is a draft, the service decides."""
    services.need_writer(request.user)
    return version_of(request, year, version)


def _page(request: HttpRequest, template: str, form: forms.BaseForm, **context: Any) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=400 if form.errors else 200)


def _back(draft: RulesVersion, kind: str = "") -> HttpResponse:
    response = redirect("modalities:version", draft.fiscal_year_id, draft.version)
    if kind:
        response["Location"] += f"#{kind}"
    return response


def _closed(request: HttpRequest, draft: RulesVersion) -> HttpResponse | None:
    """Somebody put it in force, or discarded it, while this page was open."""
    if draft.is_draft or request.method == "POST":
        return None
    messages.error(request, _("This version is no longer a draft: it cannot be changed."))
    return _back(draft)


@reads_and_posts
def add_rule(request: HttpRequest, year: int, version: int, kind: str) -> HttpResponse:
    draft = _draft(request, year, version)
    if closed := _closed(request, draft):
        return closed
    form = FORMS[kind](posted(request), initial={"code": request.GET.get("code", "")})
    return _write(request, draft, form, None)


@reads_and_posts
def change_rule(request: HttpRequest, year: int, version: int, kind: str, pk: int) -> HttpResponse:
    draft = _draft(request, year, version)
    if closed := _closed(request, draft):
        return closed
    row = KINDS[kind].objects.filter(rules=draft, pk=pk).first()
    if row is None and request.method != "POST":
        messages.error(request, _("Somebody has removed this rule from the draft."))
        return _back(draft, kind)
    form = FORMS[kind](posted(request), instance=row or KINDS[kind](pk=pk, rules=draft))
    return _write(request, draft, form, pk)


def _write(request: HttpRequest, draft: RulesVersion, form: RuleForm, pk: int | None) -> HttpResponse:
    kind = form._meta.model
    seen = request.POST.get("seen", "") if request.method == "POST" else ""
    stale = None
    if form.is_valid():
        try:
            rule = services.save_rule(draft, kind, form.cleaned_data, by=request.user, pk=pk, seen=seen)
        except services.StaleError as error:
            stale = error
        except ValidationError as error:
            _show(form, error)
        else:
            messages.success(request, _("Saved: %(rule)s") % {"rule": sentence(rule)})
            return _back(draft, kind._meta.model_name)
    if request.method != "POST" and form.instance.pk:
        seen = services.fingerprint(form.instance)
    context = {
        "draft": draft,
        "kind": kind._meta.model_name,
        "kind_title": capfirst(kind._meta.verbose_name),
        "pk": pk,
        "code": form.instance.code,
        "seen": services.fingerprint(stale.now) if stale and stale.now else seen,
        "stale": stale,
        "conflict": _conflict(form, stale.now) if stale and stale.now else [],
    }
    if stale and stale.now is None:
        # It is gone: what was typed may be kept as a rule of its own.
        context |= {"pk": None}
    status = 409 if stale else 400 if form.errors else 200
    return render(request, "modalities/rule_form.html", {"form": form, **context}, status=status)


def _show(form: forms.BaseForm, error: ValidationError) -> None:
    """Errors of the row at their fields, those of fields the form does not show above it."""
    told = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for name, errors in told.items():
        form.add_error(name if name in form.fields else None, ValidationError(errors))


def _conflict(form: forms.ModelForm, now: Rule | RulesVersion) -> list[dict[str, object]]:
    """Each field of the form: what the other person left there, and what was typed here."""
    rows = []
    for name, typed in form.cleaned_data.items():
        field = now._meta.get_field(name)
        theirs = in_words(now, field)
        many = field.many_to_many
        yours = in_words(now, field, list(typed) if many else typed) if typed not in (None, "") else "—"
        rows.append({"label": form.fields[name].label, "theirs": theirs, "yours": yours, "differ": theirs != yours})
    return rows


@reads_and_posts
def remove_rule(request: HttpRequest, year: int, version: int, kind: str, pk: int) -> HttpResponse:
    draft = _draft(request, year, version)
    if closed := _closed(request, draft):
        return closed
    row = KINDS[kind].objects.filter(rules=draft, pk=pk).first()
    if row is None:
        messages.error(request, _("Somebody has removed this rule from the draft."))
        return _back(draft, kind)
    if request.method == "POST":
        try:
            services.remove_rule(draft, KINDS[kind], pk, by=request.user, seen=request.POST.get("seen", ""))
        except services.StaleError:
            messages.error(request, _("Somebody has changed this rule since: look at it again before removing it."))
            return redirect(request.path)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("Removed: %(rule)s") % {"rule": sentence(row)})
        return _back(draft, kind)
    context = {"draft": draft, "kind": kind, "rule": row, "words": sentence(row), "seen": services.fingerprint(row)}
    return render(request, "modalities/remove_rule.html", context)


@reads_and_posts
def head(request: HttpRequest, year: int, version: int) -> HttpResponse:
    draft = _draft(request, year, version)
    if closed := _closed(request, draft):
        return closed
    form = HeadForm(posted(request), instance=draft)
    seen, stale = request.POST.get("seen", ""), None
    if form.is_valid():
        try:
            services.save_head(draft, form.cleaned_data, by=request.user, seen=seen)
        except services.StaleError as error:
            stale = error
        except ValidationError as error:
            _show(form, error)
        else:
            return _back(draft)
    now = stale.now if stale else draft
    context = {
        "draft": draft,
        "stale": stale,
        "seen": services.fingerprint(now) if stale or request.method != "POST" else seen,
        "conflict": _conflict(form, now) if stale else [],
    }
    status = 409 if stale else 400 if form.errors else 200
    return render(request, "modalities/head_form.html", {"form": form, **context}, status=status)


@reads_and_posts
def types(request: HttpRequest, year: int, version: int) -> HttpResponse:
    draft = _draft(request, year, version)
    if closed := _closed(request, draft):
        return closed
    chosen = list(draft.action_types.values_list("pk", flat=True))
    form = TypesForm(posted(request), initial={"types": chosen, "before": chosen})
    if form.is_valid():
        try:
            services.change_types(draft, by=request.user, **form.changes)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The year's action types are saved."))
            return _back(draft)
    return _page(request, "modalities/types_form.html", form, draft=draft)


@reads_and_posts
def discard(request: HttpRequest, year: int, version: int) -> HttpResponse:
    draft = _draft(request, year, version)
    if closed := _closed(request, draft):
        return closed
    form = ReasonForm(posted(request))
    if form.is_valid():
        try:
            services.discard(draft, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The draft is discarded."))
            return redirect("modalities:rules")
    return _page(request, "modalities/discard.html", form, draft=draft)
