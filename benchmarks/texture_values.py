"""Whether other libraries compute the values that we compute; see ``benchmarks/texture.py``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from texture_libraries import (
    ALL,
    SIX_TEXTURES,
    levels_of,
    mirp_call,
    nyxus_call,
    pictologics,
    pyradiomics_classes,
)

from docs.ibsi_names import IBSI_NAMES
from feature_extractors.radiomics import Radiomics

TOLERANCE = 1e-6
NYXUS_NAMES = {
    "first_order_minimum": "MIN", "first_order_maximum": "MAX", "first_order_10_percentile": "P10",
    "first_order_90_percentile": "P90", "first_order_variance": "VARIANCE_BIASED",
    "glcm_autocorrelation": "GLCM_ACOR", "glcm_cluster_prominence": "GLCM_CLUPROM",
    "glcm_cluster_shade": "GLCM_CLUSHADE", "glcm_cluster_tendency": "GLCM_CLUTEND",
    "glcm_difference_average": "GLCM_DIFAVE", "glcm_difference_entropy": "GLCM_DIFENTRO",
    "glcm_difference_variance": "GLCM_DIFVAR", "glcm_imc1": "GLCM_INFOMEAS1",
    "glcm_imc2": "GLCM_INFOMEAS2", "glcm_inverse_variance": "GLCM_IV", "glcm_joint_average": "GLCM_JAVE",
    "glcm_joint_energy": "GLCM_ASM", "glcm_joint_entropy": "GLCM_JE",
    "glcm_maximum_probability": "GLCM_JMAX", "glcm_sum_average": "GLCM_SUMAVERAGE",
    "glcm_sum_entropy": "GLCM_SUMENTROPY", "glcm_sum_squares": "GLCM_JVAR",
}  # fmt: skip


@dataclass(frozen=True)
class Agreement:
    """What a library and we both compute: how much of it, and how far apart."""

    shared: int
    largest: float  # relative difference, of those within `TOLERANCE`
    differing: list[str]  # the others

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.shared - len(self.differing)} of {self.shared} ({self.largest:.1e})"


def agreement(ours: dict[str, float], theirs: dict[str, float]) -> Agreement:
    """Compare the values that both have."""
    apart = {k: abs(ours[k] - theirs[k]) / max(abs(theirs[k]), 1e-9) for k in ours if k in theirs}
    within = {name: value for name, value in apart.items() if value <= TOLERANCE}
    differing = [name for name in apart if name not in within]
    return Agreement(len(apart), max(within.values(), default=np.nan), differing)


def agreements(image: np.ndarray, levels: int) -> Iterator[tuple[str, Agreement]]:
    """Yield each library whose features have names that are ours, or IBSI's."""
    gray = levels_of(image, levels)
    classes = pyradiomics_classes(image, levels)
    if classes is not None:
        from feature_extractors.pyradiomics import _snake_case

        theirs = {f"{f}_{_snake_case(n)}": float(v) for f, call in classes.items() for n, v in call().items()}
        yield "pyradiomics", agreement(by_name(image, levels=levels), theirs)
    texture = pictologics()
    if texture is not None:
        mask = np.ones((1, *gray.shape), dtype=np.uint8)
        named = texture.calculate_all_texture_features(gray[np.newaxis], mask, levels)
        theirs = {name.rpartition("_")[2]: float(value) for name, value in named.items()}
        values = by_name(gray, families=SIX_TEXTURES, levels=None, directions="merge", standard="ibsi")
        yield "Pictologics", agreement(by_code(values), theirs)
    nyxus = nyxus_call(gray)
    if nyxus is not None:
        values = by_name(gray, levels=None)
        yield "nyxus", agreement(values, nyxus_values(values, nyxus().iloc[0]))
    exact = image.astype(float)  # MIRP computes first order in the precision of the pixels
    mirp = mirp_call(exact, levels)
    if mirp is not None:
        values = by_name(exact, families=ALL, levels=levels, directions="merge", standard="ibsi")
        yield "MIRP", agreement(values, mirp_values(mirp()[0].iloc[0]))


def by_name(image: np.ndarray, **settings: Any) -> dict[str, float]:
    """Return our values."""
    extractor = Radiomics(**settings).fit([image])
    return dict(zip(extractor.get_feature_names_out(), extractor.transform([image])[0].tolist(), strict=True))


def by_code(values: dict[str, float]) -> dict[str, float]:
    """Return our values by the reference codes of IBSI, which stand in the docstrings of the families."""
    from feature_extractors import glcm, gldm, gldzm, glrlm, glszm, ngtdm

    found = {}
    for module in (glcm, glrlm, glszm, gldzm, gldm, ngtdm):
        (cls,) = (getattr(module, name) for name in module.__all__)
        for name, code in re.findall(r"^    (\w+) +([0-9A-Z]{4})  ", cls.__doc__, re.MULTILINE):
            if f"{cls.FAMILY}_{name}" in values:
                found[code] = values[f"{cls.FAMILY}_{name}"]
    return found


def nyxus_values(names: Iterable[str], row: Any) -> dict[str, float]:
    """Return the values of nyxus by our names; where there are directions, their averages."""
    found = {}
    for name in names:
        known = next((k for k in (called_by_nyxus(name), f"{called_by_nyxus(name)}_AVE") if k in row), None)
        if known is not None:
            found[name] = float(row[known])
    return found


def called_by_nyxus(name: str) -> str:
    """Return what nyxus calls a feature: as we do, or of runs, zones and dependences by the initials."""
    family, _, rest = name.partition("_")
    if family in ("glrlm", "glszm", "gldm"):
        return f"{family}_{''.join(word[0] for word in rest.replace('non_', 'non').split('_'))}".upper()
    return NYXUS_NAMES.get(name, name.removeprefix("first_order_").upper())


def mirp_values(row: Any) -> dict[str, float]:
    """Return the values of MIRP by our names: it has the tags of IBSI, followed by the settings."""
    found = {}
    for column, value in row.items():
        group, _, rest = column.partition("_")
        if group in IBSI_NAMES:
            family, names = IBSI_NAMES[group]
            tag = re.sub(r"(_d1)?(_a0\.0)?_2d(_s_mrg)?_fbn_n\d+$", "", rest)
            if tag in names:
                found[f"{family}_{names[tag]}"] = float(value)
    return found
