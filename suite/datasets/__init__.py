"""One source of images per file: a file is a plugin, and all yield the same Dataset."""
