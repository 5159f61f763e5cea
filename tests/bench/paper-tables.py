#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The paper's tables, trained again: every recipe of config/mnist-* and config/tile-masks-*, some
seeds each, the test set measured once when a training is over.

Prints Markdown: accuracy as mean over the seeds and its spread, beside the published value, epochs
and seconds an epoch. Every finished training is a line in RESULTS/results.csv, so an interrupted
call goes on where it stopped.
"""
import argparse
import csv
import json
import os
import statistics
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Wang, Guo, Yue 2021, from the authors' repository (plot.ipynb): test accuracy.
PUBLISHED = {
    ("mnist", 1): {"dense": .9794, 1: .9518, 2: .9669, 3: .9677, 4: .9773, 5: .9782, 6: .9782},
    ("mnist", 2): {"dense": .9844, 1: .9278, 2: .9679, 3: .9774, 4: .9788, 5: .9805, 6: .9767,
                   7: .9801, 8: .9800, 9: .9830, 10: .9833, 11: .9815, 12: .9842},
    ("tile-masks", 1): {"dense": .93, 1: .94, 2: .94, 3: .93, 4: .92, 5: .95},
    ("tile-masks", 2): {"dense": .96, 1: .93, 2: .92, 3: .94, 4: .96, 5: .94},
}
FIELDS = ["config", "seed", "correct", "n", "nll", "epochs", "seconds"]


def config_name(data, layers, rank):
    return f"{data}-{layers}layer-" + (rank if rank == "dense" else f"r{rank}")


def data_of(folder, data):
    """What to train on, and what to evaluate on with which options."""
    if data == "mnist":
        return (os.path.join(folder, "mnist", "train-images-idx3-ubyte.gz"),
                [os.path.join(folder, "mnist", "t10k-images-idx3-ubyte.gz")])
    masks = os.path.join(folder, "manifests", "tile-paper-masks.csv")
    return masks, [masks, "--split", "test"]


def run_json(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def train_one(options, data, name, seed):
    out = os.path.join(options.results, f"{name}-s{seed}")
    train, test = data_of(options.data, data)
    trained = run_json([options.cpac, "train", os.path.join(TOP, "config", name + ".yaml"),
                        "--data", train, "--out", out, "--seed", str(seed),
                        "--threads", str(options.threads), "--json"])
    judged = run_json([options.cpac, "evaluate", os.path.join(out, "model.yaml"), "--data", *test,
                       "--json"])
    return {"config": name, "seed": seed, "correct": judged["correct"], "n": judged["n"],
            "nll": judged["mean_nll"], "epochs": trained["epochs"], "seconds": trained["seconds"]}


def read_results(path):
    if not os.path.exists(path):
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def finish(options, path, data, name):
    """Trains what is missing of one recipe."""
    done = {int(row["seed"]) for row in read_results(path) if row["config"] == name}
    for seed in options.seeds:
        if seed in done:
            continue
        row = train_one(options, data, name, seed)
        fresh = not os.path.exists(path)
        with open(path, "a", newline="") as file:
            writer = csv.DictWriter(file, FIELDS)
            if fresh:
                writer.writeheader()
            writer.writerow(row)
        print(f"{name} seed {seed}: {row['correct']} of {row['n']}", file=sys.stderr)


def print_row(rows, name, rank, published):
    rows = [row for row in rows if row["config"] == name]
    if not rows:
        return
    right = [int(row["correct"]) / int(row["n"]) for row in rows]
    nll = statistics.mean(float(row["nll"]) for row in rows)
    seconds = statistics.median(float(row["seconds"]) / int(row["epochs"]) for row in rows)
    spread = f"{statistics.stdev(right):.4f}" if len(right) > 1 else "-"
    print(f"| {rank if rank == 'dense' else f'R={rank}'} | {statistics.mean(right):.4f} | {spread} "
          f"| {nll:.4f} | {published:.4f} | {len(rows)} | {rows[0]['epochs']} | {seconds:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("cpac", help="the tool, e.g. build/pipelines/cpac")
    parser.add_argument("--data", default=os.environ.get("CPAC_TEST_DATA",
                                                         os.path.join(TOP, "../shared/data")))
    parser.add_argument("--results", default="paper-tables", help="folder for models and results")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="", help="recipes whose name begins so")
    parser.add_argument("--print", action="store_true", help="train nothing")
    options = parser.parse_args()
    path = os.path.join(options.results, "results.csv")
    os.makedirs(options.results, exist_ok=True)
    for (data, layers), table in PUBLISHED.items():
        names = {rank: config_name(data, layers, rank) for rank in table}
        names = {rank: name for rank, name in names.items() if name.startswith(options.only)}
        for name in names.values():
            if not options.print:
                finish(options, path, data, name)
        if not names:
            continue
        print(f"\n{data}, {layers} convolution layer{'s' if layers > 1 else ''}\n\n"
              "| rank | accuracy | spread | mean NLL | published | seeds | epochs | s/epoch |\n"
              "|---|---|---|---|---|---|---|---|")
        for rank, name in names.items():
            print_row(read_results(path), name, rank, table[rank])


if __name__ == "__main__":
    main()
