from importlib import import_module

from django.apps import AppConfig, apps
from django.db.models.constraints import BaseConstraint
from django.utils.translation import gettext_lazy as _


class LibConfig(AppConfig):
    name = "habitat.lib"
    label = "lib"

    def ready(self) -> None:
        # Registers itself, as lookups do.
        import_module("habitat.lib.lookups")
        say_constraints()


def say_constraints() -> None:
    """A constraint that a form meets speaks to its reader; Django's own words name it by its code."""
    words = _(
        "These answers do not fit together, or with what is kept already: look at days, numbers and amounts again."
    )
    code, BaseConstraint.default_violation_error_message = BaseConstraint.default_violation_error_message, words
    for model in apps.get_models(include_auto_created=True):
        for constraint in model._meta.constraints:
            if constraint.violation_error_message is code:
                constraint.violation_error_message = words
