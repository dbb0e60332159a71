"""Neural networks by name, their weights and what they take; used by feature extractors and classifiers."""
