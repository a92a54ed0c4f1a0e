"""`make bench`: how fast the portal is, as ratios measured side by side in one run. No part of the running portal.

A group of rows is a function `rows(bench) -> Iterator[Row]`; `groups.py` names them all.
"""
