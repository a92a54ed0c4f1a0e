from django import forms
from django.utils.translation import gettext_lazy as _

from habitat.lib.forms import DateInput, MoneyField


def upload_box(label, *, required: bool = True) -> forms.FileField:
    return forms.FileField(
        label=label,
        required=required,
        allow_empty_file=True,
        help_text=_("PDF, JPEG, PNG, Word, Excel or OpenDocument."),
    )


def day_box(label, *, required: bool = True, **kwargs) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=DateInput, **kwargs)


def words_box(label, *, required: bool = True, rows: int = 4, **kwargs) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=5_000, widget=forms.Textarea({"rows": rows}), **kwargs
    )


class HandoverForm(forms.Form):
    """The words of the certificate."""

    on = day_box(_("Date of the handover"))
    place = forms.CharField(label=_("Place of the act"), max_length=200)
    delivers_name = forms.CharField(label=_("Who hands over"), max_length=120)
    delivers_post = forms.CharField(label=_("Post of who hands over"), max_length=160)
    receives_name = forms.CharField(label=_("Who receives"), max_length=120)
    receives_post = forms.CharField(label=_("Post of who receives"), max_length=160)
    committee_name = forms.CharField(
        label=_("Who signs for the committee"),
        max_length=120,
        required=False,
        help_text=_("Blank where the action type asks for no committee."),
    )
    state_of_work = words_box(_("Condition in which it is handed over"))
    warranty_until = day_box(
        _("Warranty until"), help_text=_("Against hidden defects; the rules say from when at the least.")
    )
    guarantee = forms.CharField(
        label=_("Guarantee"), max_length=200, required=False, help_text=_("Number of the bond, and who issued it.")
    )
    maintainer = forms.CharField(label=_("Who maintains it"), max_length=200)
    maintained_until = day_box(_("Maintenance until"))
    maintenance_budget = MoneyField(label=_("Yearly budget for maintenance"))


class SignedForm(forms.Form):
    upload = upload_box(_("Copy with the signatures"))


class ReasonBoxForm(forms.Form):
    reason = words_box(_("Reason"))
