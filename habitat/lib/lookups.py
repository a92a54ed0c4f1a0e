"""Text compared as people type it: `name__plain__contains="merida"` finds Mérida."""

from django.db.models import CharField, Transform

ACCENTED, PLAIN = "áéíóúüñÁÉÍÓÚÜÑ", "aeiouunaeiouun"


@CharField.register_lookup
class Plain(Transform):
    """In small letters and without the accents of Spanish, on both sides of the comparison.

    PostgreSQL's `unaccent` would say the same, but a database given from outside may not have that extension.
    """

    bilateral = True
    lookup_name = "plain"
    template = f"translate(lower(%(expressions)s), '{ACCENTED}', '{PLAIN}')"
