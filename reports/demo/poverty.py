"""Households in poverty by block, generated: no estimate of anybody, and marked as such wherever it is shown."""

import csv
import random
from pathlib import Path

from reports.demo.census import DEEPEST, Block

METHOD = "Cifras generadas para la demostración"
SOURCE = "Portal Hábitat, datos de demostración"
# Poor where nothing lacks, and how much more where a service lacks most.
FLOOR, SLOPE = 0.12, 0.75
HEADER = ("CVEGEO", "HOGARES", "HOGARES_POBRES")


def write_poverty(path: Path, blocks: list[Block]) -> Path:
    """One row a block with households: the poorer the more its worst service lacks; the same ones every time."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for block in blocks:
            if households := block.counts["TOTHOG"]:
                writer.writerow([block.code, households, _poor(block, households)])
    return path


def _poor(block: Block, households: int) -> int:
    dice = random.Random(block.code)  # noqa: S311 - invented figures, not secrets
    worst = max(block.counts[name] / (block.counts["VIVPARH_CV"] * deepest or 1) for name, deepest in DEEPEST.items())
    share = FLOOR + SLOPE * min(worst, 1.0) * dice.uniform(0.85, 1.1)
    return min(round(households * share), households)
