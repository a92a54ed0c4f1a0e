"""What the engine knows how to judge, for those who write rules; `projects` judges them and a test compares.

Anything else may be written down too: it then waits for a person's judgement and stops nothing.
"""

from django.utils.translation import gettext_lazy as _

INDICATORS = {
    "city_population": _("Inhabitants of the city"),
    "household_poverty": _("Households in poverty, %"),
    "service_deficit": _("Largest of the four service deficits, % of dwellings"),
    "water_share": _("Without piped water in the house or on the plot, % of dwellings"),
    "water_house_share": _("Without piped water in the house, % of dwellings"),
    "drainage_share": _("Without drainage, % of dwellings"),
    "electricity_share": _("Without electricity, % of dwellings"),
    "floor_share": _("With an earth floor, % of dwellings"),
}
# Code → what its threshold says, in per cent or years; blank where it needs none.
CONDUCT = {
    "capture_window": "",
    "works_inside_dates": "",
    "one_modality": "",
    "types_of_the_year": "",
    "funding_complete": "",
    "people_counted": "",
    "location_basis": _("Least part of each site inside the polygon, %"),
    "no_duplicates": _("Part of the site that another proposal covers, from which it is the same work, %"),
    "buried_services_first": _("Most dwellings along a pavement without piped water, or without drainage, %"),
    "quantity_drawn": _("How far a quantity may be from the length or the surface drawn, %"),
    "overlaps_answered": _("How many years back actions of the same line on the same blocks are looked for"),
    "opinions_given": "",
    "committee_before_start": "",
    "handover_signed": "",
    "committee_verdict": "",
    "points_closed": "",
    "measured_equals_planned": "",
    "proven_equals_released": "",
}
