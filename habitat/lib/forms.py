"""How every form of the portal looks, and the fields several apps share."""

from django import forms
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: an empty answer is an answer too, and is refused like any other."""
    return request.POST if request.method == "POST" else None


class PortalRenderer(TemplatesSetting):
    """`{{ form }}` gives the summary of errors and then each field with its help, its error and their ARIA ties."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class DateInput(forms.DateInput):
    """The browser's own calendar; it sends 2026-11-22 and shows the day as its reader writes it."""

    input_type = "date"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__({"class": "short"} | (attrs or {}), format="%Y-%m-%d")


class MoneyInput(forms.TextInput):
    """A text box for pesos: `$` stands before it, thousands are grouped, a telephone shows its number pad."""

    template_name = "components/money_input.html"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__({"class": "money", "inputmode": "decimal", "autocomplete": "off"} | (attrs or {}))


class MoneyField(forms.DecimalField):
    """Pesos with two decimals, never below zero; `$1,234,567.00` is understood as written."""

    widget = MoneyInput

    def __init__(self, **kwargs) -> None:
        super().__init__(**{"max_digits": 16, "decimal_places": 2, "min_value": 0, "localize": True} | kwargs)

    def to_python(self, value):
        if isinstance(value, str):
            value = value.replace("$", "").replace(" ", "")
        return super().to_python(value)
