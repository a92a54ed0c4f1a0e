"""The explorer at /polygons/: one set of polygons or blocks, as map, legend, table and files.

`measures` names what can be shown, `needs` and `spending` read it from the database, `grains` says what a row is,
`found` cuts, orders and sums the set, `colours` divides it into classes, `files` writes it.
"""
