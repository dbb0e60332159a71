"""Steps between an image as it was read and an image as extractors see it: one step per file."""

from suite.preprocessing._preprocessing import Preprocessing, available_steps, parse_steps

__all__ = ["Preprocessing", "available_steps", "parse_steps"]
