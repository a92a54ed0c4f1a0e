"""What the reviewer reads of a project that came back: field by field, before and now, by section."""

from decimal import Decimal

from django.contrib.gis.geos import LineString
from django.core.files.uploadedfile import SimpleUploadedFile

from habitat.tests.fixtures import PDF
from projects import services
from projects.changes import changes_since_return
from projects.models import Action

SECTIONS = ("work", "place", "targets", "funding", "documents")


def returned(project, lead, people, now, sections=SECTIONS):
    lead(project, "review")
    remarks = [(section, "Corrija.") for section in sections]
    services.take_step(project, "observe", by=people["reviewer"], reason="Corrija", remarks=remarks, at=now)
    project.refresh_from_db()
    return project


def told(project):
    return {(row.section, row.thing, row.field): (row.before, row.now) for row in changes_since_return(project).changes}


def test_every_section_tells_what_was_changed_in_it(project, lead, people, now):
    assert changes_since_return(project) is None
    returned(project, lead, people, now)
    assert changes_since_return(project).untouched == [
        "Obra o acción", "Lugar", "Metas y personas", "Financiamiento", "Documentos",
    ]  # fmt: skip
    by, action = people["preparer"], project.actions.get()
    services.update_draft(project, by=by, name="Otra", execution_form="own_administration")
    services.update_draft(project, by=by, name="Red de agua potable y drenaje")
    services.change_action(action, by=by, quantity=Decimal(520), women=400)
    services.set_site(action, by=by, geometry=LineString((-90.53, 19.8301), (-90.5288, 19.8301), srid=4326))
    amounts = {"federal": 450_000, "state": 200_000, "municipal": 340_000, "beneficiaries": 10_000}
    services.set_contributions(action, by=by, amounts=amounts)
    second = services.add_action(project, by=by, action_type=action.action_type, quantity=Decimal(1), description="B")
    third = services.add_action(project, by=by, action_type=action.action_type, quantity=Decimal(1), description="C")
    services.remove_action(third, by=by)
    paper = SimpleUploadedFile("presupuesto.pdf", PDF)
    services.attach_document(project, "budget", paper, by=by)

    assert told(project) == {
        ("work", "", "Nombre"): ("Introducción de red de agua potable", "Red de agua potable y drenaje"),
        ("work", "", "Forma de ejecución"): ("Por contrato", "Por administración directa"),
        ("targets", "ME01", "Cantidad"): ("400.00", "520.00"),
        ("targets", "ME01", "Mujeres"): ("361", "400"),
        ("place", "ME01", "Ubicación"): ("línea de 230 m", "línea de 125 m"),
        ("funding", "ME01 · Federal", "Monto"): ("$500,000.00", "$450,000.00"),
        ("funding", "ME01 · Municipal", "Monto"): ("$290,000.00", "$340,000.00"),
        ("targets", "", "Acción"): ("", f"ME01 {second.description}"),
        ("documents", "", "Documento"): ("", "Presupuesto con precios unitarios: presupuesto.pdf"),
    }
    assert changes_since_return(project).untouched == []


def test_only_what_came_after_the_last_return_is_told(client, project, lead, people, now):
    returned(project, lead, people, now, ["work", "place"])
    services.update_draft(project, by=people["preparer"], name="Primera corrección")
    services.take_step(project, "answer", by=people["certifier"], reason="Va.", at=now)
    client.force_login(people["reviewer"])
    for page in (f"/projects/{project.pk}/", f"/projects/{project.pk}/steps/number/"):
        shown = client.get(page).content.decode()
        assert "Primera corrección" in shown
        assert "Se devolvió y no cambió: Lugar." in shown
    services.take_step(project, "observe", by=people["reviewer"], reason="Otra vez", remarks=[("place", "No.")], at=now)
    assert told(project) == {}
    client.force_login(people["preparer"])
    assert f"/projects/{project.pk}/edit/place/" in client.get(f"/projects/{project.pk}/").text, "what was returned"
    assert Action.objects.get(project=project).quantity == 400
