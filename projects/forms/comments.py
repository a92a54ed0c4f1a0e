"""Forms of citizens' comments: the public one, and those of the delegation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.models import Comment

# Mexico, with its waters.
WEST, EAST, SOUTH, NORTH = -118.5, -86.5, 14.4, 32.8


class CommentForm(forms.Form):
    """`website` is a trap: people do not see it, and who fills it is no person."""

    text = forms.CharField(
        label=_("Your comment"),
        max_length=Comment.MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "What do you see at the work? Write no names, telephones or other personal data: all will read it."
        ),
    )
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        help_text=_("JPEG or PNG. Its hidden data, such as the place and the telephone, are taken away."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
    )
    latitude = forms.DecimalField(
        label=_("Latitude of the place"), required=False, min_value=SOUTH, max_value=NORTH, max_digits=10
    )
    longitude = forms.DecimalField(
        label=_("Longitude of the place"), required=False, min_value=WEST, max_value=EAST, max_digits=10
    )
    website = forms.CharField(label=_("Leave this empty"), required=False)

    def clean(self):
        answers = super().clean() or {}
        if (answers.get("latitude") is None) != (answers.get("longitude") is None) and not self.errors:
            raise forms.ValidationError(_("Give both latitude and longitude, or neither."))
        return answers

    @property
    def place(self):
        """Longitude and latitude, where given."""
        longitude, latitude = self.cleaned_data["longitude"], self.cleaned_data["latitude"]
        return None if longitude is None else (longitude, latitude)


class PublishForm(forms.Form):
    with_photo = forms.BooleanField(
        label=_("Show the photo: it shows no faces, plates or other personal data"), required=False
    )


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is not published"), max_length=500, help_text=_("Who sent it reads this sentence.")
    )


class AnswerForm(forms.Form):
    text = forms.CharField(label=_("Answer"), max_length=Comment.MOST_TEXT, widget=forms.Textarea(attrs={"rows": 4}))
