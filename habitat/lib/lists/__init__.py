"""Lists: a table that is a page and, row for row and column for column, a file.

A list states its rows and its table once (`Listing`); the page, the chooser of columns, CSV, XLSX and GeoPackage, also
those a worker makes, are drawn from that one statement.
"""

from habitat.lib.lists.cells import Value, detail
from habitat.lib.lists.listing import Listing, listed, listing_at, mark_if_bare, sheet_of

__all__ = ["Listing", "Value", "detail", "listed", "listing_at", "mark_if_bare", "sheet_of"]
