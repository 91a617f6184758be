"""SciPy's and librosa's side of spectra.bench.ts: `spectra.py FOLDER REPEATS SAVE`. The same tasks on the same inputs, one
thread. Each task is written in the ways one would write it (all channels at once or one by one, in single or double
precision): the bench takes the fastest. Every SAVE-th frame of the way in double precision, one by one, is written.
"""

import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import librosa
import numpy as np
from scipy import signal

folder, repeats, save = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(os.path.join(folder, "setup.json"), encoding="utf8") as file:
    setup = json.load(file)
points, hop, rate = setup["points"], setup["hop"], setup["sampleRate"]
single = np.fromfile(os.path.join(folder, "eeg.f32"), np.float32).reshape(setup["channels"], -1)
double = single.astype(np.float64)
short = setup["shortSamples"]


def power(x, detrend):
    return signal.spectrogram(x, rate, window="hann", nperseg=points, noverlap=points - hop, detrend=detrend)[2]


def mel(x):
    bands = librosa.feature.melspectrogram(
        y=x, sr=rate, n_fft=points, hop_length=hop, n_mels=setup["mels"], fmin=0, fmax=setup["high"], center=False
    )
    return librosa.power_to_db(bands, ref=np.max)


def powers(x, detrend):
    return {
        "one by one": lambda: [power(channel, detrend) for channel in x],
        "all at once": lambda: power(x, detrend),
    }


def mels(x, x32):
    traces, traces32 = x[: setup["traces"]], x32[: setup["traces"]]
    return {
        "one by one": lambda: [mel(trace) for trace in traces],
        "one by one, single precision": lambda: [mel(trace) for trace in traces32],
    }


tasks = {
    "spectrogram": powers(double, False),
    "spectrogramDetrended": powers(double, "constant"),
    "spectrogramShort": powers(double[:, :short], False),
    "mel": mels(double, single),
    "melShort": mels(double[:, :short], single[:, :short]),
}
milliseconds = {}
for name, ways in tasks.items():
    milliseconds[name] = {}
    for way, task in ways.items():
        for _ in range(2):
            task()
        times = []
        for _ in range(repeats):
            started = time.perf_counter()
            task()
            times.append(1000 * (time.perf_counter() - started))
        milliseconds[name][way] = times
        if save > 0 and way.startswith("one by one"):
            kept = [np.ascontiguousarray(rows.T[::save], np.float64) for rows in task()]
            suffix = "-single" if "single" in way else ""
            np.concatenate(kept).tofile(os.path.join(folder, "peer-%s%s.f64" % (name, suffix)))
print(json.dumps(milliseconds))
