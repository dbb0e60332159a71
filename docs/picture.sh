#!/usr/bin/env bash
# Makes docs/report.png, the picture in the README: the top of the demonstration report.
# Needs Chromium (`apt-get install chromium`).
set -euo pipefail
cd "$(dirname "$0")/.."
uv run python -m suite run grids/demo.yaml
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$(mktemp -d)" \
  --disable-background-networking --window-size=1280,1500 --screenshot=docs/report.png \
  "file://$PWD/runs/demo/report/index.html"
