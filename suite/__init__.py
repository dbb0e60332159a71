"""From a grid file to predictions: data, plan, folds, fits and metrics."""
