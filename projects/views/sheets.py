"""A page of the proposal in one person's hands: what it shows, what was typed on it, and what becomes of that."""

import json
from collections.abc import Callable, Sequence
from functools import cached_property

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.accounts.requests import PersonRequest
from projects import rules, services
from projects.models import Project, Status
from projects.papers import papers_of
from projects.refusals import Refused
from projects.views.pages import BY_NAME, PAGES, concerns, steps_of
from projects.views.pairs import MINE, Pair, by_field, disputed, marks_in, read_marks, removed, unsaved
from projects.views.set_aside import answers_in, is_autosave, signature_of, take_back
from projects.windows import capture_of


def editable(request: PersonRequest, pk: int) -> Project:
    """404 outside one's territory, 403 for who does not prepare proposals."""
    project = get_object_or_404(
        Project.objects.visible_to(request.user).select_related(
            "rules", "fiscal_year", "strand", "modality", "municipality__state", "polygon_version__polygon"
        ),
        pk=pk,
    )
    if not services.may_prepare(request.user):
        raise PermissionDenied(_("Only those who prepare proposals change them."))
    return project


def go(project: Project, page: str) -> HttpResponse:
    return redirect("projects:edit", project.pk, page)


class Sheet:
    """`name`: the question of the form; `key`: what was typed is kept under it, where a question has several pages.

    `autosave`: "write" where a page that holds may be saved by itself, "keep" where what is typed is only kept, ""
    where nothing is typed.
    """

    def __init__(
        self,
        request: PersonRequest,
        name: str,
        project: Project | None = None,
        *,
        key: str = "",
        autosave: str = "write",
    ) -> None:
        self.request, self.project, self.page = request, project, BY_NAME[name]
        self.key, self.autosave = key or name, autosave
        self.is_posted = request.method == "POST"
        self.pairs: list[Pair] = []
        self.overtaken: list[services.Overtaken] = []
        self.typing = None
        if not self.is_posted and autosave:
            take_back(request, project, self.key, read_marks)
            self.typing = services.typing_of(project, self.key, by=request.user)

    @cached_property
    def data(self) -> QueryDict | None:
        """What forms are bound to: what was sent, else what was typed here before and not saved."""
        if self.is_posted:
            return self.request.POST
        if self.typing is None:
            return None
        typed = QueryDict(mutable=True)
        for name, values in self.typing.answers.items():
            typed.setlist(name, values)
        return typed

    def data_for(self, prefix: str) -> QueryDict | None:
        """None for a part of the page that was not on it when it was drawn: another person added it since."""
        return self.data if self.data and any(name.startswith(f"{prefix}-") for name in self.data) else None

    @cached_property
    def seen(self) -> dict[str, str] | None:
        """Name of a control → mark of what it showed; None where the sender does not say."""
        if self.typing:
            return dict(self.typing.seen)
        return marks_in(self.request.POST)

    def seen_of(self, form: Form) -> dict[str, str] | None:
        """By the form's own field names."""
        if self.seen is None:
            return None
        return {name: self.seen[form.add_prefix(name)] for name in form.fields if form.add_prefix(name) in self.seen}

    # ---- Saving ------------------------------------------------------------------------------------------------------
    def saved(self, forms: Sequence[Form], save: Callable[[Form], object], field: str | None = None) -> bool:
        """Whether every form holds and the service took it; a refusal becomes an error of its form, at `field`.

        All or nothing. What could not be saved is kept as typed.
        """
        if not self.is_posted or self.is_discarded:
            return False
        bound = [form for form in forms if form.is_bound]
        for form in bound:
            self._choose(form)
        # Every form is asked, so that every error shows at once.
        held = [form.is_valid() for form in bound]
        self.pairs += removed(forms, self.seen or {}, self.request.POST)
        if all(held) and bound and not self.pairs and (self.autosave == "write" or not is_autosave(self.request)):
            with transaction.atomic():
                taken = [self._taken(form, save, field) for form in bound]
                if not all(taken):
                    transaction.set_rollback(True)
            if all(taken):
                services.drop_typing(self.project, self.key, by=self.request.user)
                return True
        self._keep()
        return False

    def _taken(self, form: Form, save: Callable[[Form], object], field: str | None) -> bool:
        try:
            save(form)
        except services.Overtaken as error:
            self.overtaken.append(error)
            self.pairs += [disputed(form, name, now) for name, now in error.theirs.items()]
            if error.is_gone:
                form.add_error(None, " ".join(error.messages))
        except ValidationError as error:
            for name, errors in by_field(error, field).items():
                form.add_error(name if name in form.fields else None, ValidationError(errors))
        except Refused as error:
            form.add_error(None, " ".join(error.messages))
        else:
            return True
        return False

    def _choose(self, form: Form) -> None:
        """The person has seen both values of an answer and taken one."""
        for name in form.fields:
            html_name = form.add_prefix(name)
            choice = self.request.POST.get(f"keep-{html_name}", "")
            if choice.startswith(MINE) and self.seen is not None:
                self.seen[html_name] = choice.removeprefix(MINE)
            elif choice == "theirs":
                box = form[name]
                value = box.field.widget.format_value(box.field.prepare_value(box.initial))
                form.data = form.data.copy()
                form.data.setlist(html_name, value if isinstance(value, list) else [value or ""])

    def _keep(self) -> None:
        if self.autosave:
            services.keep_typing(
                self.project,
                self.key,
                answers=answers_in(self.request.POST),
                seen=self.seen or {},
                by=self.request.user,
            )

    @property
    def is_discarded(self) -> bool:
        return "discard" in self.request.POST

    # ---- Showing -----------------------------------------------------------------------------------------------------
    def onward(self, response: HttpResponse, forms: Sequence[Form] = ()) -> HttpResponse:
        """Where a saved page leads; a page that saved itself stays where it is."""
        if not is_autosave(self.request):
            return response
        marks = dict(self.seen or {})
        for form in forms:
            for name in form.cleaned_data if form.is_bound else ():
                typed = services.mark(form.cleaned_data[name])
                if typed != marks.get(form.add_prefix(name)):
                    marks[form.add_prefix(name)] = typed
        return self._told("saved", _("Saved at %(time)s.") % {"time": _clock()}, marks)

    def _told(self, state: str, words: str, marks: dict[str, str] | None = None) -> JsonResponse:
        reply: dict[str, object] = {"state": state, "words": words}
        if marks is not None:
            reply["seen"] = marks
        if self.project:
            self.project.refresh_from_db()
            reply["rules"] = render_to_string("projects/_verdicts.html", self._rules(), self.request)
        return JsonResponse(reply)

    def _rules(self) -> dict[str, object]:
        judged = rules.evaluate(self.project) if self.project else []
        return {"judged": judged, "verdicts": [verdict for verdict in judged if concerns(self.page, verdict)]}

    def show(self, forms: Sequence[Form], context: dict[str, object], template: str = "") -> HttpResponse:
        """The page with the rules it bears on beside it: 400 where an answer was refused, 409 where two people met."""
        if self.is_discarded:
            services.drop_typing(self.project, self.key, by=self.request.user)
            return redirect(self.request.path)
        refused = sum(len(form.errors) for form in forms if form.is_bound)
        if is_autosave(self.request):
            return self._kept(refused)
        context |= {
            "page": self.page,
            "steps": steps_of(self.page, self.project),
            "previous": PAGES[PAGES.index(self.page) - 1] if self.page != PAGES[0] else None,
            "sheet": self,
            "marks": json.dumps(self._marks(forms)),
            "whose": signature_of(self.request.user),
            "unsaved": unsaved(forms) if self.typing else [],
        }
        if self.project:
            context |= self._about(self.project)
        status = 409 if self.pairs else 400 if refused and self.is_posted else 200
        return render(self.request, template or f"projects/edit_{self.page.name}.html", context, status=status)

    def _about(self, project: Project) -> dict[str, object]:
        opened = services.open_sections(project, self.request.user)
        found = self._rules()
        is_draft = project.status == Status.DRAFT
        shows_papers = self.page.name in ("documents", "summary")
        return found | {
            "project": project,
            "capture": capture_of(project.fiscal_year, project.municipality) if is_draft else None,
            "papers": papers_of(project, found["judged"]) if shows_papers else [],
            "observations": project.observations.filter(section=self.page.name),
            "comments": project.draft_comments.filter(section=self.page.name, settled_at=None),
            "is_open": self.page.name in opened or (self.page.name == "summary" and bool(opened)),
        }

    def _kept(self, refused: int) -> JsonResponse:
        if self.pairs:
            return self._told("conflict", _("Somebody else has changed the same answers. Save to see both and choose."))
        words = _("Kept as typed at %(time)s; save to put it in the proposal.") % {"time": _clock()}
        if refused:
            words = ngettext(
                "Kept as typed at %(time)s, but not in the proposal yet: %(count)s answer is to be corrected.",
                "Kept as typed at %(time)s, but not in the proposal yet: %(count)s answers are to be corrected.",
                refused,
            ) % {"time": _clock(), "count": refused}
        return self._told("kept", words)

    def marks_of(self, form: Form) -> str:
        """Of one form, by its own field names, as its page sends them back."""
        return json.dumps(
            {name: services.mark(form.get_initial_for_field(field, name)) for name, field in form.fields.items()}
        )

    def _marks(self, forms: Sequence[Form]) -> dict[str, str]:
        """What the page now shows; of what is still typed, what it showed when the typing began."""
        shown = {
            form.add_prefix(name): services.mark(form.get_initial_for_field(field, name))
            for form in forms
            for name, field in form.fields.items()
        }
        return shown | {name: mark for name, mark in (self.seen or {}).items() if name in shown}


def _clock() -> str:
    return time_format(timezone.localtime(), "H:i:s")
