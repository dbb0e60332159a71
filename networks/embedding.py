"""Frozen networks as extractors of features: images in, vectors of numbers out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from networks.devices import autocast_dtype, is_out_of_memory, resolve_device
from networks.errors import NetworkError
from networks.layers import pooled
from networks.pictures import normalized, to_batch, to_unit_range
from networks.source import Source, format_of, part_of, pictures_of
from networks.weights_files import identity_of

__all__ = ["Embedder", "Source", "embedder"]

AGREEMENT = 0.999  # least cosine between features of half and of full precision
COMPARED = 4  # images
PROBES = 8
CPU_BATCH = 8  # beyond this, outputs of layers no longer fit into the caches
LARGEST_BATCH = 256
SHARE_OF_MEMORY = 0.5  # of what is free on the device


@dataclass(frozen=True)
class Computed:
    """Features, and in what precision they were computed.

    Attributes
    ----------
    features : ndarray of float32, shape (n, d)
    precision : str
        ``float32``, ``bfloat16`` or ``float16``.
    agreement : float or None
        Least cosine between features of that precision and of float32 over the first images; None for
        float32.
    """

    features: np.ndarray
    precision: str
    agreement: float | None


def embedder(source: Source, *options: Any) -> Embedder:
    """Return the network of a source, made once in a process for what a file of weights holds.

    Parameters
    ----------
    source : Source
    *options
        Those of :class:`Embedder`, in its order.
    """
    return _made_once(source, identity_of(source.weights), *options)


@lru_cache(maxsize=8)  # networks of one grid take turns
def _made_once(source: Source, identity: str | None, *options: Any) -> Embedder:
    return Embedder(source, *options)


class Embedder:
    """A frozen network that turns images into features.

    Batches always have the same number of images, the last one filled up, so that the features of an
    image do not depend on its neighbours.

    Parameters
    ----------
    source : Source
        The network, its weights and its layer.
    precision : {"auto", "float32", "bfloat16", "float16"}
    device : str
        ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
    batch_size : int or None
        Images at a time. None: 8 on a CPU; elsewhere as many as half of the free memory holds.
    compiled : bool
        Whether the network is compiled by ``torch.compile`` first.

    Attributes
    ----------
    n_features : int
    layer : str
    size : int

    Raises
    ------
    NetworkError
        When the network, its layer, its weights or the device are not to be had, with the reason.
    """

    def __init__(
        self,
        source: Source,
        precision: str = "auto",
        device: str = "auto",
        batch_size: int | None = None,
        compiled: bool = False,
    ) -> None:
        self.source = source
        self.device = resolve_device(device)
        self.form = format_of(source)
        self.size = source.size or self.form.size
        if self.size < self.form.minimum:
            raise NetworkError(
                f"{source.model} takes images of {self.form.minimum} pixels or more; size is {self.size}."
            )
        network, self.layer = part_of(source, self.size)
        network = network.eval().requires_grad_(False).to(self.device)
        self.network: Callable[..., Any] = network.to(memory_format=torch.channels_last)
        self.n_features = self._count()
        self.network = torch.compile(self.network) if compiled else self.network
        self.batch_size = batch_size or (CPU_BATCH if self.device.type == "cpu" else None)
        self.agreement: float | None = None
        self.dtype = autocast_dtype(precision, self.device)
        if precision == "auto" and self.dtype != torch.float32 and not self._half_precision_agrees():
            self.dtype = torch.float32

    def __call__(self, images: Sequence[np.ndarray]) -> Computed:
        """Compute the features of images, of shape (H, W) each.

        Memory that runs out halves the batch; one image that does not fit is an error.
        """
        return self.compute(pictures_of(self.source, images))

    def compute(self, pictures: torch.Tensor) -> Computed:
        """Compute the features of what :func:`networks.source.pictures_of` gave."""
        return Computed(self.features_of(pictures), self.precision_name, self.agreement)

    @property
    def precision_name(self) -> str:
        """Name of the precision in use."""
        return str(self.dtype).removeprefix("torch.")

    def features_of(self, pictures: torch.Tensor) -> np.ndarray:
        """Compute features of pictures of shape (n, 1 or 3, size, size), values from 0 to 1."""
        self._compare(pictures[:COMPARED])
        rows = [self._batch(part).float().cpu() for part in self._parts(pictures)]
        return torch.cat(rows)[: len(pictures)].numpy()

    def _parts(self, pictures: torch.Tensor) -> Iterator[torch.Tensor]:
        start = 0
        while start < len(pictures):
            length = self._batch_size(pictures)
            part = pictures[start : start + length]
            yield torch.cat([part, part[:1].expand(length - len(part), -1, -1, -1)])
            start += length

    def _batch(self, part: torch.Tensor) -> torch.Tensor:
        try:
            return self._forward(part, self.dtype)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error) or len(part) == 1:
                raise
        half = (len(part) + 1) // 2
        self.batch_size = min(half, self.batch_size or half)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        return torch.cat([self._batch(part[:half]), self._batch(part[half:])])

    def _forward(self, part: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        half = dtype != torch.float32
        with torch.inference_mode(), torch.autocast(self.device.type, dtype if half else None, enabled=half):
            moved = part.to(self.device, non_blocking=True)
            output = self.network(normalized(moved, self.form))
            return pooled(output, len(part), self.source.pool, self.source.model, self.layer)

    def _half_precision_agrees(self) -> bool:
        """Compare features of fixed pictures in half and in full precision."""
        pictures = to_batch([to_unit_range(p) for p in _probe(self.size)], self.form, self.size, "stretch")
        return self._agreement(pictures) >= AGREEMENT

    def _agreement(self, pictures: torch.Tensor) -> float:
        exact, fast = (self._forward(pictures, dtype).float().cpu() for dtype in (torch.float32, self.dtype))
        cosines = torch.nn.functional.cosine_similarity(exact, fast, dim=1)
        cosines[(exact == fast).all(dim=1)] = 1.0
        return float(cosines.nan_to_num(nan=-1.0).min())

    def _compare(self, pictures: torch.Tensor) -> None:
        """Measure on the first images how well half precision agrees; say so where it does not."""
        if self.dtype == torch.float32 or self.agreement is not None:
            return
        self.agreement = self._agreement(pictures)
        if self.agreement < AGREEMENT:
            warnings.warn(
                f"{self.source.model}: features of some images in {self.precision_name} agree with float32 to"
                f" a cosine below {AGREEMENT}; precision: float32 computes them exactly.",
                stacklevel=2,
            )

    def _batch_size(self, pictures: torch.Tensor) -> int:
        if self.batch_size is None:
            self.batch_size = self._fitting(pictures[:1])
        return self.batch_size

    def _fitting(self, one: torch.Tensor) -> int:
        """Measure what four images take, and return the power of two that half of the free memory holds."""
        if self.device.type != "cuda":
            return CPU_BATCH
        torch.cuda.reset_peak_memory_stats(self.device)
        before = torch.cuda.memory_allocated(self.device)
        self._forward(one.expand(4, -1, -1, -1), self.dtype)
        each = (torch.cuda.max_memory_allocated(self.device) - before) / 4
        free, _ = torch.cuda.mem_get_info(self.device)
        fitting = max(1, int(SHARE_OF_MEMORY * free / max(each, 1)))
        return min(LARGEST_BATCH, 1 << (fitting.bit_length() - 1))

    def _count(self) -> int:
        """Return the number of features, by a run on one black image."""
        try:
            return self._forward(torch.zeros(1, 1, self.size, self.size), torch.float32).shape[1]
        except (RuntimeError, AssertionError) as error:
            if is_out_of_memory(error):
                raise
            raise NetworkError(
                f"{self.source.model} cannot take images of {self.size} pixels; it was made for"
                f" {self.form.size} ({str(error).splitlines()[0]})."
            ) from error


def _probe(size: int) -> list[np.ndarray]:
    """Return noise whose amplitude falls with frequency, as that of photographs and radiographs does."""
    rng = np.random.default_rng(0)
    frequencies = np.fft.fftfreq(size)
    radius = np.hypot(*np.meshgrid(frequencies, frequencies))
    radius[0, 0] = 1
    exponents = np.linspace(1, 1.7, PROBES)
    noise = rng.standard_normal((PROBES, size, size))
    return [np.fft.ifft2(np.fft.fft2(n) / radius**e).real for n, e in zip(noise, exponents, strict=True)]
