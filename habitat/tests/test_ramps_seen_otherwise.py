"""The maps' shades as people see them who lack a kind of cone: simulated, and far enough apart to be told.

Matrices: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
IEEE TVCG 15(6), 2009, severity 1, for linear RGB. Distances: Euclidean in CIELAB, where about 2 is just noticed.
"""

import re
from itertools import combinations, pairwise

import numpy as np
import pytest
from django.conf import settings

EYES = {
    "common": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = TO_XYZ.sum(axis=1)
RULE = re.compile(r'\[data-ramp="(\w+)"\](?:\[data-shades="(\d)"\])? \{(.*?)\}')
SHADE = re.compile(r"light-dark\(#(\w{6}), #(\w{6})\)")
THEMES = {"light": 0, "dark": 1}
# Neighbours in a ramp differ in lightness too; of the nine shades of two measures, any two may lie side by side.
NEIGHBOURS, ANY_TWO = 7.0, 9.0


def ramps() -> dict[str, list[tuple[str, str]]]:
    """Name and number of shades -> (light, dark) of each, as the style sheet has them."""
    text = (settings.BASE_DIR / "static" / "css" / "ramps.css").read_text()
    return {f"{name}{shades}": SHADE.findall(body) for name, shades, body in RULE.findall(text)}


def seen(colour: str, eye: str) -> np.ndarray:
    """CIELAB of a colour "rrggbb" to somebody of these eyes."""
    coded = np.array([int(colour[place : place + 2], 16) for place in (0, 2, 4)]) / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(TO_XYZ @ np.clip(EYES[eye] @ linear, 0, 1) / WHITE)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(one: str, other: str, eye: str) -> float:
    return float(np.linalg.norm(seen(one, eye) - seen(other, eye)))


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", THEMES)
def test_neighbouring_classes_are_told_apart(theme, eye):
    for name, shades in ramps().items():
        if name != "pair":
            colours = [shade[THEMES[theme]] for shade in shades]
            assert min(apart(*two, eye) for two in pairwise(colours)) >= NEIGHBOURS, name


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", THEMES)
def test_a_ramp_runs_one_way_from_light_to_dark(theme, eye):
    for name, shades in ramps().items():
        if name != "pair":
            steps = np.diff([seen(shade[THEMES[theme]], eye)[0] for shade in shades])
            assert (steps < 0).all() or (steps > 0).all(), name


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", THEMES)
def test_any_two_of_the_nine_shades_are_told_apart(theme, eye):
    colours = [shade[THEMES[theme]] for shade in ramps()["pair"]]
    assert len(colours) == 9
    assert min(apart(*two, eye) for two in combinations(colours, 2)) >= ANY_TWO
