"""Image files as references that are read when needed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from suite.datasets._decoding import decode, header
from suite.errors import BadImageError

__all__ = ["IMAGE_SUFFIXES", "FileImage"]

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".dib"})


@dataclass(frozen=True, kw_only=True)
class FileImage:
    """A PNG, JPEG, TIFF or BMP file, with or without a mask file.

    Attributes
    ----------
    root : str
        The data folder.
    path : str
        The file relative to it, with forward slashes.
    mask : str or None
        The mask file likewise: pixels other than 0 are inside the region of interest.
    max_pixels : int
        Larger images are refused before they are decoded.
    """

    VERSION = 1  # raised whenever pixels read from the same bytes change

    root: str
    path: str
    mask: str | None = None
    max_pixels: int = 100_000_000

    def read(self) -> np.ndarray:
        """Read the grey values; a MaskedArray if there is a mask.

        Returns
        -------
        ndarray or MaskedArray of shape (H, W)

        Raises
        ------
        BadImageError
            If the image or its mask cannot be used; if they differ in size or the mask is empty.
        """
        image = decode(self._file, self.path, self.max_pixels)
        if self.mask is None:
            return image
        inside = decode(self._mask_file, self.mask, self.max_pixels) != 0
        if inside.shape != image.shape:
            (height, width), (rows, columns) = image.shape, inside.shape
            raise BadImageError(
                self.path, f"is {width}×{height} pixels, but its mask {self.mask} is {columns}×{rows}"
            )
        if not inside.any():
            raise BadImageError(self.path, f"its mask {self.mask} is empty: every pixel is 0")
        return np.ma.MaskedArray(image, mask=~inside)

    def fingerprint(self) -> str:
        """Return a hex digest of the bytes of the file and its mask.

        Raises
        ------
        BadImageError
            If a file cannot be read.
        """
        digests = [_digest(self._file, self.path)]
        if self.mask is not None:
            digests.append(_digest(self._mask_file, self.mask))
        return hashlib.blake2b(
            ":".join([f"file{self.VERSION}", *digests]).encode(), digest_size=20
        ).hexdigest()

    def stamp(self) -> tuple[str, int, int]:
        """Return (absolute paths, size in bytes, modification time in ns) of the file and its mask.

        Raises
        ------
        BadImageError
            If a file is not there.
        """
        size, modified = _stat(self._file, self.path)
        name = f"file{self.VERSION}:{self._file.resolve()}"
        if self.mask is not None:
            mask_size, mask_modified = _stat(self._mask_file, self.mask)
            name += f"|{self._mask_file.resolve()}:{mask_size}:{mask_modified}"
        return name, size, modified

    def properties(self) -> dict[str, Any]:
        """Return ``format``, ``mode`` and ``bit_depth`` of the file."""
        return header(self._file, self.path, self.max_pixels)

    @property
    def _file(self) -> Path:
        return Path(self.root, self.path)

    @property
    def _mask_file(self) -> Path:
        return Path(self.root, str(self.mask))


def _digest(file: Path, name: str) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=20)).hexdigest()
    except OSError as error:
        raise BadImageError(name, error.strerror or type(error).__name__) from error


def _stat(file: Path, name: str) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError as error:
        raise BadImageError(name, error.strerror or type(error).__name__) from error
    return status.st_size, status.st_mtime_ns
