"""Time zone of each municipality, so that a capture window closes when its own day ends.

Source: Ley de los Husos Horarios en los Estados Unidos Mexicanos (DOF 28/10/2022, reformed 2023 for Chihuahua and its
border), written with the IANA names. Where a state is split, the exceptions are listed by municipality key.
"""

DEFAULT = "America/Mexico_City"

BY_STATE = {
    "02": "America/Tijuana",
    "03": "America/Mazatlan",
    "04": "America/Merida",
    "05": "America/Monterrey",
    "08": "America/Chihuahua",
    "10": "America/Monterrey",
    "18": "America/Mazatlan",
    "19": "America/Monterrey",
    "23": "America/Cancun",
    "25": "America/Mazatlan",
    "26": "America/Hermosillo",
    "28": "America/Monterrey",
    "31": "America/Merida",
}

# Border municipalities that keep the hours of the United States beside them, and Bahía de Banderas with Jalisco.
EXCEPTIONS = {
    # Ascensión, Guadalupe, Janos, Juárez, Praxedis G. Guerrero
    "America/Ciudad_Juarez": ("08005", "08028", "08035", "08037", "08053"),
    # Coyame del Sotol, Manuel Benavides, Ojinaga
    "America/Ojinaga": ("08015", "08042", "08052"),
    "America/Bahia_Banderas": ("18020",),
    "America/Matamoros": (
        # Acuña, Allende, Guerrero, Hidalgo, Jiménez, Morelos, Nava, Ocampo, Piedras Negras, Villa Unión, Zaragoza
        *("05002", "05003", "05012", "05013", "05014", "05019", "05022", "05023", "05025", "05037", "05038"),
        # Anáhuac
        "19005",
        # Camargo, Guerrero, G. Díaz Ordaz, Matamoros, Mier, M. Alemán, N. Laredo, Reynosa, Río Bravo, Valle Hermoso
        *("28007", "28014", "28015", "28022", "28024", "28025", "28027", "28032", "28033", "28040"),
    ),
}
# The city a clock is called after, as its people write it.
CITIES = {
    "America/Mexico_City": "Ciudad de México",
    "America/Mazatlan": "Mazatlán",
    "America/Merida": "Mérida",
    "America/Cancun": "Cancún",
    "America/Ciudad_Juarez": "Ciudad Juárez",
    "America/Bahia_Banderas": "Bahía de Banderas",
}
_EXCEPTION_BY_CODE = {code: zone for zone, codes in EXCEPTIONS.items() for code in codes}


def time_zone_of(municipality_code: str) -> str:
    return _EXCEPTION_BY_CODE.get(municipality_code) or BY_STATE.get(municipality_code[:2], DEFAULT)


def city_of(time_zone: str) -> str:
    """Whose clock it is: `America/Hermosillo` → Hermosillo."""
    return CITIES.get(time_zone, time_zone.rpartition("/")[2].replace("_", " "))
