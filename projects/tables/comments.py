"""Comments as a list and as a file."""

import django_filters as filters
import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import detail
from projects.models import Comment


class CommentFilter(filters.FilterSet):
    status = filters.ChoiceFilter(choices=Comment.Status, label=_("Status"))
    unanswered = filters.BooleanFilter(
        method="only_unanswered", label=_("Published and not answered"), widget=filters.widgets.forms.CheckboxInput
    )
    q = filters.CharFilter(field_name="text", lookup_expr="icontains", label=_("Words in the comment"))

    class Meta:
        model = Comment
        fields: list[str] = []

    def only_unanswered(self, queryset, name: str, value: bool):
        return queryset.unanswered() if value else queryset


class CommentTable(tables.Table):
    text = tables.Column(
        linkify=("projects:comment", {"pk": tables.A("project_id"), "comment": tables.A("pk")}),
        attrs={"td": {"scope": "row"}},
    )
    folio = detail(_("Folio"), "project__folio")
    project = tables.Column(
        linkify=("projects:detail", {"pk": tables.A("project_id")}), accessor="project__name", verbose_name=_("Project")
    )
    municipality = tables.Column(
        accessor="project__municipality__name",
        order_by="project__municipality__name",
        verbose_name=_("Municipality"),
    )
    answer = detail(_("Answer"), "answer")

    begins = _("Anybody may send one from the public page of a work.")

    class Meta:
        model = Comment
        fields = ("created_at", "text", "folio", "project", "municipality", "status", "answer", "answered_at")
        order_by = "-created_at"
        attrs = {"caption": _("Comments")}
        empty_text = _("No comment fits.")

    def value_text(self, record: Comment) -> str:
        return record.text

    def render_text(self, value: str) -> str:
        return value if len(value) <= 120 else f"{value[:117]}…"
