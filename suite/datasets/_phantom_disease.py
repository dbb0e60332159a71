"""What the phantom's diseases add to a healthy chest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from suite.datasets._phantom_anatomy import Anatomy, Plane, radiating, smooth_noise, soft

__all__ = ["DISEASES", "Disease", "Findings"]

LESIONS = 10


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Changes of the lung fields; each an ndarray of float32, shape (size, size).

    Attributes
    ----------
    opacity : ndarray
        What is added.
    hidden : ndarray
        Part of the vessels that can no longer be seen, 0 to 1.
    """

    opacity: np.ndarray
    hidden: np.ndarray


Disease = Callable[[Anatomy, np.random.Generator, np.random.Generator], Findings]


def normal(anatomy: Anatomy, patient: np.random.Generator, film: np.random.Generator) -> Findings:
    """Nothing."""
    nothing = np.zeros_like(anatomy.lung)
    return Findings(opacity=nothing, hidden=nothing)


def covid(anatomy: Anatomy, patient: np.random.Generator, film: np.random.Generator) -> Findings:
    """Ground glass: patchy, on both sides, peripheral, finely reticular; vessels stay visible."""
    where = anatomy.plane
    clear = np.ones_like(anatomy.lung)
    for number in range(LESIONS):
        side = 1 if number % 2 else -1
        inward, height = patient.uniform(0.02, 0.16), patient.triangular(-0.45, 0.3, 0.5)
        along, across = patient.uniform(0.14, 0.26), patient.uniform(0.08, 0.16)
        drift = film.normal(0, 0.015)
        distance = ((anatomy.depth - inward) / across) ** 2 + ((where.y - height - drift) / along) ** 2
        clear *= 1 - patient.uniform(0.5, 1.0) * np.exp(-distance) * (where.side == side)
    patchy = np.clip(0.65 + 0.4 * smooth_noise(film, clear.shape, 3, 11), 0, 1.3)
    reticular = smooth_noise(film, clear.shape, 14, 36)
    mask = anatomy.lung * (1 - clear)
    return Findings(opacity=mask * (0.28 * patchy + 0.085 * reticular), hidden=0.2 * mask)


def pneumonia(anatomy: Anatomy, patient: np.random.Generator, film: np.random.Generator) -> Findings:
    """Consolidation: dense and even, in one lobe, ending sharply at its fissure, with air bronchograms."""
    where = anatomy.plane
    side = patient.choice([-1, 1])
    tilt, fissure = patient.uniform(-0.35, 0.35), patient.uniform(-0.05, 0.15)
    lower = patient.random() < 0.7
    below = where.y - fissure - tilt * (where.away - 0.4)
    lobe = soft(below if lower else -below, 0.05) * (where.side == side)
    centre = (patient.uniform(0.35, 0.5), fissure + (0.2 if lower else -0.26) + film.normal(0, 0.015))
    mask = anatomy.lung * lobe * _filled(where, centre, patient.uniform(0.36, 0.48))
    bronchi = radiating(where, patient, 14.0)
    even = 0.95 + 0.06 * smooth_noise(film, mask.shape, 2, 7)
    return Findings(opacity=mask * (0.42 * even - 0.15 * bronchi), hidden=mask)


def _filled(where: Plane, centre: tuple[float, float], radius: float) -> np.ndarray:
    return soft(radius - np.hypot(where.away - centre[0], where.y - centre[1]), 0.22)


DISEASES: dict[str, Disease] = {"normal": normal, "pneumonia": pneumonia, "covid": covid}
