"""Participants of a course in one workbook: how it is laid out, written and read. `services.rosters` keeps them."""
