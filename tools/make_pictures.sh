#!/bin/sh
# Draws the pictures of README and guide again, from the default sample.
set -eu
cd "$(dirname "$0")/.."
python="${PYTHON:-.venv/bin/python}"
run="$python -m rnnviz render resources/samples/emperors.txt"
passage="The Emperor Alexander knew that Napoleon was the Emperor of [France]"
$run --view window --train 200 --passage "$passage" --scale 1.5 --out docs/window.png
for view in error matrix states; do
    $run --view $view --train 200 --passage "$passage" --size 1280x220 --scale 1.5 --out docs/$view.png
done
tails="$python -m rnnviz render resources/samples/tails.txt --init spectral --spectral-radius 2.5 --train 300"
$tails --lr 0.0005 --seed 4 --view window --out docs/exploding.png
$tails --window 32 --optimizer sgd --lr 1.5 --lane "--clip 0" --lane "--clip 1" --view window --out docs/clipping.png
$run --activation sigmoid --train 300 --view window --out docs/vanishing.png
recall="$(mktemp -d)/recall.txt"
$python -m rnnviz task recall --distance 12 --out "$recall"
$python -m rnnviz render "$recall" --loss marked --window 30 --reset 0 --lr 0.01 --train 300 \
    --lane "" --lane "--activation sigmoid" --lane "--cell lstm --forget-bias 3" --lane "--cell gru" \
    --view window --scale 1.5 --out docs/race.png
rm -r "$(dirname "$recall")"
# docs/memory.csv took 13 minutes: its command stands in the guide.
$python -m rnnviz render docs/memory.csv --view experiment --size 1000x640 --scale 1.5 --out docs/memory.png
$python tools/draw_the_valve.py
$python tools/fewer_colours.py docs/*.png
