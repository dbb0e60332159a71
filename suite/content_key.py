"""Content keys: what an artifact is named after."""

from __future__ import annotations

import hashlib
import json
from typing import Any

__all__ = ["content_key"]


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
