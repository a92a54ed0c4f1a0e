"""Pesos in the words that Mexican letters write after the figure."""

from decimal import Decimal

UNITS = (
    *("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"),
    *("trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno"),
    *("veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho"),
    "veintinueve",
)
TENS = ("", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
HUNDREDS = (
    *("", "ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos"),
    *("ochocientos", "novecientos"),
)


def pesos_in_words(amount: Decimal) -> str:
    """1234567.50 → "un millón doscientos treinta y cuatro mil quinientos sesenta y siete pesos 50/100 M.N."

    For 0 up to 999,999,999,999.99, as "de pesos" after a round million.
    """
    whole, cents = divmod(int(amount * 100), 100)
    words = before_a_noun(number_in_words(whole))
    of = " de" if whole and whole % 1_000_000 == 0 else ""
    return f"{words}{of} {'peso' if whole == 1 else 'pesos'} {cents:02d}/100 M.N."


def number_in_words(number: int) -> str:
    if number >= 1_000_000:
        millions, rest = divmod(number, 1_000_000)
        head = "un millón" if millions == 1 else f"{before_a_noun(number_in_words(millions))} millones"
        return f"{head} {number_in_words(rest)}" if rest else head
    if number >= 1_000:
        thousands, rest = divmod(number, 1_000)
        head = "mil" if thousands == 1 else f"{before_a_noun(number_in_words(thousands))} mil"
        return f"{head} {number_in_words(rest)}" if rest else head
    if number == 100:
        return "cien"
    if number > 100:
        hundreds, rest = divmod(number, 100)
        return f"{HUNDREDS[hundreds]} {number_in_words(rest)}" if rest else HUNDREDS[hundreds]
    if number < len(UNITS):
        return UNITS[number]
    tens, unit = divmod(number, 10)
    return f"{TENS[tens]} y {UNITS[unit]}" if unit else TENS[tens]


def before_a_noun(words: str) -> str:
    """ "veintiuno" mil is "veintiún mil", "treinta y uno" is "treinta y un"."""
    if words.endswith("veintiuno"):
        return f"{words.removesuffix('uno')}ún"
    return f"{words.removesuffix('uno')}un" if words.endswith("uno") else words
