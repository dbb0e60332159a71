"""One DICOM file as a reference that is read when needed and never tells whom it shows."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pydicom
from pydicom.errors import InvalidDicomError
from pydicom.pixels.processing import apply_modality_lut

from suite.datasets._decoding import check_size
from suite.errors import BadImageError
from suite.preprocessing.window import Window

__all__ = ["DicomImage", "header_window", "open_dicom"]


@dataclass(frozen=True, kw_only=True)
class DicomImage:
    """A DICOM file with one grey picture.

    Attributes
    ----------
    file : str
        The file itself. Its name may be that of a patient: it is in no message and no output.
    path : str
        A pseudonym, and the place of the file among all.
    salt : bytes
        Secret of the data set, with which names are hashed.
    window : Window, "header" or None
        The grey values to keep.
    max_pixels : int
        Larger images are refused before they are decoded.
    """

    VERSION = 1  # raised whenever pixels read from the same bytes change

    file: str = field(repr=False)
    path: str
    salt: bytes = field(repr=False)
    window: Window | Literal["header"] | None = None
    max_pixels: int = 100_000_000

    def read(self) -> np.ndarray:
        """Read the grey values: rescaled, windowed if asked for, and bright where the film is bright.

        Returns
        -------
        ndarray of shape (H, W)
            In the units of the rescaling (Hounsfield units for CT), integer where these are; between 0 and 1
            (float32) with a window.

        Raises
        ------
        BadImageError
            If the file is no DICOM file, is damaged, has several frames, colour or a compression that cannot
            be decoded, or lacks what the window needs.
        """
        with open_dicom(Path(self.file), self.path) as header:
            self._check(header)
            stored = header.pixel_array
            inverted = header.PhotometricInterpretation == "MONOCHROME1"
            if self.window is None:
                return _rescaled(_mirrored(stored, header) if inverted else stored, header)
            shown = self._windowed(_rescaled(stored, header), header).astype(np.float32)
            return 1 - shown if inverted else shown

    def fingerprint(self) -> str:
        """Return a hex digest of the file's bytes and of how it is read."""
        try:
            with Path(self.file).open("rb") as stream:
                digest = hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=20)).hexdigest()
        except OSError as error:
            raise BadImageError(self.path, _reason(error)) from error
        return hashlib.blake2b(f"{self._how}:{digest}".encode(), digest_size=20).hexdigest()

    def stamp(self) -> tuple[str, int, int]:
        """Return (digest of path and way of reading, size in bytes, modification time in ns)."""
        try:
            status = Path(self.file).stat()
        except OSError as error:
            raise BadImageError(self.path, _reason(error)) from error
        text = f"{self._how}:{Path(self.file).resolve()}".encode()
        identity = hashlib.blake2b(text, key=self.salt, digest_size=20).hexdigest()
        return f"dicom:{identity}", status.st_size, status.st_mtime_ns

    def properties(self) -> dict[str, Any]:
        """Return ``format``, ``mode`` (the photometric interpretation) and ``bit_depth``."""
        with open_dicom(Path(self.file), self.path, pixels=False) as header:
            self._check(header)
            mode, bits = str(header.PhotometricInterpretation), int(header.BitsStored)
        return {"format": "DICOM", "mode": mode, "bit_depth": bits}

    @property
    def _how(self) -> str:
        window = self.window.model_dump_json() if isinstance(self.window, Window) else self.window
        return f"dicom{self.VERSION}:{window}"

    def _check(self, header: pydicom.Dataset) -> None:
        missing = [name for name in ("Rows", "Columns", "PhotometricInterpretation") if name not in header]
        if missing:
            raise BadImageError(self.path, f"holds no picture (no {', '.join(missing)})")
        frames = int(header.get("NumberOfFrames") or 1)
        if frames > 1:
            raise BadImageError(self.path, f"has {frames} frames; one is expected")
        if header.PhotometricInterpretation not in ("MONOCHROME1", "MONOCHROME2"):
            kind = header.PhotometricInterpretation
            raise BadImageError(self.path, f"is not grey but {kind}; MONOCHROME1 or MONOCHROME2 is expected")
        check_size(self.path, int(header.Columns), int(header.Rows), self.max_pixels)

    def _windowed(self, values: np.ndarray, header: pydicom.Dataset) -> np.ndarray:
        if isinstance(self.window, Window):
            return self.window.apply(values)
        if header.get("WindowCenter") is None or header.get("WindowWidth") is None:
            raise BadImageError(
                self.path, "has no window in its header; give center and width, or window: null"
            )
        center, width = (_first(header[name].value) for name in ("WindowCenter", "WindowWidth"))
        try:
            return header_window(values, center, width, str(header.get("VOILUTFunction") or "LINEAR"))
        except ValueError as error:
            raise BadImageError(self.path, str(error)) from None


