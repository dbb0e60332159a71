"""How the texture features agree with IBSI and pyradiomics: checks, and the page that lists them.

    uv run python -m docs.conformance [--images 200]

writes ``docs/conformance.md``. Needs ``../shared/data`` and pyradiomics (Python 3.11). The tests in
``tests/conformance`` run the same checks.
"""

from __future__ import annotations

import argparse
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from docs.conformance_checks import FAMILIES, Check
from docs.conformance_filters import compared_maps
from docs.conformance_ibsi import (
    consensus,
    feature_of,
    ibsi_ct_checks,
    ibsi_phantom_checks,
    ibsi_preparation_checks,
)
from docs.conformance_pyradiomics import (
    IMAGES,
    baseline_checks,
    live_checks,
    matrix_differences,
    volume_checks,
)

ROOT = Path(__file__).parents[1]
BOXES = 210  # of which each of the volumes has each of the settings 10 times


def write_page(number: int) -> None:
    """Run all checks and write ``docs/conformance.md``."""
    parts = {
        "IBSI 1, digital phantom": ibsi_phantom_checks(),
        "IBSI 1, CT of a lung tumour": ibsi_ct_checks(),
        "IBSI 1, preparation of that CT": ibsi_preparation_checks(),
        "pyradiomics' own baselines": baseline_checks(),
    }
    live = {
        f"Installed pyradiomics, {number} real images": list(live_checks(number)),
        f"Installed pyradiomics, {BOXES} volumes": list(volume_checks(BOXES)),
    }
    lines = [
        "# Conformance of the texture features",
        "",
        *_machine(),
        "",
        "| reference | values | agree | largest relative difference |",
        "|---|---:|---:|---:|",
    ]
    for title, checks in (parts | live).items():
        agree, worst = sum(c.passed for c in checks), max(c.relative for c in checks)
        lines.append(f"| {title} | {len(checks)} | {agree} | {worst:.1e} |")
    lines += ["", *_matrices(), "", *INTRODUCTION, "", *_missing(), ""]
    for title, checks in parts.items():
        lines += [f"## {title}", "", *_tables(checks)]
    lines += ["## IBSI 2, response maps of wavelets (stored in single precision)", "", *compared_maps(), ""]
    for title, checks in live.items():
        lines += [f"## {title}", "", *_summary(checks), "", *_beyond(checks), ""]
    (ROOT / "docs" / "conformance.md").write_text("\n".join(lines).rstrip() + "\n")


def _machine() -> Iterator[str]:
    from suite.environment import describe_environment

    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "scipy", "pyradiomics"))
    yield (
        "Written by `python -m docs.conformance`; not edited by hand."
        f" {describe_environment()['processor']}, Python {platform.python_version()}, {libraries}."
    )


INTRODUCTION = (
    "Tolerances: of IBSI, that of the consensus, or where it is 0 half a unit of the last digit printed, so"
    " that our value rounds to theirs; of pyradiomics' baselines, 1e-6 relative; of the installed"
    " pyradiomics, 1e-9 relative (1e-11 where the value itself is near 0), but for `glcm_mcc` 1e-8: there"
    " pyradiomics adds 2.2e-16 to products of marginal probabilities, which is 1e-8 of the rarest, and we do"
    " not; without it the formula gives our value to 1e-15.",
    "",
    "2D, 2.5D and 3D are `slices: average`, `merge` and `join`; avg and comb are `directions: average` and"
    " `merge`. Images of pyradiomics' baselines are normalised, resampled and re-segmented by the parameters"
    " `normalize`, `new_spacing`, `resegment_range` and `outliers` of `radiomics`: it has every setting that"
    " they were computed with. IBSI's CT is resampled once for each configuration, by the same function."
    " Images of which the reference is not at hand (lung1, lung2) are left out.",
    "",
    "The intensity-volume histogram of the digital phantom and of configurations a, b and d is of the values"
    " as they are (`ivh_levels: null`), that of c of steps of 2.5 HU (`ivh_bin_width`), that of e of 1000."
    " The largest relative difference is one voxel: nine tenths of the way from -500 to 400 HU are 310 HU,"
    " which 7 of the 114,596 voxels of a reach, where the consensus has 8, give or take 1.2.",
    "",
    "Four values of the baselines do not agree: area and volume of the mesh of brain1, and what follows from"
    " them. They are of pyradiomics 2.0.1; the installed 3.0.1 computes our values.",
    "",
    "Where we differ from pyradiomics on purpose: `glcm_mcc` as above; its rounding errors where a number is"
    " 0 exactly (an entropy of -3.2e-16; `imc2` and `mcc` of a direction in which levels are independent,"
    " which it drops if the number came out below 0; `correlation`, not symmetric, where it takes a deviation"
    " of 1e-16 for one that is not 0); and where it gives NaN (no pixel has a neighbour; a single pixel)."
    " With the standard ibsi, bins start elsewhere, 3 is taken off the kurtosis, pixels without neighbours"
    " take no part in the NGTDM, and the axes of a shape are of a covariance divided by N - 1.",
)


