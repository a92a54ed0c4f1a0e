from django.urls import path, register_converter

from modalities.forms import KINDS
from modalities.views import catalogue, drafts, rules

app_name = "modalities"


class RuleKind:
    regex = "|".join(KINDS)

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(RuleKind, "rule_kind")

VERSION = "rules/<int:year>/<int:version>"
urlpatterns = [
    path("", catalogue.type_list, name="list"),
    path("rules/", rules.rules_list, name="rules"),
    path("rules/new/", drafts.start, name="new-draft"),
    path(f"{VERSION}/", rules.rules_detail, name="version"),
    path(f"{VERSION}/comparison/", rules.comparison, name="comparison"),
    path(f"{VERSION}/discard/", drafts.discard, name="discard"),
    path(f"{VERSION}/head/", drafts.head, name="head"),
    path(f"{VERSION}/rules.csv", rules.rules_csv, name="version-csv"),
    path(f"{VERSION}/types/", drafts.types, name="draft-types"),
    path(f"{VERSION}/<rule_kind:kind>/new/", drafts.add_rule, name="add-rule"),
    path(f"{VERSION}/<rule_kind:kind>/<int:pk>/", drafts.change_rule, name="change-rule"),
    path(f"{VERSION}/<rule_kind:kind>/<int:pk>/remove/", drafts.remove_rule, name="remove-rule"),
    path("<str:code>/", catalogue.type_detail, name="detail"),
]
