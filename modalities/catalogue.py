"""The program's own catalogue: modalities, strands, action lines and the 49 action types.

Source: domain report, sections 1.3 to 1.6. The concepts are sure; the exact official wording is not, and priorities
other than 1 (water, drainage, electricity) are from memory, so no rule hangs on them. OC4IDS codes are those of schema
0.9.5; a type is blank where nothing is built (courses, plans).
"""

from typing import NamedTuple

from modalities.models import GeometryKind as Shape
from modalities.models import LocationBasis as Basis
from modalities.models import Unit


class Named(NamedTuple):
    code: str
    name_es: str
    name_en: str


class Line(NamedTuple):
    code: str
    modality: str
    name_es: str
    name_en: str


class Type(NamedTuple):
    code: str
    line: str
    name_es: str
    name_en: str
    unit: str
    priority: int | None
    geometry: str
    basis: str
    sector: str
    work: str = ""
    note: str = ""

    @property
    def modality(self) -> str:
        return self.code[:2]


MODALITIES = (
    Named("DS", "Desarrollo Social y Comunitario", "Social and Community Development"),
    Named("ME", "Mejoramiento del Entorno Urbano", "Improvement of the Urban Environment"),
    Named("PD", "Promoción del Desarrollo Urbano", "Promotion of Urban Development"),
)

# The set depends on the year: the 2010 public account knows the first two only.
STRANDS = (
    Named("G", "General", "General"),
    Named("CH", "Centros Históricos", "Historic Centres"),
    Named("IP", "Intervenciones Preventivas", "Preventive Interventions"),
)

LINES = (
    Line("ME-BASICA", "ME", "Infraestructura urbana básica", "Basic urban infrastructure"),
    Line("ME-COMPL", "ME", "Infraestructura urbana complementaria", "Complementary urban infrastructure"),
    Line("ME-RIESGO", "ME", "Prevención y mitigación de riesgos", "Risk prevention and mitigation"),
    Line("ME-CDC", "ME", "Centros de Desarrollo Comunitario y refugios", "Community Development Centres and shelters"),
    Line("ME-ENTORNO", "ME", "Mejoramiento del entorno y espacios comunes", "Surroundings and shared spaces"),
    Line("ME-CH", "ME", "Centros históricos", "Historic centres"),
    Line("DS-CAPAC", "DS", "Capacidades individuales y comunitarias", "Individual and community skills"),
    Line("DS-PROMO", "DS", "Servicio social y promoción comunitaria", "Social service and community promotion"),
    Line("DS-ORGAN", "DS", "Organización y participación comunitaria", "Community organisation and participation"),
    Line("DS-SERV", "DS", "Servicios a la comunidad", "Services to the community"),
    Line("DS-ESTUD", "DS", "Estudios y difusión", "Studies and outreach"),
    Line("DS-PREV", "DS", "Prevención social de la violencia", "Social prevention of violence"),
    Line("PD-PLAN", "PD", "Planeación urbana", "Urban planning"),
    Line("PD-INST", "PD", "Instituciones de planeación y gestión", "Planning and management institutions"),
    Line("PD-INFO", "PD", "Información, estudios y proyectos", "Information, studies and designs"),
)

WATER, ENERGY, ROAD, URBAN = "waterAndWaste", "energy", "transport.road", "transport.urban"
CULTURE, HEALTH, EDUCATION, GOVERNANCE = "cultureSportsAndRecreation", "health", "education", "governance"
NATURE, FLOOD = "naturalResources", "naturalResources.floodProtection"
BUILD, MEND, WIDEN = "construction", "rehabilitation", "expansion"

ONLY_CH = "Solo en la vertiente Centros Históricos; requiere permiso del INAH o del INBA."
ONLY_IP = "Propia de la vertiente Intervenciones Preventivas."

