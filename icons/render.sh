#!/bin/sh
# Draws every icon the application needs from the two drawings beside this script. Needs rsvg-convert (librsvg2-bin).
set -eu
cd "$(dirname "$0")"
draw() { rsvg-convert --width "$2" --height "$2" --format png --output "$3" "$1"; }
draw tray.svg 32 32x32.png
draw icon.svg 128 128x128.png
draw icon.svg 256 128x128@2x.png
draw icon.svg 512 icon.png
draw tray.svg 32 tray.png
