"""The questions the portal comes with; the program unit changes them. No official form was at hand: they are its own,
drawn from what auditors found (domain report, 6 and 11)."""

from typing import NamedTuple

from projects.models import ChecklistItem

Form = ChecklistItem.Form


class Question(NamedTuple):
    form: str
    text_es: str
    text_en: str
    modality: str | None = None


QUESTIONS = (
    Question(Form.SITE, "¿Hay letrero con los datos de la obra y la leyenda del programa?",
             "Is there a sign with the work's data and the legend of the program?"),
    Question(Form.SITE, "¿La obra está dentro del polígono y en el sitio aprobado?",
             "Is the work inside the polygon and on the approved site?"),
    Question(Form.SITE, "¿El avance físico corresponde al reportado?", "Does the progress agree with the reports?"),
    Question(Form.SITE, "¿La bitácora está al día?", "Is the works log up to date?", "ME"),
    Question(Form.SITE, "¿Los materiales corresponden a las especificaciones?",
             "Do the materials agree with the specifications?", "ME"),
    Question(Form.SITE, "¿Hay señales y medidas de seguridad?", "Are there signs and safety measures?", "ME"),
    Question(Form.SITE, "¿Se lleva lista de asistencia?", "Is a list of attendance kept?", "DS"),
    Question(Form.SITE, "¿El instructor y los materiales son los del programa del curso?",
             "Are the instructor and the materials those of the course's programme?", "DS"),
    Question(Form.SITE, "¿Los productos entregados corresponden a los términos de referencia?",
             "Do the products delivered agree with the terms of reference?", "PD"),
    Question(Form.VERIFICATION, "¿Opera sin fallas a la vista?", "Does it work without visible faults?"),
    Question(Form.VERIFICATION, "¿La población la usa como se previó?", "Do people use it as was foreseen?"),
    Question(Form.VERIFICATION, "¿Se cumple el compromiso de mantenimiento?", "Is the maintenance commitment kept?"),
    Question(Form.VERIFICATION, "¿Hay vicios ocultos que reclamar en garantía?",
             "Are there hidden defects to claim under warranty?"),
    Question(Form.VIGILANCE, "¿Recibieron información de la obra: monto, plazos y contratista?",
             "Were you told about the work: amount, dates and contractor?"),
    Question(Form.VIGILANCE, "¿La obra se hace en el lugar que se acordó?", "Is the work done where it was agreed?"),
    Question(Form.VIGILANCE, "¿Los trabajos avanzan como se programó?", "Do the works advance as planned?"),
    Question(Form.VIGILANCE, "¿Alguien pidió dinero o un voto a cambio?",
             "Did anybody ask for money or a vote in return?"),
    Question(Form.VIGILANCE, "¿La obra sirve a quien debía servir?", "Does the work serve whom it should?"),
)  # fmt: skip


def load_questions() -> int:
    """Writes those that are not there; answers how many. A question the program unit changed stays as it is."""
    if ChecklistItem.objects.exists():
        return 0
    rows = [
        ChecklistItem(
            form=row.form, text_es=row.text_es, text_en=row.text_en, modality_id=row.modality, position=position
        )
        for position, row in enumerate(QUESTIONS, start=1)
    ]
    return len(ChecklistItem.objects.bulk_create(rows))
