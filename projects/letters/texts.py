"""Words with named placeholders. Plain substitution: what people type is never run as a template."""

import difflib
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import LetterKind, LetterText

# Where the list of works or municipalities stands: a paragraph of its own.
TABLE = "tabla"
BRACES = re.compile(r"\{([^{}]*)\}")

COMMON: dict[str, Promise] = {
    "numero": gettext_lazy("number of the letter"),
    "fecha": gettext_lazy("date in words"),
    "ejercicio": gettext_lazy("fiscal year"),
    "estado": gettext_lazy("state"),
    "destinatario": gettext_lazy("to whom it goes"),
    "monto": gettext_lazy("federal amount, with figures"),
    "monto_letra": gettext_lazy("federal amount, in words"),
    "firmante": gettext_lazy("name of who signs"),
    "cargo": gettext_lazy("post of who signs"),
    "sustituye": gettext_lazy("number of the letter it replaces, or “ninguno”"),
    TABLE: gettext_lazy("the list with its amounts; a paragraph of its own"),
}
OF_WORKS: dict[str, Promise] = {
    "municipios": gettext_lazy("municipalities of the works"),
    "total_proyectos": gettext_lazy("how many works"),
    "monto_total": gettext_lazy("amount of all sources, with figures"),
}
PLACEHOLDERS: dict[str, dict[str, Promise]] = {
    LetterKind.SUBSIDY: COMMON | {"acuerdo": gettext_lazy("coordination agreement of the state")},
    LetterKind.AUTHORISATION: COMMON
    | OF_WORKS
    | {"proyecto": gettext_lazy("name of the work"), "folio": gettext_lazy("folio of the work")},
    LetterKind.APPROVAL: COMMON | OF_WORKS,
}


@dataclass(frozen=True)
class Words:
    """What a letter is made of, and the version it was taken from; None: what the portal came with."""

    subject: str
    body: str
    text: LetterText | None = None


# What the portal comes with until the program unit writes its own.
FIRST: dict[str, Words] = {
    LetterKind.SUBSIDY: Words(
        "Autorización de aplicación de subsidios del Programa Hábitat, ejercicio fiscal {ejercicio}",
        "{destinatario}\n\n"
        "Con fundamento en las Reglas de Operación del Programa Hábitat y en el {acuerdo}, se autoriza la aplicación de"
        " subsidios federales en el estado de {estado} hasta por {monto} ({monto_letra}), distribuidos como sigue:\n\n"
        "{tabla}\n\n"
        "Los recursos se ejercerán dentro del ejercicio fiscal {ejercicio}, en las obras y acciones que se autoricen y"
        " aprueben conforme a las Reglas de Operación. Este oficio sustituye a: {sustituye}.",
    ),
    LetterKind.AUTHORISATION: Words(
        "Autorización del proyecto {folio}",
        "{destinatario}\n\n"
        "Se comunica que el proyecto «{proyecto}», folio {folio}, del municipio de {municipios}, fue autorizado para"
        " el ejercicio fiscal {ejercicio}, con subsidio federal por {monto} ({monto_letra}) y un costo total de"
        " {monto_total}, como sigue:\n\n"
        "{tabla}\n\n"
        "La autorización no reserva recursos: queda sujeta a la revisión técnica y normativa, a la asignación del"
        " número de expediente y a la aprobación de la delegación. Este oficio sustituye a: {sustituye}.",
    ),
    LetterKind.APPROVAL: Words(
        "Aprobación de obras y acciones del Programa Hábitat en {estado}, ejercicio fiscal {ejercicio}",
        "{destinatario}\n\n"
        "Concluida la revisión técnica y normativa, se aprueban las {total_proyectos} obras y acciones que se enlistan,"
        " en {municipios}, con subsidio federal por {monto} ({monto_letra}) y un costo total de {monto_total}:\n\n"
        "{tabla}\n\n"
        "El ejecutor podrá iniciar las obras y acciones a partir de la fecha de este oficio y comprobará el gasto en"
        " los plazos de las Reglas de Operación. Este oficio sustituye a: {sustituye}.",
    ),
}  # fmt: skip


def words_in_force(kind: str) -> Words:
    found = LetterText.objects.filter(kind=kind, status=LetterText.Status.IN_FORCE).first()
    return Words(found.subject, found.body, found) if found else FIRST[kind]


def check(kind: str, subject: str, body: str) -> None:
    """Raises ValidationError by field: a placeholder this letter does not have, a stray brace, the list missing."""
    errors = {}
    for field, text in (("subject", subject), ("body", body)):
        if wrong := _faults(kind, text):
            errors[field] = wrong
    paragraphs = paragraphs_of(body)
    if paragraphs.count(f"{{{TABLE}}}") != 1 or f"{{{TABLE}}}" in subject:
        said = _("Put {%(name)s} once, in a paragraph of its own: the list with its amounts stands there.")
        errors.setdefault("body", []).append(said % {"name": TABLE})
    if errors:
        raise ValidationError(errors)


def _faults(kind: str, text: str) -> list[str]:
    known = PLACEHOLDERS[kind]
    faults = []
    for name in dict.fromkeys(BRACES.findall(text)):
        if name in known:
            continue
        near = difflib.get_close_matches(name.strip().lower(), known, 1, 0.6)
        said = _("“{%(name)s}” is no placeholder of this letter.") % {"name": name[:60]}
        if near:
            said += " " + _("Did you mean {%(near)s}?") % {"near": near[0]}
        faults.append(said)
    if re.search(r"[{}]", BRACES.sub("", text)):
        faults.append(_("A brace { or } stands alone. Braces enclose the name of a placeholder and nothing else."))
    return faults


def paragraphs_of(body: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", body.replace("\r\n", "\n")) if part.strip()]


def fill(text: str, values: dict[str, str]) -> str:
    """One pass: what a value brings is not looked at again."""
    return BRACES.sub(lambda found: values.get(found[1], found[0]), text)