def header_window(values: np.ndarray, center: float, width: float, function: str = "LINEAR") -> np.ndarray:
    """Map grey values to 0 to 1 as DICOM PS3.3, C.11.2.1.2 and C.11.2.1.3 define it.

    Parameters
    ----------
    values : ndarray
        After rescaling.
    center, width : float
        Of the window.
    function : {"LINEAR", "LINEAR_EXACT", "SIGMOID"}
        VOI LUT Function.

    Returns
    -------
    ndarray of float64, same shape

    Raises
    ------
    ValueError
        If the function is unknown or the width is not positive.

    Examples
    --------
    >>> header_window(np.array([-160.0, 39.5, 240.0]), center=40, width=400)
    array([0. , 0.5, 1. ])
    """
    if not (width >= 1 if function == "LINEAR" else width > 0):
        raise ValueError(f"the window width {width:g} of the header is too small")
    values = values.astype(np.float64)
    if function == "LINEAR_EXACT":
        return np.clip((values - center) / width + 0.5, 0, 1)
    if function == "SIGMOID":
        return 1 / (1 + np.exp(-4 * (values - center) / width))
    if function != "LINEAR":
        raise ValueError(f"the VOI LUT function {function!r} is unknown")
    if width == 1:
        return (values > center - 0.5).astype(np.float64)
    return np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1)


@contextmanager
def open_dicom(file: Path, name: str, pixels: bool = True, tags: list[str] | None = None) -> Iterator[Any]:
    """Open a DICOM file; whatever goes wrong with it is told as a BadImageError, without quoting its header.

    Parameters
    ----------
    file : Path
        The file.
    name : str
        How it is called in messages.
    pixels : bool
        Whether to read beyond the header.
    tags : list of str, optional
        Keywords to read; by default all.

    Yields
    ------
    pydicom.Dataset
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            yield pydicom.dcmread(
                file, stop_before_pixels=not pixels, specific_tags=list(tags) if tags else None
            )
        except (BadImageError, MemoryError):
            raise
        except Exception as error:  # a parser that is fed damaged bytes may raise anything
            raise BadImageError(name, _reason(error)) from None
    if caught and pixels:  # what the header alone is read for is read again with the pixels
        text = f"{name}: {len(caught)} place(s) of its header break the standard"
        warnings.warn(f"{text} (pydicom's words are withheld: they may quote it).", stacklevel=3)


def _reason(error: Exception) -> str:
    if isinstance(error, InvalidDicomError):
        return "is no DICOM file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, RuntimeError) and "decompress" in str(error):
        return "its compression cannot be decoded here: " + " ".join(str(error).split())
    return f"cannot be decoded, its data are damaged or incomplete ({type(error).__name__})"


def _rescaled(stored: np.ndarray, header: pydicom.Dataset) -> np.ndarray:
    values = apply_modality_lut(stored, header)
    if values.dtype.kind != "f":
        return values
    whole = float(header.RescaleSlope).is_integer() and float(header.RescaleIntercept).is_integer()
    return values.astype(np.int32 if whole else np.float32)


def _mirrored(stored: np.ndarray, header: pydicom.Dataset) -> np.ndarray:
    """Exchange white and black within the range that the stored bits can express."""
    brightest_plus_darkest = -1 if header.PixelRepresentation else 2 ** int(header.BitsStored) - 1
    return (brightest_plus_darkest - stored.astype(np.int64)).astype(np.int32)


def _first(value: Any) -> float:
    return float(value[0] if isinstance(value, pydicom.multival.MultiValue) else value)