# fmt: off
IMPROVEMENT = (
    Type("ME01", "ME-BASICA", "Introducción o ampliación de red de agua potable", "New or extended water network",
         Unit.METRE, 1, Shape.LINE, Basis.IN_POLYGON, WATER, WIDEN, "Puede llevar tomas domiciliarias (ME03)."),
    Type("ME02", "ME-BASICA", "Rehabilitación de red de agua potable", "Rehabilitated water network",
         Unit.METRE, 1, Shape.LINE, Basis.IN_POLYGON, WATER, MEND),
    Type("ME03", "ME-BASICA", "Tomas domiciliarias", "House water connections",
         Unit.CONNECTION, 1, Shape.AREA, Basis.IN_POLYGON, WATER, WIDEN),
    Type("ME04", "ME-BASICA", "Tanque, cárcamo, pozo o equipamiento de agua potable",
         "Water tank, pumping station, well or equipment", Unit.WORK, 1, Shape.POINT, Basis.SERVING_POLYGON, WATER,
         BUILD),
    Type("ME05", "ME-BASICA", "Red de drenaje sanitario", "Sewer network",
         Unit.METRE, 1, Shape.LINE, Basis.IN_POLYGON, WATER, WIDEN, "Introducción, ampliación o rehabilitación."),
    Type("ME06", "ME-BASICA", "Colector, subcolector o emisor", "Trunk sewer or outfall",
         Unit.METRE, 1, Shape.LINE, Basis.SERVING_POLYGON, WATER, BUILD),
    Type("ME07", "ME-BASICA", "Drenaje pluvial", "Storm drainage",
         Unit.METRE, 1, Shape.LINE, Basis.IN_POLYGON, FLOOD, BUILD),
    Type("ME08", "ME-BASICA", "Descargas domiciliarias", "House sewer connections",
         Unit.DISCHARGE, 1, Shape.AREA, Basis.IN_POLYGON, WATER, WIDEN),
    Type("ME09", "ME-BASICA", "Planta de tratamiento de aguas residuales", "Wastewater treatment plant",
         Unit.PLANT, 2, Shape.POINT, Basis.SERVING_POLYGON, WATER, BUILD,
         "Requiere opinión de la CONAGUA o del organismo operador."),
    Type("ME10", "ME-BASICA", "Electrificación (red de distribución)", "Electricity distribution network",
         Unit.METRE, 1, Shape.LINE, Basis.IN_POLYGON, ENERGY, WIDEN, "Requiere proyecto aprobado por la CFE."),
    Type("ME11", "ME-COMPL", "Alumbrado público", "Street lighting",
         Unit.LAMP, 2, Shape.LINE, Basis.IN_POLYGON, ROAD, BUILD),
    Type("ME12", "ME-COMPL", "Pavimentación", "Paving", Unit.SQUARE_METRE, 2, Shape.LINE, Basis.IN_POLYGON, ROAD, BUILD,
         "Asfalto, concreto hidráulico, empedrado o adoquín; la calle debe contar antes con sus redes subterráneas."),
    Type("ME13", "ME-COMPL", "Guarniciones", "Kerbs", Unit.METRE, 2, Shape.LINE, Basis.IN_POLYGON, ROAD, BUILD),
    Type("ME14", "ME-COMPL", "Banquetas", "Sidewalks", Unit.SQUARE_METRE, 2, Shape.LINE, Basis.IN_POLYGON, URBAN, BUILD,
         "Con rampas para personas con discapacidad."),
    Type("ME15", "ME-COMPL", "Vialidad de conexión del polígono con la ciudad", "Road linking the polygon to the city",
         Unit.SQUARE_METRE, 2, Shape.LINE, Basis.SERVING_POLYGON, ROAD, BUILD),
    Type("ME16", "ME-COMPL", "Puente peatonal o vehicular, paso", "Foot or road bridge, crossing",
         Unit.WORK, 2, Shape.POINT, Basis.SERVING_POLYGON, ROAD, BUILD),
    Type("ME17", "ME-RIESGO", "Muro de contención, estabilización u obra de mitigación de riesgo",
         "Retaining wall, slope stabilisation or risk mitigation work", Unit.WORK, 2, Shape.LINE, Basis.IN_POLYGON,
         FLOOD, BUILD),
    Type("ME18", "ME-CDC", "Construcción de Centro de Desarrollo Comunitario", "New Community Development Centre",
         Unit.BUILDING, 2, Shape.POINT, Basis.SERVING_POLYGON, CULTURE, BUILD),
    Type("ME19", "ME-CDC", "Ampliación, habilitación o rehabilitación de Centro de Desarrollo Comunitario",
         "Extended, fitted-out or rehabilitated Community Development Centre",
         Unit.BUILDING, 2, Shape.POINT, Basis.SERVING_POLYGON, CULTURE, MEND),
    Type("ME20", "ME-CDC", "Equipamiento de Centro de Desarrollo Comunitario",
         "Equipment for a Community Development Centre", Unit.LOT, 2, Shape.POINT, Basis.SERVING_POLYGON, CULTURE,
         note="Mobiliario y equipo."),
    Type("ME21", "ME-CDC", "Refugio o casa para víctimas de violencia", "Shelter for victims of violence",
         Unit.BUILDING, 2, Shape.NONE, Basis.SERVING_POLYGON, HEALTH, BUILD,
         "Su ubicación no se captura, para proteger a quienes atiende."),
    Type("ME22", "ME-ENTORNO", "Jardín vecinal o cancha deportiva comunitaria", "Neighbourhood garden or sports court",
         Unit.WORK, 3, Shape.AREA, Basis.IN_POLYGON, CULTURE, BUILD),
    Type("ME23", "ME-ENTORNO", "Sistema de recolección, reciclaje y disposición final de residuos sólidos",
         "Solid waste collection, recycling and disposal", Unit.SYSTEM, 3, Shape.POINT, Basis.SERVING_POLYGON, WATER,
         BUILD),
    Type("ME24", "ME-ENTORNO", "Limpieza y rescate de barrancas, cauces y áreas verdes",
         "Clean-up of ravines, watercourses and green areas", Unit.HECTARE, 3, Shape.AREA, Basis.IN_POLYGON, NATURE,
         MEND),
    Type("ME25", "ME-ENTORNO", "Forestación", "Tree planting", Unit.TREE, 3, Shape.AREA, Basis.IN_POLYGON, NATURE),
    Type("ME26", "ME-ENTORNO", "Señalización, nomenclatura y mobiliario urbano",
         "Signs, street names and street furniture",
         Unit.PIECE, 3, Shape.AREA, Basis.IN_POLYGON, ROAD, BUILD),
    Type("ME27", "ME-CH", "Conservación y revitalización de centro histórico",
         "Conservation and revival of a historic centre", Unit.SQUARE_METRE, None, Shape.AREA, Basis.HISTORIC_CENTRE,
         CULTURE, MEND,
         "Vialidades, imagen urbana, iluminación, cableado subterráneo y mobiliario. " + ONLY_CH),
)

