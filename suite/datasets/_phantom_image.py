"""One film of the phantom: computed from its own seed, identical in any process."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from scipy.ndimage import gaussian_filter

from suite.datasets._phantom_anatomy import draw_anatomy, plane, smooth_noise, soft
from suite.datasets._phantom_disease import DISEASES

__all__ = ["MEAN_BRIGHTNESS", "PhantomImage"]

MEAN_BRIGHTNESS = 118.0  # every film is exposed to it, so that brightness tells nothing


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """How a machine renders a chest: blur (pixels at size 128), noise, contrast, width of the dark frame."""

    blur: float
    noise: float
    grain: float
    gamma: float
    frame: float


SCANNERS = {
    "a": Scanner(blur=0.40, noise=0.010, grain=60.0, gamma=1.0, frame=0.0),
    "b": Scanner(blur=0.75, noise=0.015, grain=28.0, gamma=1.25, frame=0.02),
}


@dataclass(frozen=True, kw_only=True)
class PhantomImage:
    """A synthetic chest film.

    Attributes
    ----------
    label : {"normal", "pneumonia", "covid"}
        What is drawn.
    patient, film : int
        Numbers from 0: films of one patient share the anatomy and the place of the disease.
    scanner : {"a", "b"}
        The machine: they differ in sharpness, noise and contrast.
    size : int
        Side in pixels.
    difficulty : float
        From 0 (plain to see) to 1 (nothing of the disease is drawn).
    seed : int
        Another seed gives other patients.
    """

    VERSION = 1  # raised whenever pixels change

    label: str
    patient: int
    film: int
    scanner: Literal["a", "b"]
    size: int
    difficulty: float
    seed: int

    @property
    def path(self) -> str:
        """The name of the film; there is no file."""
        return f"phantom-{self.label}-p{self.patient:03d}-{self.film}"

    def read(self) -> np.ndarray:
        """Compute the film.

        Returns
        -------
        ndarray of uint8, shape (size, size)
        """
        patient, film = self._random(0), self._random(1 + self.film)
        anatomy = draw_anatomy(self.size, patient, film)
        findings = DISEASES[self.label](anatomy, patient, film)
        strength = (1 - self.difficulty) * patient.uniform(0.7, 1.0)
        vessels = anatomy.vessels * (1 - strength * findings.hidden)
        aerated = 0.30 * anatomy.tissue + anatomy.ribs + vessels + strength * findings.opacity
        opacity = anatomy.tissue + 0.6 * anatomy.ribs
        opacity += anatomy.lung * (aerated - opacity)
        return _exposed(_rendered(opacity, SCANNERS[self.scanner], film))

    def fingerprint(self) -> str:
        """Return a hex digest of the generator's version and all parameters."""
        text = json.dumps({"phantom": self.VERSION, **asdict(self)}, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()

    def stamp(self) -> None:
        """Return None: there is no file, and the fingerprint is cheap."""

    def properties(self) -> dict[str, Any]:
        """Return ``format`` (``synthetic``), ``mode`` and ``bit_depth``."""
        return {"format": "synthetic", "mode": "L", "bit_depth": 8}

    def _random(self, stream: int) -> np.random.Generator:
        label = list(DISEASES).index(self.label)
        return np.random.default_rng([self.seed, label, self.patient, stream])


def _rendered(opacity: np.ndarray, scanner: Scanner, film: np.random.Generator) -> np.ndarray:
    size = opacity.shape[0]
    blurred = gaussian_filter(opacity, scanner.blur * size / 128)
    grain = smooth_noise(film, opacity.shape, 1, scanner.grain * size / 128)
    noisy = blurred + scanner.noise * grain * (0.5 + np.clip(blurred, 0, 1))
    brightness = (1 - np.exp(-1.6 * np.clip(noisy, 0, None))) ** scanner.gamma
    x, y = plane(size)
    brightness = brightness * soft(1 - scanner.frame - np.maximum(np.abs(x), np.abs(y)), 0.01)
    return np.where(_marker(x, y), 1.0, brightness)


def _marker(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Draw the letter L at the patient's left shoulder, as on any film."""
    stem = (np.abs(x - 0.84) < 0.014) & (np.abs(y + 0.82) < 0.07)
    foot = (np.abs(x - 0.87) < 0.044) & (np.abs(y + 0.764) < 0.014)
    return stem | foot


def _exposed(brightness: np.ndarray) -> np.ndarray:
    """Scale to grey values with the one mean that all films have, whatever is clipped at 255."""
    scaled = brightness
    for _ in range(4):
        scaled = np.clip(scaled * (MEAN_BRIGHTNESS / scaled.mean()), 0, 255)
    return np.rint(scaled).astype(np.uint8)
