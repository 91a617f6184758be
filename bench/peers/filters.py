"""SciPy's side of filters.bench.ts: `filters.py FOLDER REPEATS SAVE`. The same tasks on the same inputs, one thread."""

import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
from scipy import signal

folder, repeats, save = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "yes"
with open(os.path.join(folder, "setup.json"), encoding="utf8") as file:
    setup = json.load(file)
design = dict(N=setup["order"], Wn=setup["band"], btype="bandpass", fs=setup["sampleRate"])
sos = signal.butter(output="sos", **design)
b, a = signal.butter(output="ba", **design)
eeg, fast = (np.fromfile(os.path.join(folder, name)).reshape(setup["channels"], -1) for name in ("eeg.f64", "fast.f64"))

tasks = {
    "sosfiltfilt": lambda: signal.sosfiltfilt(sos, eeg, axis=1),
    "sosfilt": lambda: signal.sosfilt(sos, eeg, axis=1),
    "lfilter": lambda: signal.lfilter(b, a, eeg, axis=1),
    "resamplePoly": lambda: signal.resample_poly(fast, 1, 5, axis=1),
    "resamplePolyThreeTenths": lambda: signal.resample_poly(fast, 3, 10, axis=1),
}
milliseconds = {}
for name, task in tasks.items():
    for _ in range(2):
        task()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        task()
        times.append(1000 * (time.perf_counter() - started))
    milliseconds[name] = times
    if save:
        np.ascontiguousarray(task()).tofile(os.path.join(folder, "scipy-%s.f64" % name))
print(json.dumps(milliseconds))
