"""One classifier per file: a file is a plugin."""
