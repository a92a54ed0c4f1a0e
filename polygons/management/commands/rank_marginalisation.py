from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from polygons.models import Level
from polygons.services import ImportRefused, Ranked, Ranking, rank
from polygons.services.census_figures import AT_MOST, INDICATORS, figures_of_census
from polygons.services.figures import KEYS, numbers_of, read_table
from polygons.services.marginalisation import CLASSES, LEAVE_OUT, REFUSE, about, figures_of_file


class Command(BaseCommand):
    help = (
        "Compute a marginalisation index by distances (DP2), as CONAPO does since 2020, from a table of indicators"
        " (CSV, CSV.gz, XLSX) or from the census totals in the portal. Every indicator must grow with deprivation."
        " HIGHER values of the index mean LESS marginal. The very same index is not made twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="table with one row a unit")
        parser.add_argument("--from-census", type=int, metavar="VINTAGE", help="instead of a file: our census totals")
        parser.add_argument("--level", choices=[str(level) for level in KEYS], required=True)
        parser.add_argument("--year", type=int, help="year of the figures; of the census where that is the source")
        parser.add_argument("--code", metavar="COLUMN", help="column with the unit's key")
        parser.add_argument(
            "--indicators", metavar="A,B,…", help=f"columns; with --from-census of {', '.join(INDICATORS)}"
        )
        parser.add_argument("--source", help="where the figures come from, in words")
        worst = parser.add_mutually_exclusive_group()
        worst.add_argument("--reference", metavar="A,B,…", help="the worst values, one for each indicator")
        worst.add_argument(
            "--pool",
            type=Path,
            nargs="+",
            default=[],
            metavar="FILE",
            help="take the worst also of these (other years)",
        )
        parser.add_argument(
            "--missing",
            choices=[REFUSE, LEAVE_OUT, AT_MOST],
            default=REFUSE,
            help="units with a gap: refuse all, leave them out, or (census) take masked counts at what they can be at"
            " most and leave out what is then still unknown",
        )
        parser.add_argument("--classes", type=int, default=CLASSES, help="classes that grades are cut from")
        parser.add_argument("--dry-run", action="store_true", help="compute and show, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["file"]) == bool(options["from_census"]):
            raise CommandError("Give either a file or --from-census.")
        try:
            ranking = self._census(options) if options["from_census"] else self._file(options)
            ranked = rank(ranking, dry_run=options["dry_run"])
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        self._tell(ranked)
        if options["dry_run"]:
            self.stdout.write("Nothing was written: dry run.")
        elif ranked.is_new:
            self.stdout.write(f"Kept as index {ranked.index.pk}. It is used once somebody chooses it.")
        else:
            self.stdout.write(f"Index {ranked.index.pk} is the very same: nothing was written.")

    def _file(self, options: dict[str, Any]) -> Ranking:
        for name in ("year", "code", "indicators", "source"):
            if not options[name]:
                raise CommandError(f"A file needs --{name}.")
        if options["missing"] == AT_MOST:
            raise CommandError("Only a census knows what a masked figure can be at most.")
        level, indicators = Level(options["level"]), _names(options["indicators"])
        path, pool = options["file"], options["pool"]
        figures = figures_of_file(path, options["code"], level, indicators)
        return Ranking(
            level=level,
            year=options["year"],
            source=options["source"],
            indicators=indicators,
            figures=figures,
            inputs={"files": [about(path)], "pooled": [about(other) for other in pool if other.is_file()]},
            pooled=[numbers_of(read_table(other), indicators) for other in pool],
            **_common(options),
        )

    def _census(self, options: dict[str, Any]) -> Ranking:
        if options["pool"]:
            raise CommandError("--pool is for files; give the worst values by --reference.")
        vintage, level = options["from_census"], Level(options["level"])
        names = _names(options["indicators"] or "water,drainage,electricity,floor,persons")
        at_most = options["missing"] == AT_MOST
        return Ranking(
            level=level,
            year=options["year"] or vintage,
            source=options["source"] or f"INEGI, Censo {vintage}",
            indicators=names,
            figures=figures_of_census(vintage, level, names, at_most=at_most),
            inputs={"census": vintage, "masked": AT_MOST if at_most else "missing"},
            **_common(options) | ({"missing": LEAVE_OUT} if at_most else {}),
        )

    def _tell(self, ranked: Ranked) -> None:
        index = ranked.index
        self.stdout.write(
            f"{index.units:,} units, {index.inputs['left_out']:,} left out, {len(index.indicators)} indicators,"
            f" {index.iterations} iterations; worst values: {index.inputs['reference']}."
        )
        self.stdout.write(f"DP2 of a unit that lacks nothing: {index.zero_deprivation:.12g}")
        for row in zip(index.indicators, index.weights, index.reference, index.deviations, strict=True):
            self.stdout.write("{:16} weight {:.6f}  worst {:.6g}  deviation {:.6g}".format(*row))
        if ranked.redundant:
            self.stdout.write(f"Said entirely by the others, so that they weigh nothing: {', '.join(ranked.redundant)}")
        self.stdout.write(f"Cuts of {index.classes} classes: " + ", ".join(f"{cut:.6f}" for cut in index.cuts))


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if len(set(names)) < len(names):
        raise CommandError("An indicator stands twice.")
    return names


def _common(options: dict[str, Any]) -> dict[str, Any]:
    reference = options["reference"]
    try:
        worst = [float(cell) for cell in reference.split(",")] if reference else None
    except ValueError as error:
        raise CommandError("--reference takes numbers with commas between them.") from error
    return {"reference": worst, "missing": options["missing"], "classes": options["classes"]}