def _matrices() -> Iterator[str]:
    yield (
        "The texture matrices themselves (`<image>_<family>.npy`, bin width 25, 3-D): largest difference of"
        " an entry from pyradiomics' own. Sums of the NGTDM are added up in another order."
    )
    yield ""
    found = {image: matrix_differences(image) for image in IMAGES}
    families = list(found["brain1"])
    yield f"| image | {' | '.join(families)} |"
    yield f"|---|{'---:|' * len(families)}"
    for image, differences in found.items():
        cells = ("equal" if d == 0 else f"{d:.1e}" for d in differences.values())
        yield f"| {image} | {' | '.join(cells)} |"


MISSING = {
    "morph": "morphology (no consensus, or Moran's I and Geary's C)",
    "ivh": "area under the intensity-volume histogram (no consensus)",
}


def _missing() -> Iterator[str]:
    """Say what IBSI's table of the digital phantom has that is not here."""
    tags = [tag for value, _, tag in consensus("ibsi_1_dig_phantom") if feature_of(tag) is None]
    number = Counter(tag.split("_")[0] for tag in tags)
    listed = ", ".join(f"{MISSING[family]} ({count})" for family, count in number.items())
    yield (
        f"Of the {len(consensus('ibsi_1_dig_phantom'))} rows of IBSI's table of the digital phantom,"
        f" {len(tags)} are of features that are not here: {listed}."
    )


def _tables(checks: Sequence[Check]) -> Iterator[str]:
    for case, members in groupby(sorted(checks, key=lambda c: (c.case, c.feature)), key=lambda c: c.case):
        yield from (
            f"### {case}",
            "",
            "| feature | name there | ours | reference | tolerance | |",
            "|---|---|---:|---:|---:|---|",
        )
        for c in members:
            mark = "yes" if c.passed else "**no**"
            yield f"| {c.feature} | {c.tag} | {c.ours:.9g} | {c.reference:.9g} | {c.tolerance:.1g} | {mark} |"
        yield ""


def _beyond(checks: Sequence[Check]) -> Iterator[str]:
    listed = [c for c in checks if c.relative > 1e-9]
    yield f"Further apart than 1e-9 relative: {len(listed) or 'none'}."
    yield ""
    for c in listed:
        yield f"- {c.feature}, {c.case}, {c.source}: {c.ours!r}, there {c.reference!r} ({c.relative:.1e})"


def _summary(checks: Sequence[Check]) -> Iterator[str]:
    yield from (
        "| settings | family | values | agree | largest relative difference |",
        "|---|---|---:|---:|---:|",
    )

    def place(c: Check) -> tuple[str, str]:
        return c.case, next(f for f in (*FAMILIES, "shape2d") if c.feature.startswith(f"{f}_"))

    for (case, family), members in groupby(sorted(checks, key=place), key=place):
        listed = list(members)
        worst = max(c.relative for c in listed)
        yield f"| {case} | {family} | {len(listed)} | {sum(c.passed for c in listed)} | {worst:.1e} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=200, help="real images to compare on")
    write_page(parser.parse_args().images)
