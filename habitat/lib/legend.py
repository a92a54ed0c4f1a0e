"""Words that the law asks for on every paper of the program."""

# LFPRH and the yearly budget decree; always in Spanish.
LEGEND = (
    "«Este programa es público, ajeno a cualquier partido político. Queda prohibido el uso para fines distintos a los"
    " establecidos en el programa.»"
)