SOCIAL = (
    Type("DS01", "DS-CAPAC", "Cursos", "Courses", Unit.COURSE, None, Shape.POINT, Basis.SERVING_POLYGON, EDUCATION,
         note="Capacidades para el trabajo, cómputo, oficios."),
    Type("DS02", "DS-CAPAC", "Talleres", "Workshops", Unit.WORKSHOP, None, Shape.POINT, Basis.SERVING_POLYGON,
         EDUCATION,
         note="Derechos ciudadanos, igualdad de género, prevención de la violencia y de las adicciones, salud."),
    Type("DS03", "DS-CAPAC", "Eventos culturales, deportivos y de integración comunitaria",
         "Cultural, sports and community events", Unit.EVENT, None, Shape.POINT, Basis.SERVING_POLYGON, CULTURE),
    Type("DS04", "DS-PROMO", "Prestadores de servicio social", "Social service students",
         Unit.PROVIDER_MONTH, None, Shape.NONE, Basis.SERVING_POLYGON, HEALTH, note="Estímulo mensual."),
    Type("DS05", "DS-PROMO", "Promotores comunitarios", "Community promoters",
         Unit.PROMOTER_MONTH, None, Shape.NONE, Basis.SERVING_POLYGON, HEALTH, note="Estímulo mensual."),
    Type("DS06", "DS-PROMO", "Apoyo a tutores y asesores", "Support for tutors and advisers",
         Unit.ADVISER_MONTH, None, Shape.NONE, Basis.SERVING_POLYGON, EDUCATION,
         note="Telesecundaria y educación para adultos."),
    Type("DS07", "DS-ORGAN", "Plan maestro, diagnóstico o plan de desarrollo comunitario",
         "Community master plan, diagnosis or development plan", Unit.PLAN, None, Shape.NONE, Basis.SERVING_POLYGON,
         GOVERNANCE),
    Type("DS08", "DS-SERV", "Módulos de atención y servicios en Centros de Desarrollo Comunitario",
         "Service modules in Community Development Centres", Unit.MODULE, None, Shape.POINT, Basis.SERVING_POLYGON,
         HEALTH,
         note="Servicios de salud, jurídicos y psicológicos."),
    Type("DS09", "DS-ORGAN", "Comités comunitarios y contraloría social: integración, capacitación y operación",
         "Community committees and social audit: set-up, training and operation",
         Unit.COMMITTEE, None, Shape.NONE, Basis.SERVING_POLYGON, GOVERNANCE),
    Type("DS10", "DS-ESTUD", "Estudios, evaluación local y difusión", "Studies, local evaluation and outreach",
         Unit.STUDY, None, Shape.NONE, Basis.MUNICIPALITY_WIDE, GOVERNANCE),
    Type("DS11", "DS-PREV", "Acciones de prevención social de la violencia", "Social prevention of violence",
         Unit.ACTION, None, Shape.POINT, Basis.SERVING_POLYGON, HEALTH,
         note="Laboratorios de Producción Creativa, mediación. " + ONLY_IP),
)

