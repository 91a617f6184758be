"""The peers' side of the bench of tables and arrays, one library a process.

Usage: tables.py make FOLDER, or tables.py LIBRARY FOLDER REPEATS. LIBRARY is pyarrow or pandas: how the HMS pipelines read
an EEG; either reads BEETL's pickles by Python's own pickle. Prints one JSON document last.
"""
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import json
import pickle
import sys
import time

import numpy as np

LABELS = "Fp1 F3 C3 P3 F7 T3 T5 O1 Fz Cz Pz Fp2 F4 C4 P4 F8 T4 T6 O2 EKG".split()
# The order in which system 002 uses them.
WANTED = "C3 C4 Cz EKG F3 F4 F7 F8 Fp1 Fp2 Fz O1 O2 P3 P4 Pz T3 T4 T5 T6".split()
ROWS, FROM, TO = 60_000, 25_000, 35_000
WINDOWS = 1000


def make(folder):
    """A recording of 5 minutes, rounded to hundredths of a microvolt, and a night of BEETL's layout."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.RandomState(3)
    steps = np.cumsum(random.randn(ROWS, len(LABELS)), axis=0)
    values = np.round((steps - steps.mean(axis=0)) * 100) / 100
    table = pa.table({label: values[:, i].astype("f4") for i, label in enumerate(LABELS)})
    pq.write_table(table, f"{folder}/eeg.parquet", compression="snappy")
    with open(f"{folder}/night.npy", "wb") as file:
        pickle.dump(random.randn(WINDOWS, 2, 3000), file, protocol=4)


def reader(library, path):
    if library == "pyarrow":
        import pyarrow.parquet as pq

        def read(begin, end):
            table = pq.read_table(path, use_threads=False).slice(begin, end - begin)
            return [table.column(label).to_numpy() for label in WANTED]

    else:
        import pandas as pd

        def read(begin, end):
            frame = pd.read_parquet(path).iloc[begin:end]
            return [frame[label].to_numpy() for label in WANTED]

    return read


def load(path):
    with open(path, "rb") as file:
        return pickle.load(file)


def main():
    if sys.argv[1] == "make":
        make(sys.argv[2])
        return {}
    library, folder, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])
    read = reader(library, f"{folder}/eeg.parquet")
    tasks = {
        "whole": lambda: read(0, ROWS),
        "window": lambda: read(FROM, TO),
        "night": lambda: [load(f"{folder}/night.npy").reshape(-1)],
    }
    seconds, sums = {}, {}
    for name, task in tasks.items():
        seconds[name] = []
        for _ in range(repeats):
            begun = time.perf_counter()
            columns = task()
            seconds[name].append(time.perf_counter() - begun)
        sums[name] = [float(np.sum(column, dtype="f8")) for column in columns]
    return {"seconds": seconds, "sums": sums}


print(json.dumps(main()))
