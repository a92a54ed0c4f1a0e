"""Where the invented neighbourhoods lie: real cities' keys and coordinates, invented streets and people."""

from typing import NamedTuple

# INEGI's keys and names, for the catalogue of states.
STATES = (
    "Aguascalientes", "Baja California", "Baja California Sur", "Campeche", "Coahuila de Zaragoza", "Colima", "Chiapas",
    "Chihuahua", "Ciudad de México", "Durango", "Guanajuato", "Guerrero", "Hidalgo", "Jalisco", "México",
    "Michoacán de Ocampo", "Morelos", "Nayarit", "Nuevo León", "Oaxaca", "Puebla", "Querétaro", "Quintana Roo",
    "San Luis Potosí", "Sinaloa", "Sonora", "Tabasco", "Tamaulipas", "Tlaxcala", "Veracruz de Ignacio de la Llave",
    "Yucatán", "Zacatecas",
)  # fmt: skip


class Spot(NamedTuple):
    """A poor corner of a neighbourhood: its centre in blocks from the south-west, its reach in blocks, how deep."""

    name: str
    column: float
    row: float
    reach: float
    depth: float


class Place(NamedTuple):
    """A grid of `columns` × `rows` blocks, turned by `turn` degrees, its south-west corner at (`lon`, `lat`)."""

    slug: str
    municipality: str
    name: str
    abbreviation: str
    locality: str
    city: str
    city_name: str
    city_kind: str
    lon: float
    lat: float
    turn: float
    columns: int
    rows: int
    spots: tuple[Spot, ...]

    @property
    def state(self) -> str:
        return self.municipality[:2]

    @property
    def state_name(self) -> str:
        return STATES[int(self.state) - 1]


# INEGI's kinds in the catalogue of the National Urban System: 1 metropolitan zone, 2 conurbation, 3 urban centre.
PLACES = (
    Place(
        "campeche", "04002", "Campeche", "Camp.", "San Francisco de Campeche", "063", "Campeche", "2",
        -90.5205, 19.8225, 17, 15, 11,
        (
            Spot("Bellavista", 2.0, 2.2, 2.0, 0.72), Spot("Siglo Nuevo", 11.5, 2.0, 1.7, 0.6),
            Spot("La Ribera", 7.0, 8.0, 1.8, 0.66),
        ),
    ),
    Place(
        "tlaxcala", "29033", "Tlaxcala", "Tlax.", "Tlaxcala de Xicohténcatl", "046", "Tlaxcala-Apizaco", "1",
        -98.2500, 19.3110, -9, 14, 11,
        (Spot("Mirador", 3.0, 7.5, 2.0, 0.62), Spot("Fundadores", 10.0, 3.0, 1.9, 0.68)),
    ),
    Place(
        "juarez", "08037", "Juárez", "Chih.", "Juárez", "011", "Juárez", "1",
        -106.4655, 31.6350, 31, 16, 11,
        (
            Spot("Médanos", 2.5, 8.0, 1.9, 0.58), Spot("Granjas del Norte", 8.0, 2.5, 2.0, 0.74),
            Spot("Tierra Nueva", 13.0, 8.0, 1.7, 0.64),
        ),
    ),
)  # fmt: skip
