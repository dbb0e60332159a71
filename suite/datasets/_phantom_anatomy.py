"""The healthy chest of the phantom: soft shapes that add up to what an X-ray film shows.

Lengths are parts of half the picture: ``x`` runs from -1 (image left) to 1, ``y`` from -1 (top) to 1. Values
are opacities on an arbitrary scale: 0 is air, about 1 the densest part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.ndimage import map_coordinates

__all__ = ["Anatomy", "Plane", "draw_anatomy", "plane", "radiating", "smooth_noise", "soft"]

POLAR_SHAPE = (24, 96)  # knots of the radiating noise: along the radius, around the hilum


@dataclass(frozen=True, kw_only=True)
class Plane:
    """Coordinates of the pixels.

    Attributes
    ----------
    x, y : ndarray of float32, shape (size, size)
        Place of each pixel.
    side : ndarray of float32, shape (size, size)
        1 in the right half of the image (the patient's left), -1 in the other.
    away : ndarray of float32, shape (size, size)
        Distance from the midline.
    """

    x: np.ndarray
    y: np.ndarray
    side: np.ndarray
    away: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Anatomy:
    """Maps that together make a chest; each an ndarray of float32, shape (size, size).

    Attributes
    ----------
    lung : ndarray
        1 inside the two lung fields, 0 outside.
    depth : ndarray
        Distance to the lateral border of the lung, positive inside.
    tissue : ndarray
        Opacity of all that is not lung.
    ribs : ndarray
        Opacity of the rib cage and the clavicles.
    vessels : ndarray
        Opacity of hila, vessels and interstitium.
    plane : Plane
        Coordinates, moved and turned as the patient stands.
    """

    lung: np.ndarray
    depth: np.ndarray
    tissue: np.ndarray
    ribs: np.ndarray
    vessels: np.ndarray
    plane: Plane


def soft(distance: np.ndarray, width: float) -> np.ndarray:
    """Step smoothly from 0 to 1 where ``distance`` passes 0, within ``width``.

    Examples
    --------
    >>> soft(np.array([-1.0, 0.0, 1.0]), 0.5)
    array([0. , 0.5, 1. ])
    """
    part = np.clip(distance / width + 0.5, 0, 1)
    return part * part * (3 - 2 * part)


def smooth_noise(random: np.random.Generator, shape: tuple[int, int], low: float, high: float) -> np.ndarray:
    """Draw noise of the spatial frequencies from ``low`` to ``high``, mean 0 and standard deviation 1.

    Parameters
    ----------
    random : numpy.random.Generator
        Source of randomness.
    shape : (int, int)
        Height and width.
    low, high : float
        Where the band begins and ends, in cycles per picture.

    Returns
    -------
    ndarray of float32, shape ``shape``
    """
    spectrum = np.fft.rfft2(random.standard_normal(shape, dtype=np.float32))
    rows = np.fft.fftfreq(shape[0], 1 / shape[0]).astype(np.float32)
    columns = np.arange(shape[1] // 2 + 1, dtype=np.float32)
    frequency = np.hypot(rows[:, None], columns[None, :])
    spectrum *= np.exp(-((frequency / high) ** 2)) * (1 - np.exp(-((frequency / low) ** 2)))
    noise = np.fft.irfft2(spectrum, shape)
    return (noise / noise.std()).astype(np.float32)


@lru_cache(maxsize=8)
def plane(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates x and y of a square picture, ndarrays of float32, shape (size, size)."""
    axis = ((np.arange(size, dtype=np.float32) + 0.5) * 2 / size - 1).astype(np.float32)
    x, y = np.meshgrid(axis, axis)
    x.setflags(write=False)
    y.setflags(write=False)
    return x, y


def radiating(where: Plane, random: np.random.Generator, sharpness: float) -> np.ndarray:
    """Draw branching lines that run out from the two hila.

    They are the ridges of a noise that changes fast around the hilum and slowly along the radius.

    Parameters
    ----------
    where : Plane
        Coordinates.
    random : numpy.random.Generator
        Source of randomness.
    sharpness : float
        Higher values give thinner lines.

    Returns
    -------
    ndarray of float32, shape (size, size), between 0 and 1
    """
    knots = random.standard_normal(POLAR_SHAPE, dtype=np.float32)
    knots = knots + 0.4 * np.roll(knots, 1, axis=0)
    reach, rise = where.away - 0.13, where.y - 0.02
    radius = np.hypot(reach, rise)
    angle = np.arctan2(rise, reach * where.side) + 0.5 * radius + 0.12 * np.sin(9 * radius)
    at = np.stack([radius * 11 + 6 * (where.side + 1), angle * (POLAR_SHAPE[1] / (2 * np.pi))])
    values = map_coordinates(knots, at, order=1, mode="grid-wrap")
    return np.exp(-sharpness * values * values)


def draw_anatomy(size: int, patient: np.random.Generator, film: np.random.Generator) -> Anatomy:
    """Draw a chest.

    Parameters
    ----------
    size : int
        Side of the picture in pixels.
    patient : numpy.random.Generator
        Decides what stays the same between two films of a patient.
    film : numpy.random.Generator
        Decides what differs: position and breath.

    Returns
    -------
    Anatomy
    """
    where = _placed(size, film)
    breath = film.uniform(-0.03, 0.04)
    lung, depth, base = _lungs(where, patient, breath)
    heart = _heart(where, patient, breath)
    tissue = _tissue(where, patient, base) + 0.20 * heart * soft(0.1 + base, 0.5)
    ribs = _ribs(where, patient, depth, breath) + _clavicles(where, patient)
    lines = radiating(where, patient, 6.0)
    near_hilum = np.exp(-(((where.away - 0.2) / 0.26) ** 2) - ((where.y - 0.05) / 0.36) ** 2)
    hila = np.exp(-(((where.away - 0.19) / 0.085) ** 2) - ((where.y - 0.02) / 0.20) ** 2)
    grain = smooth_noise(film, where.x.shape, 6, 26)
    vessels = patient.uniform(0.8, 1.2) * (0.13 * lines * near_hilum + 0.14 * hila) + 0.012 * grain
    return Anatomy(
        lung=lung * (1 - 0.9 * heart), depth=depth, tissue=tissue, ribs=ribs, vessels=vessels, plane=where
    )


def _placed(size: int, film: np.random.Generator) -> Plane:
    x, y = plane(size)
    angle = np.float32(film.normal(0, 0.02))
    scale = np.float32(film.uniform(0.97, 1.06))
    shift_x, shift_y = film.normal(0, 0.02, 2).astype(np.float32)
    turned_x = (x * np.cos(angle) - y * np.sin(angle)) * scale + shift_x
    turned_y = (x * np.sin(angle) + y * np.cos(angle)) * scale + shift_y
    return Plane(x=turned_x, y=turned_y, side=np.sign(turned_x), away=np.abs(turned_x))


def _lungs(
    where: Plane, patient: np.random.Generator, breath: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the lung fields, the depth below their lateral border, and the height above the diaphragm."""
    apex, width = patient.uniform(-0.82, -0.74), patient.uniform(0.70, 0.78)
    lowest = patient.uniform(0.5, 0.6) + breath
    floor = lowest + 0.05 * where.side  # the liver lifts the patient's right dome
    part = np.clip((where.y - apex) / (0.78 * (floor - apex)), 0, 1)
    lateral = width * (1 - (1 - part) ** 2.4) ** 0.55 - 0.05 * np.clip(where.y - 0.25, 0, None)
    medial = 0.12 + 0.05 * np.clip(where.y + 0.1, 0, None) + 0.03 * np.exp(-(((where.y + 0.3) / 0.15) ** 2))
    base = floor + 0.9 * np.clip(where.away - 0.40, -0.3, None) ** 2 - where.y
    depth = lateral - where.away
    lung = soft(depth, 0.05) * soft(where.away - medial, 0.05) * soft(base, 0.05)
    return lung, depth, base


def _heart(where: Plane, patient: np.random.Generator, breath: float) -> np.ndarray:
    """Heart and great vessels as one silhouette: three rounded shapes that run into each other."""
    size = patient.uniform(0.9, 1.12)
    x, y = where.x - 0.13, where.y - 0.36 - breath
    along, across = 0.80 * x + 0.60 * y, -0.60 * x + 0.80 * y
    ventricles = 1 - (along / (0.40 * size)) ** 2 - (across / (0.30 * size)) ** 2
    atrium = 1 - ((where.x + 0.06) / 0.17) ** 2 - ((where.y - 0.33 - breath) / 0.27) ** 2
    aorta = 1 - ((where.x - 0.08) / 0.12) ** 2 - ((where.y + 0.30) / 0.15) ** 2
    pulmonary = 1 - ((where.x - 0.06) / 0.15) ** 2 - ((where.y + 0.02) / 0.26) ** 2
    clear = np.ones_like(where.x)
    for shape, density in ((ventricles, 1.0), (atrium, 0.8), (aorta, 0.7), (pulmonary, 0.75)):
        clear *= 1 - density * soft(shape, 0.5)
    return 1 - clear


def _tissue(where: Plane, patient: np.random.Generator, base: np.ndarray) -> np.ndarray:
    stoutness = patient.uniform(0.9, 1.1)
    shoulder = where.y + 1.02 - 0.55 * np.clip(where.away - 0.30, 0, None) ** 1.2
    trunk = 1.04 - where.away - 0.06 * np.cos(2.2 * where.y)
    body = soft(shoulder, 0.14) * soft(trunk, 0.08)
    thickness = 0.60 * stoutness - 0.16 * where.away**2 + 0.17 * soft(-base, 0.35)
    arms = 0.10 * soft(where.away - 0.72, 0.35) * soft(-0.25 - where.y, 0.5)
    spine = np.exp(-((where.away / 0.085) ** 4)) * (0.10 + 0.03 * np.cos(2 * np.pi * where.y / 0.135))
    mediastinum = 0.14 * soft(0.13 + 0.05 * where.y - where.away, 0.12)
    trachea = 0.15 * soft(0.042 - where.away, 0.035) * soft(-0.22 - where.y, 0.1)
    stomach = np.hypot((where.x - 0.40) / 0.17, (where.y - 0.80) / 0.09)
    bubble = 0.22 * patient.uniform(0.2, 1) * soft(1 - stomach, 0.3)
    breast = patient.uniform(0, 0.09) * soft(
        1 - np.hypot((where.away - 0.45) / 0.33, (where.y - 0.35) / 0.3), 0.4
    )
    return body * (thickness + arms + spine + mediastinum + breast - trachea - bubble)


def _ribs(where: Plane, patient: np.random.Generator, depth: np.ndarray, breath: float) -> np.ndarray:
    """Two families of bands: posterior ribs arch outwards, fainter anterior ones run down inwards."""
    spacing, start = patient.uniform(0.148, 0.168), patient.uniform(0, 0.15) + 0.5 * breath
    outwards = np.clip(where.away - 0.05, 0, None)
    arch = 0.62 * outwards**2 + 0.75 * np.clip(where.away - 0.5, 0, None) ** 2 - 0.22 * outwards
    posterior = _bands((where.y - arch - start) / spacing, 0.20)
    slope = 0.55 * (0.72 - where.away) + 0.5 * np.clip(where.away - 0.5, 0, None) ** 2
    anterior = _bands((where.y - slope - 1.3 * start) / (1.25 * spacing), 0.22) * soft(where.away - 0.26, 0.2)
    cage = soft(depth + 0.06, 0.05) * soft(where.y + 0.86, 0.1) * soft(0.72 - where.y, 0.3)
    return cage * soft(where.away - 0.06, 0.05) * (0.070 * posterior + 0.036 * anterior)


def _bands(phase: np.ndarray, half_width: float) -> np.ndarray:
    """Periodic bands with bright rims, as the cortex of a bone gives."""
    distance = np.abs(phase - np.floor(phase) - 0.5)
    rim = np.exp(-(((distance - half_width) / 0.06) ** 2))
    return 0.75 * soft(half_width - distance, 0.12) + 0.45 * rim


def _clavicles(where: Plane, patient: np.random.Generator) -> np.ndarray:
    height = patient.uniform(-0.60, -0.52)
    axis = height - 0.20 * (where.away - 0.1) - 0.05 * np.sin(6.5 * (where.away - 0.1))
    distance = np.abs(where.y - axis)
    ends = soft(where.away - 0.09, 0.05) * soft(0.80 - where.away, 0.08)
    rim = np.exp(-(((distance - 0.032) / 0.012) ** 2))
    return ends * (0.12 * soft(0.036 - distance, 0.03) + 0.06 * rim)
