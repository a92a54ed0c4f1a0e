"""Which rows there are: a group's name and the function that measures it."""

from collections.abc import Callable, Iterator

from habitat.bench import dashboards, figures, imports, over_http, proposals, reports, serving
from habitat.bench.frame import Bench, Row

GROUPS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "import": imports.rows,
    "serving": serving.rows,
    "figures": figures.rows,
    "dashboards": dashboards.rows,
    "reports": reports.rows,
    "proposals": proposals.rows,
    "http": over_http.rows,
}
