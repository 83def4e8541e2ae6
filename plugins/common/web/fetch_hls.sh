#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Puts the pinned hls.js into the build: fetch_hls.sh OUTPUT enabled|auto|disabled, the state of
# the build option `pages`. Knows npm and nothing of the pages. Without hls.js (disabled; or auto, and npm or the
# network is missing) OUTPUT is an empty module, and the player page plays with the browser's own HLS and says so.
set -eu
output=$1 pages=$2
source=$(cd "$(dirname "$0")" && pwd)
work=$output.npm

without() {
    [ "$pages" != enabled ] || { echo "hls.js: $1 (-Dpages=disabled builds without it)" >&2; exit 1; }
    echo "hls.js: $1; the player page will use the browser's own HLS" >&2
    echo 'export default undefined;' > "$output"
    exit 0
}

[ "$pages" != disabled ] || without "left out"
command -v npm > /dev/null || without "npm is not installed"
mkdir -p "$work"
cp "$source/package.json" "$source/package-lock.json" "$work/"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error > "$work/log" 2>&1 ||
    without "npm ci failed: $(tail -n 1 "$work/log")"
cp "$work/node_modules/hls.js/dist/hls.min.mjs" "$output"
