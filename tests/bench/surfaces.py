#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the default recipe does on each surface of the generated footage.

For each surface it learns from good parts, then 100 good and 100 damaged parts of another seed are
scored. Prints Markdown: image AUROC with its interval, per kind of defect, and what is detected at
1 % false rejects. Exit status 1 when a surface falls below --wish.
"""
import argparse
import json
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KINDS = ["scratch", "pit", "stain", "chip"]


def run(options, *words):
    return subprocess.run([options.cpac, *words], check=True, stdout=subprocess.PIPE).stdout


def make_footage(options, surface, name, parts, rate, seed):
    folder = os.path.join(options.results, f"{surface}-{name}")
    run(options, "footage", "--out", folder, "--surface", surface, "--size", options.size,
        "--parts", str(parts), "--defect-rate", str(rate), "--seed", str(seed), "--split", name,
        "--contrast", str(options.contrast))
    return os.path.join(folder, "list.csv")


def judge(options, surface):
    learn = make_footage(options, surface, "train", options.parts, 0, 101)
    test = make_footage(options, surface, "test", 200, 0.5, 102)
    out = os.path.join(options.results, surface)
    epochs = ["--epochs", str(options.epochs)] if options.epochs else []
    trained = json.loads(run(options, "train", options.recipe, "--data", learn, "--out", out,
                             "--seed", str(options.seed), "--threads", str(options.threads),
                             *epochs, "--json"))
    if trained["interrupted"]:
        sys.exit(f"{surface}: training was interrupted")
    judged = json.loads(run(options, "evaluate", os.path.join(out, "model.yaml"), "--data", test,
                            "--report", out + "-report", "--json"))
    return trained, judged


def row(surface, trained, judged):
    low, high = judged["image_auroc_ci"]
    kinds = {one["label"]: one["image_auroc"] for one in judged["per_class"]}
    at = next(one for one in judged["fixed_false_reject"] if one["rate"] == 0.01)
    cells = [surface, f"{judged['image_auroc']:.3f} [{low:.3f}, {high:.3f}]",
             *(f"{kinds[kind]:.3f}" for kind in KINDS), f"{100 * at['detection']:.0f} %",
             f"{trained['epochs']}", f"{trained['seconds']:.0f}"]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cpac")
    parser.add_argument("results", help="folder for footage, models and reports")
    parser.add_argument("--recipe", default=os.path.join(TOP, "config", "good-parts.yaml"))
    parser.add_argument("--surfaces", default="metal,cast,woven")
    parser.add_argument("--size", default="256x256", help="of a frame (%(default)s)")
    parser.add_argument("--contrast", type=float, default=1, help="of the defects (%(default)s)")
    parser.add_argument("--parts", type=int, default=200, help="to learn from (%(default)s)")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--wish", type=float, default=0.97, help="image AUROC (%(default)s)")
    options = parser.parse_args()

    os.makedirs(options.results, exist_ok=True)
    print(f"{os.path.basename(options.recipe)}, seed {options.seed}, {options.parts} good parts to "
          f"learn from, frames {options.size}, contrast {options.contrast:g}\n")
    print("| surface | image AUROC |", " | ".join(KINDS),
          "| found at 1 % false rejects | epochs | seconds |")
    print("|---|---|" + "---|" * (len(KINDS) + 3), flush=True)
    fine = True
    for surface in options.surfaces.split(","):
        trained, judged = judge(options, surface)
        print(row(surface, trained, judged), flush=True)
        fine = fine and judged["image_auroc"] >= options.wish
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
