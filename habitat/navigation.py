"""What stands in the frame of every page: the menu of the reader's role, the other language, the legend of the law."""

from collections.abc import Iterable
from typing import NamedTuple

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from habitat.lib.legend import LEGEND

PUBLIC = "public"
STAFF = ("preparer", "certifier", "reviewer", "delegate", "technician", "manager", "auditor")


class Entry(NamedTuple):
    label: str | Promise
    url: str
    roles: Iterable[str]


MENU = (
    Entry(_("Home"), "/", (PUBLIC,)),
    Entry(_("Desk"), "/", STAFF),
    Entry(_("Polygons"), "/polygons/", (PUBLIC, *STAFF)),
    Entry(_("Projects"), "/projects/", (PUBLIC, *STAFF)),
    Entry(_("Ceilings"), "/projects/ceilings/", ("reviewer", "delegate", "technician", "manager", "auditor")),
    Entry(_("Letters"), "/projects/letters/", STAFF),
    Entry(_("Watching"), "/projects/committees/", STAFF),
    Entry(_("Rules"), "/modalities/", (PUBLIC, *STAFF)),
    Entry(_("Reports"), "/reports/", (PUBLIC, *STAFF)),
    Entry(_("People"), "/accounts/people/", ("reviewer", "delegate", "manager", "auditor")),
)
OTHER_LANGUAGE = {"es": ("en", "English"), "en": ("es-mx", "Español")}


def menu_for(role: str, path: str) -> list[dict[str, object]]:
    """The entries a role may open; the longest address that begins the path is where the reader is."""
    entries = [entry for entry in MENU if role in entry.roles]
    around = [entry.url for entry in entries if path == entry.url or (entry.url != "/" and path.startswith(entry.url))]
    here = max(around, key=len, default="")
    return [{"label": entry.label, "url": entry.url, "current": entry.url == here} for entry in entries]


def navigation(request: HttpRequest) -> dict[str, object]:
    """Context processor; answers also before any middleware has run, as error pages need."""
    user = getattr(request, "user", None)
    role = getattr(user, "role", PUBLIC)
    code, name = OTHER_LANGUAGE[(get_language() or "es")[:2]]
    return {
        "menu": menu_for(role, request.path),
        "legend": LEGEND,
        "other_language": {"code": code, "name": name},
    }
