"""Who reads the register of people: those of the territory who work with them, the program unit and auditors."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef

from projects.querysets.social import OfMunicipality
from projects.querysets.works import OfProject

# Never technicians, service accounts or the public.
READERS = ("preparer", "certifier", "reviewer", "delegate", "manager", "auditor")


def reads_register(user) -> bool:
    return bool(user.is_authenticated and user.is_valid_today and user.role in READERS)


class RegisterQuerySet(OfMunicipality):
    def visible_to(self, user) -> Self:
        return super().visible_to(user) if reads_register(user) else self.none()


class PersonQuerySet(RegisterQuerySet):
    def known(self) -> Self:
        """Without those whose data were destroyed."""
        return self.filter(erased_at=None)

    def with_parts(self) -> Self:
        """Adds whether each is a `provider`, `promoter` or `tutor`, and a `participant` of a course."""
        find = self.model._meta.apps.get_model
        engaged = find("projects", "Engagement").objects.filter(person=OuterRef("pk"))
        units = {"provider": "prestador_mes", "promoter": "promotor_mes", "tutor": "asesor_mes"}
        parts = {name: Exists(engaged.filter(action__action_type__unit=unit)) for name, unit in units.items()}
        taught = Exists(find("projects", "Participant").objects.filter(person=OuterRef("pk")))
        return self.annotate(**parts, participant=taught)


class InRegister(OfProject):
    """Rows that hang on a project and lead to people."""

    def visible_to(self, user) -> Self:
        return self.in_territory(user) if reads_register(user) else self.none()


class OfActionInRegister(InRegister):
    project_path = "action__project"


class OfCourse(InRegister):
    project_path = "course__action__project"


class StipendQuerySet(InRegister):
    project_path = "engagement__action__project"

    def standing(self) -> Self:
        return self.exclude(list__status="returned")


class ReadingQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """The program unit and auditors look at who looked."""
        is_watcher = user.is_authenticated and user.role in ("manager", "auditor") and user.sees_the_nation
        return self if is_watcher else self.none()