PROMOTION = (
    Type("PD01", "PD-PLAN", "Plan o programa municipal de desarrollo urbano", "Municipal urban development plan",
         Unit.PLAN, None, Shape.NONE, Basis.MUNICIPALITY_WIDE, GOVERNANCE, note="Elaboración o actualización."),
    Type("PD02", "PD-PLAN", "Plan o programa parcial, plan de ordenamiento territorial", "Partial or land-use plan",
         Unit.PLAN, None, Shape.NONE, Basis.MUNICIPALITY_WIDE, GOVERNANCE),
    Type("PD03", "PD-INST", "Instituto Municipal de Planeación", "Municipal Planning Institute",
         Unit.INSTITUTE, None, Shape.NONE, Basis.MUNICIPALITY_WIDE, GOVERNANCE, note="Creación o fortalecimiento."),
    Type("PD04", "PD-INST", "Observatorio Urbano Local", "Local Urban Observatory",
         Unit.OBSERVATORY, None, Shape.NONE, Basis.MUNICIPALITY_WIDE, GOVERNANCE, note="Instalación u operación."),
    Type("PD05", "PD-INST", "Agencia de Desarrollo Urbano o Hábitat", "Urban Development or Habitat Agency",
         Unit.AGENCY, None, Shape.NONE, Basis.MUNICIPALITY_WIDE, GOVERNANCE),
    Type("PD06", "PD-INFO", "Atlas de riesgos o peligros", "Atlas of risks or hazards",
         Unit.ATLAS, None, Shape.NONE, Basis.MUNICIPALITY_WIDE, GOVERNANCE),
    Type("PD07", "PD-PLAN", "Plan de manejo de centro histórico", "Historic centre management plan",
         Unit.PLAN, None, Shape.AREA, Basis.HISTORIC_CENTRE, CULTURE, note=ONLY_CH),
    Type("PD08", "PD-PLAN", "Plan de movilidad, estudio hidrológico o de cambio climático",
         "Mobility plan, hydrological or climate change study", Unit.STUDY, None, Shape.NONE, Basis.MUNICIPALITY_WIDE,
         URBAN),
    Type("PD09", "PD-INST", "Capacitación a funcionarios municipales", "Training of municipal officers",
         Unit.COURSE, None, Shape.NONE, Basis.NONE, GOVERNANCE),
    Type("PD10", "PD-INFO", "Sistema de información geográfica o catastro", "Geographic information system or cadastre",
         Unit.SYSTEM, None, Shape.NONE, Basis.MUNICIPALITY_WIDE, GOVERNANCE),
    Type("PD11", "PD-INFO", "Estudios y proyectos ejecutivos", "Studies and executive designs",
         Unit.DESIGN, None, Shape.NONE, Basis.MUNICIPALITY_WIDE, GOVERNANCE),
)
# fmt: on

ACTION_TYPES = (*IMPROVEMENT, *SOCIAL, *PROMOTION)
