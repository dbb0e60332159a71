"""Steps between an image as it was read and an image as extractors see it: one step per file."""

from suite.preprocessing._copies import DEFAULT_STEPS, Copies
from suite.preprocessing._preprocessing import Preprocessing, available_steps, parse_steps

__all__ = ["DEFAULT_STEPS", "Copies", "Preprocessing", "available_steps", "parse_steps"]
