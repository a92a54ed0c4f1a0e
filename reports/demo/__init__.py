"""The invented portal: three neighbourhoods, the people of every role, and some sixty projects in every state.

Nothing here is real but the places' names and keys. Files are made in INEGI's own format and go through the same
importers as the real ones; projects are led through the same services as people's.
"""
