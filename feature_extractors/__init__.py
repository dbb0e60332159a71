"""One family of image features per file: a file is a plugin."""
