"""One account for every role and territory of the demo, with one password drawn at loading."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from habitat.accounts.models import Role, User
from habitat.accounts.services import open_account
from polygons.models import Municipality, State
from reports.demo.places import PLACES, Place

DOMAIN = "demo.habitat.example"


@dataclass(frozen=True)
class Team:
    """Who acts in one place: two of the municipality, two of the state's delegation, two of the federation."""

    preparer: User
    certifier: User
    reviewer: User
    delegate: User
    technician: User
    manager: User


def open_accounts(password: str, valid_from: dt.date) -> dict[str, Team]:
    """The team of each place by its slug; the auditor reads everything and is in none."""
    # Hashing is slow on purpose: once for all of them.
    hashed = make_password(password)

    def account(box: str, role: Role, name: str, **territory: object) -> User:
        user = open_account(f"{box}@{DOMAIN}", None, role=role, name=name, valid_from=valid_from, **territory)
        user.password = hashed
        user.save(update_fields=["password"])
        return user

    account("auditora", Role.AUDITOR, "Auditora", is_national=True)
    technician = account("tecnica", Role.TECHNICIAN, "Técnica federal", is_national=True)
    manager = account("unidad", Role.MANAGER, "Unidad del programa", is_national=True)
    # Rules, reallocations and withdrawals take two persons: whoever tries them needs the second.
    account("segunda.unidad", Role.MANAGER, "Segunda firma de la unidad", is_national=True)

    def team(place: Place) -> Team:
        municipality = Municipality.objects.get(pk=place.municipality)
        state = State.objects.get(pk=place.state)
        return Team(
            preparer=account(
                f"preparador.{place.slug}", Role.PREPARER, f"Enlace técnico de {place.name}", municipality=municipality
            ),
            certifier=account(
                f"certificadora.{place.slug}",
                Role.CERTIFIER,
                f"Certificadora de {place.name}",
                municipality=municipality,
            ),
            reviewer=account(f"revisor.{place.slug}", Role.REVIEWER, f"Revisor, Delegación {state.name}", state=state),
            delegate=account(f"delegada.{place.slug}", Role.DELEGATE, f"Delegada en {state.name}", state=state),
            technician=technician,
            manager=manager,
        )

    return {place.slug: team(place) for place in PLACES}


def directory() -> list[tuple[str, str, str]]:
    """(role, territory, e-mail) of the demo's accounts, from the nation down."""
    users = User.objects.filter(email__endswith=f"@{DOMAIN}").select_related("municipality", "state")
    order = {role: place for place, role in enumerate(reversed(Role.values))}
    rows = sorted(users, key=lambda user: (not user.is_national, user.territory_name, order[user.role]))
    return [(str(user.get_role_display()), user.territory_name, user.email) for user in rows]
