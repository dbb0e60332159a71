"""Content keys: what an artifact is named after."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

__all__ = ["array_digest", "content_key"]


def content_key(*parts: Any) -> str:
    """Hash plain values (numbers, text, lists, mappings) into 32 hexadecimal digits.

    Raises
    ------
    TypeError
        When a part is not a plain value: an object's repr must never decide a key.

    Examples
    --------
    >>> content_key("glcm", {"levels": 32, "distances": [1]}) == content_key(
    ...     "glcm", {"distances": [1], "levels": 32})
    True
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def array_digest(*arrays: np.ndarray) -> str:
    """Hash arrays of whole numbers, their lengths included, into 32 hexadecimal digits.

    Examples
    --------
    >>> array_digest(np.array([1, 2]), np.array([3])) == array_digest(np.array([1]), np.array([2, 3]))
    False
    """
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        digest.update(f"{len(array)}:".encode())
        digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
    return digest.hexdigest()
