#!/usr/bin/env bash
# Makes docs/report.png, the picture in the README, from the report of a finished run:
#   docs/picture.sh runs/cxr
# Needs Chromium (`apt-get install chromium`).
set -euo pipefail
report="$(realpath "$1")/report/index.html"
cd "$(dirname "$0")"
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$(mktemp -d)" \
  --disable-background-networking --window-size=1280,2060 --screenshot=report.png "file://$report"
