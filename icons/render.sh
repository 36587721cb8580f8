#!/bin/sh
# Draws every icon the application needs from the drawings beside this script. Needs rsvg-convert (librsvg2-bin).
set -eu
cd "$(dirname "$0")"
draw() { rsvg-convert --width "$2" --height "$2" --format png --output "$3" "$1"; }
draw tray.svg 32 32x32.png
draw icon.svg 128 128x128.png
draw icon.svg 256 128x128@2x.png
draw icon.svg 512 icon.png

# The glyphs of the tray, with the colours of ui/src/tokens/primitives.css: each on a plate of its own, so that it reads on
# a panel of any colour.
paint() {
    sed -e "s/PLATE/$2/g" -e "s/GREEN/$3/g" -e "s/BLUE/$4/g" -e "s/AMBER/$5/g" -e "s/RED/$6/g" -e "s/VIOLET/$7/g" -e "s/GREY/$8/g" "$1"
}
for drawing in tray/*.svg; do
    name="${drawing%.svg}"
    for size in 24 48; do
        paint "$drawing" '#111820' '#53e7b5' '#5c95ff' '#f1bf20' '#f06464' '#e4c8fe' '#9097a0' \
            | rsvg-convert --width $size --height $size --output "$name-dark-$size.png"
        paint "$drawing" '#f5f7f9' '#2f6a50' '#1f5be2' '#8f5900' '#86101f' '#5c1276' '#424e55' \
            | rsvg-convert --width $size --height $size --output "$name-light-$size.png"
    done
done
