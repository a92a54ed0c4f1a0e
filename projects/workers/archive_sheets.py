"""What the portal knows of a project besides its papers, as the sheets of its archive.

In Spanish, as the file is. Members of committees and who complained are in none; of a committee's papers, which name
neighbours, the sheets give the SHA-256 and not the bytes.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.alerts import BY_CODE
from projects.models import (
    Alert,
    Committee,
    CommitteePaper,
    ContractLine,
    EstimateLine,
    Finding,
    FormAnswer,
    Guarantee,
    ProgressLine,
    Project,
    SicsCapture,
)

# File, title, header, rows.
Sheet = tuple[str, str, list[str], Iterable[list[object]]]
# Header of a column → field, or fields that keys lead to (`contract__number`).
Columns = Mapping[str, str]

DECIDED = {
    "Situación": "status", "Registró": "registered_by", "Registrado": "registered_at", "Resolvió": "decided_by",
    "Resuelto": "decided_at", "Motivo": "reason", "Documento": "document_id",
}  # fmt: skip


def sheets_of(project: Project) -> Iterator[Sheet]:
    yield from _of_the_decision(project)
    yield from _of_the_money(project)
    yield from _of_the_works(project)
    yield from _of_the_audit(project)


def _of_the_decision(project: Project) -> Iterator[Sheet]:
    yield _sheet("historia", "Historia", project.history.select_related("by"),
                 {"Momento": "at", "Paso": "step", "De": "from_status", "A": "to_status", "Quién": "by",
                  "Motivo": "reason"})  # fmt: skip
    yield _sheet("reglas", "Veredictos de las reglas", project.verdicts.order_by("pk"),
                 {"Momento": "evaluated_at", "Clase": "rule_kind", "Regla": "rule_code", "Numeral": "clause",
                  "Veredicto": "outcome", "Datos": "inputs", "Motor": "engine"})  # fmt: skip
    yield _sheet("observaciones", "Observaciones y respuestas",
                 project.observations.select_related("change").order_by("pk"),
                 {"Momento": "change__at", "Sección": "section", "Observación": "text", "Respuesta": "answer",
                  "Respondida": "answered_at"})  # fmt: skip
    yield _sheet("dictamenes", "Dictámenes técnicos", project.opinions.select_related("given_by").order_by("pk"),
                 {"Pregunta": "question", "Pedido": "asked_at", "Favorable": "is_favourable", "Dictamen": "text",
                  "Emitió": "given_by", "Emitido": "given_at"})  # fmt: skip
    yield _sheet("modificaciones", "Modificaciones", project.amendments.select_related("registered_by", "decided_by"),
                 {"Número": "number", "Tipo": "kind", "Motivo de la solicitud": "asked", "Cambios": "changes",
                  "Cambio del contrato": "contract_change"} | DECIDED)  # fmt: skip


def _of_the_money(project: Project) -> Iterator[Sheet]:
    yield _sheet("dinero", "Libro de la obra", project.entries.order_by("pk"),
                 {"Fecha": "on", "Momento": "moment", "Fuente": "source", "Importe": "amount",
                  "Nota": "note"})  # fmt: skip
    yield _acts("contratos", "Contratos y acuerdos de administración directa", project.contracts,
                {"Número": "number", "Adjudicación": "kind", "Ley": "law", "Contratista": "contractor",
                 "RFC": "contractor_rfc", "Fecha": "on", "Sin IVA": "before_tax", "Importe": "amount",
                 "Inicio": "starts_on", "Término": "ends_on", "Anticipo %": "advance_percent"})  # fmt: skip
    yield _sheet("contratado", "Cantidades contratadas",
                 ContractLine.objects.filter(contract__project=project)
                 .select_related("contract", "action__action_type").order_by("pk"),
                 {"Contrato": "contract__number", "Acción": "action__action_type", "Cantidad": "quantity"})  # fmt: skip
    yield _sheet("fianzas", "Garantías",
                 Guarantee.objects.filter(contract__project=project).select_related("contract").order_by("pk"),
                 {"Contrato": "contract__number", "Clase": "kind", "Número": "number", "Emitió": "issuer",
                  "Importe": "amount", "Vigencia": "valid_until"})  # fmt: skip
    yield _acts("ministraciones", "Ministraciones", project.releases,
                {"Fecha": "on", "Fuente": "source", "Importe": "amount", "Referencia": "reference",
                 "Programada": "planned_on", "Por qué se atrasó": "late_reason"})  # fmt: skip
    yield _acts("estimaciones", "Estimaciones", project.estimates.select_related("contract"),
                {"Contrato": "contract__number", "Número": "number", "Fecha": "on", "Desde": "period_from",
                 "Hasta": "period_to", "Importe": "amount", "Amortizado": "amortised", "Retenido": "withheld",
                 "Neto": "net"})  # fmt: skip
    yield _sheet("estimado", "Cantidades estimadas",
                 EstimateLine.objects.filter(estimate__project=project)
                 .select_related("estimate", "action__action_type").order_by("estimate", "pk"),
                 {"Estimación": "estimate__number", "Acción": "action__action_type",
                  "Cantidad": "quantity"})  # fmt: skip
    yield _acts("pagos", "Pagos", project.payments.select_related("contract", "estimate"),
                {"Contrato": "contract__number", "Estimación": "estimate__number", "Fecha": "on", "Fuente": "source",
                 "Importe": "amount", "Medio": "method", "Referencia": "reference"})  # fmt: skip
    yield _acts("comprobaciones", "Comprobaciones", project.proofs,
                {"Fecha": "on", "Fuente": "source", "Importe": "amount", "Referencia": "reference"})  # fmt: skip
    yield _acts("reintegros", "Reintegros", project.refunds,
                {"Fecha": "on", "Fuente": "source", "Importe": "amount", "Motivo del reintegro": "motive",
                 "Línea de captura": "reference", "Límite": "due_on", "Cargas financieras": "interest"})  # fmt: skip


def _of_the_works(project: Project) -> Iterator[Sheet]:
    yield _sheet("avances", "Avances", project.progress.order_by("year", "month", "version"),
                 {"Año": "year", "Mes": "month", "Versión": "version", "Situación": "status", "Nota": "note",
                  "Motivo": "reason"})  # fmt: skip
    yield _sheet("mediciones", "Lo medido por periodo",
                 ProgressLine.objects.filter(report__project=project)
                 .select_related("report", "action__action_type").order_by("report", "pk"),
                 {"Año": "report__year", "Mes": "report__month", "Versión": "report__version",
                  "Acción": "action__action_type", "Cantidad": "quantity"})  # fmt: skip
    yield _sheet("alertas", "Alertas", project.alerts.select_related("closed_by").order_by("opened_at", "pk"),
                 {"Alerta": "title", "Datos": "facts", "A cargo": "owner", "Abierta": "opened_at",
                  "Terminó": "ended_at", "Cerró": "closed_by", "Cerrada": "closed_at", "Motivo": "reason"})  # fmt: skip
    yield _sheet("visitas", "Visitas", project.visits.select_related("visitor"),
                 {"Visita": "kind", "Programada": "planned_on", "Realizada": "made_on", "Quién": "visitor",
                  "Qué se vio": "summary", "Existe": "is_there", "Funciona": "is_working", "Se usa": "is_used",
                  "Tiene mantenimiento": "is_maintained"})  # fmt: skip
    yield _sheet("hallazgos", "Hallazgos de las visitas",
                 Finding.objects.filter(visit__project=project).select_related("visit").order_by("visit", "pk"),
                 {"Visita": "visit__made_on", "Gravedad": "weight", "Hallazgo": "text"})  # fmt: skip
    yield _sheet("compromisos", "Compromisos", project.action_points.select_related("owner"),
                 {"Qué": "text", "Responsable": "owner", "Vence": "due_on", "Cerrado": "closed_at",
                  "Qué se hizo": "done"})  # fmt: skip


def _of_the_audit(project: Project) -> Iterator[Sheet]:
    watching = Committee.objects.watching(project, project.municipality.local_day()).order_by("constituted_on", "pk")
    known = list(watching.values_list("pk", flat=True))
    yield _sheet("comites", "Comités", watching,
                 {"Comité": "name", "Constituido": "constituted_on", "Registro": "registration"})  # fmt: skip
    yield _sheet("papeles_de_comites", "Papeles de los comités, por su huella",
                 CommitteePaper.objects.filter(committee__in=known).select_related("committee").order_by("pk"),
                 {"Comité": "committee__name", "Documento": "kind", "Archivo": "original_name",
                  "SHA-256": "sha256"})  # fmt: skip
    yield _sheet("cedulas", "Cédulas de vigilancia",
                 FormAnswer.objects.filter(form__project=project)
                 .select_related("form__committee", "item").order_by("form", "pk"),
                 {"Fecha": "form__on", "Comité": "form__committee__name", "Pregunta": "item__text_es",
                  "Respuesta": "answer", "Observaciones": "form__note"})  # fmt: skip
    yield _sheet("sics", "Capturas en el SICS",
                 SicsCapture.objects.filter(committee__in=known).select_related("committee").order_by("due_on", "pk"),
                 {"Comité": "committee__name", "Qué": "what", "Ocurrió": "happened_on", "Vence": "due_on",
                  "Capturado": "captured_on"})  # fmt: skip
    yield _sheet("vistos_buenos", "Palabra del comité", project.committee_verdicts.select_related("committee"),
                 {"Comité": "committee__name", "Fecha": "on", "Conforme": "is_favourable",
                  "Qué dice": "text"})  # fmt: skip
    yield _sheet("dispensas", "Dispensas de la palabra del comité",
                 project.committee_waivers.select_related("asked_by", "decided_by"),
                 {"Motivo": "reason", "Pidió": "asked_by", "Pedida": "asked_at", "Concedida": "is_granted",
                  "Nota": "note", "Resolvió": "decided_by", "Resuelta": "decided_at"})  # fmt: skip


def _acts(name: str, title: str, acts: Any, columns: Columns) -> Sheet:
    rows = acts.select_related("registered_by", "decided_by").order_by("on", "pk")
    return _sheet(name, title, rows, {**columns, **DECIDED})


def _sheet(name: str, title: str, rows: QuerySet[Any], columns: Columns) -> Sheet:
    return name, title, list(columns), ([_cell(row, path) for path in columns.values()] for row in rows)


def _cell(row: Any, path: str) -> object:
    *keys, field = path.split("__")
    for key in keys:
        row = getattr(row, key)
        if row is None:
            return None
    if isinstance(row, Alert) and field == "title":
        return str(BY_CODE[row.kind].title)
    return _plain(row, field)


def _plain(row: Model, field: str) -> object:
    words = getattr(row, f"get_{field}_display", None)
    value = words() if words else getattr(row, field)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, dict | list):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return value if value is None or isinstance(value, int | str) else str(value)
