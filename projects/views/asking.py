"""Pages that ask one thing, and lists with their files: what many views of one kind share."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.lists import Listing
from projects.forms.words import in_words
from projects.refusals import Refused, StepForbidden
from projects.services import Overtaken, mark
from projects.views.pairs import marks_in

# A step of the breadcrumbs or a button: what it says and where it leads.
Link = tuple[str, str]
FILE = "upload"
TOO_MANY = gettext_lazy(
    "Many came from your connection within this hour, so this was not sent. What you wrote is still here: send it"
    " again later. A file has to be chosen again."
)


def tried(form: forms.Form, service: Callable[[], object]) -> int | None:
    """None once the service has done it, else the status of the page that says why not. 403 passes through."""
    if not form.is_valid():
        return 400 if form.is_bound else 200
    try:
        service()
    except StepForbidden:
        raise
    except Refused as error:
        form.add_error(None, error.messages)
        return 409
    except ValidationError as error:
        form.add_error(FILE if FILE in form.fields else None, error)
        return 400
    return None


def ask(
    request: HttpRequest,
    form: forms.Form,
    service: Callable[[], object],
    *,
    title: str,
    trail: Sequence[Link],
    button: str,
    lead: str = "",
    done: str = "",
    template: str = "projects/society/form.html",
    now: Mapping[str, object] | None = None,
    **more: Any,
) -> HttpResponse:
    """GET asks, POST does it and goes back to the last step of the trail.

    `now`: what the row that is changed says, by field. The page takes a mark of each along; where the service finds
    that somebody else changed the same answers since, both values stand at the field, and saving again is a decision.
    """
    marks = (
        marks_in(request.POST) or {} if form.is_bound else {name: mark(value) for name, value in (now or {}).items()}
    )

    def once() -> None:
        try:
            service()
        except Overtaken as error:
            marks.update({name: mark(value) for name, value in error.theirs.items()})
            for name, value in error.theirs.items():
                words = {
                    "theirs": in_words(form, name, value),
                    "yours": in_words(form, name, form.cleaned_data.get(name)),
                }
                form.add_error(name, _("Meanwhile somebody else wrote “%(theirs)s”; you wrote “%(yours)s”.") % words)
            raise

    status = tried(form, once)
    if status is None:
        if done:
            messages.success(request, done)
        return redirect(trail[-1][1])
    context = {"form": form, "title": title, "trail": trail, "button": button, "lead": lead} | more
    context["seen"] = json.dumps(marks) if marks else ""
    return render(request, template, context, status=status)


def society_list(
    found: filters.FilterSet,
    table: Callable[..., tables.Table],
    *,
    name: str,
    title: str,
    lead: str = "",
    trail: Sequence[Link] = (),
    tools: Sequence[Link] = (),
) -> Listing:
    context = {"title": title, "lead": lead, "trail": trail, "tools": tools}
    return Listing(table(found.qs), name, "projects/society/list.html", filter=found, context=lambda: context)
