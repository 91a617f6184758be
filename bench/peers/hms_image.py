"""The peers' side of the HMS image bench: one example of the HMS competition's layout, from its two Parquet files to the
640 x 1920 image of the 16th place (mkotyushev/hms), rebuilt from pandas, SciPy, librosa, NumPy, OpenCV and justpyplot.

Usage: hms_image.py write FOLDER SEED   writes eeg.parquet (50 s) and spectrogram.parquet (10 min), simulated
       hms_image.py run FOLDER TIMES    reads them, makes the image TIMES times, writes peer-image.f32
Prints {"seconds": [...], "processor": [...], "stages": {name: [...]}} last: seconds on the clock and of processor time
an example. One thread.
"""
import json
import os
import re
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "ARROW_IO_THREADS"):
    os.environ[name] = "1"

import cv2
import librosa
import numpy as np
import pandas as pd
import pyarrow as pa
import scipy.signal as ss
from justpyplot import justpyplot

cv2.setNumThreads(1)
pa.set_cpu_count(1)
warnings.filterwarnings("ignore", category=RuntimeWarning)  # means of nothing but NaN

RATE = 200
WARM_UPS = 2
DELIVERED = "Fp1 F3 C3 P3 F7 T3 T5 O1 Fz Cz Pz Fp2 F4 C4 P4 F8 T4 T6 O2 EKG".split()
REGIONS = ("LL", "RL", "LP", "RP")
FREQUENCIES = [np.floor(19.53125 * (i + 3) + 0.5) / 100 for i in range(100)]
COLUMNS = [f"{region}_{frequency:g}" for region in REGIONS for frequency in FREQUENCIES]

CHAINS = ("Fp1 F7 T3 T5 O1", "Fp1 F3 C3 P3 O1", "Fp2 F8 T4 T6 O2", "Fp2 F4 C4 P4 O2")
TRACES = {
    "Fp1-F3": 116.34481, "F3-C3": 102.60141, "C3-P3": 87.55995, "P3-O1": 110.57861, "Fp2-F4": 109.53565,
    "F4-C4": 101.4466, "C4-P4": 98.31189, "P4-O2": 122.75707, "Fp1-F7": 100.77059, "F7-T3": 100.71571,
    "T3-T5": 101.946915, "T5-O1": 98.06077, "Fp2-F8": 109.903534, "F8-T4": 88.95162, "T4-T6": 92.10137,
    "T6-O2": 113.432465, "Fz-Cz": 89.53329, "Cz-Pz": 98.25634, "EKG": 575.77045, "C3": 192.73958,
}
FILTERS = [
    ss.butter(5, (59, 61), btype="bandstop", fs=RATE),
    ss.butter(5, (1, 70), btype="bandpass", fs=RATE),
]


def natural(text):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


# The published order: groups by name, and decimals compared as if they were whole numbers.
ORDERED = [column for region in sorted(REGIONS) for column in sorted((c for c in COLUMNS if c.startswith(region)), key=natural)]


def write(folder, seed):
    rng = np.random.default_rng(seed)
    n = 50 * RATE
    seconds = np.arange(n) / RATE
    common = 8 * np.sin(2 * np.pi * 60 * seconds)
    eeg = {}
    for electrode in DELIVERED:
        drift = ss.lfilter([1], [1, -0.97], rng.normal(0, 9, n))
        rhythm = rng.uniform(5, 25) * np.sin(2 * np.pi * rng.uniform(8, 11) * seconds + rng.uniform(0, 6))
        size = 4 if electrode == "EKG" else 1
        eeg[electrode] = (size * (drift + rhythm) + common).astype(np.float32)
    for electrode in ("F8", "P3"):
        eeg[electrode][rng.integers(0, n, 40)] = np.nan
    pd.DataFrame(eeg).to_parquet(os.path.join(folder, "eeg.parquet"))
    fall = np.tile(1 / np.array(FREQUENCIES) ** 1.5, len(REGIONS))
    power = (20 * fall * rng.lognormal(0, 1.2, (320, len(COLUMNS)))).astype(np.float32)
    power[rng.integers(0, 320, 200), rng.integers(0, len(COLUMNS), 200)] = np.nan
    frame = pd.DataFrame(power, columns=COLUMNS)
    frame.insert(0, "time", np.arange(320) * 2 + 1)
    frame.to_parquet(os.path.join(folder, "spectrogram.parquet"))


def read(folder):
    eeg = pd.read_parquet(os.path.join(folder, "eeg.parquet"), engine="pyarrow", use_threads=False)
    frame = pd.read_parquet(os.path.join(folder, "spectrogram.parquet"), engine="pyarrow", use_threads=False)
    frame = frame[frame["time"] >= 0].iloc[:300]
    return {name: eeg[name].to_numpy() for name in DELIVERED}, frame[ORDERED].to_numpy(np.float32)


def ten_minutes(power):
    logs = np.log10(np.nan_to_num(power, nan=0) + 1e-6)
    low, high = np.quantile(logs, 0.01), np.quantile(logs, 0.99)
    return (np.clip(logs, low, high) - low) / (high - low)


def fifty_seconds(eeg):
    frames = (len(eeg["Fp1"]) - 1000) // 40 + 1
    image = np.zeros((128, frames, len(CHAINS)), np.float32)
    for i, chain in enumerate(CHAINS):
        names = chain.split()
        for plus, minus in zip(names[:-1], names[1:]):
            x = eeg[plus] - eeg[minus]
            x = np.zeros_like(x) if np.isnan(x).all() else np.nan_to_num(x, nan=np.nanmean(x))
            mel = librosa.feature.melspectrogram(
                y=x, sr=RATE, n_fft=1000, hop_length=40, n_mels=128, fmin=0, fmax=20, center=False
            )
            image[:, :, i] += (librosa.power_to_db(mel, ref=np.max).astype(np.float32) + 40) / 40
    return np.clip((image / 4 + 1) / 2 * 255, 0, 255).astype(np.uint8)


def cut(image):
    rows = image.transpose(1, 2, 0)[:226].astype(np.float32) / 255
    return rows.reshape(len(rows), -1)


def filtered(eeg):
    traces = []
    for name in TRACES:
        plus, _, minus = name.partition("-")
        x = eeg[plus][3000:7000]
        if minus:
            x = x - eeg[minus][3000:7000]
        x = np.nan_to_num(x, nan=0).astype(np.float64)
        for b, a in FILTERS:
            x = ss.lfilter(b, a, x)
        traces.append(x)
    return traces


def plot(traces):
    canvas = np.zeros((640, 1600), np.uint8)
    last = len(TRACES) - 1
    for i, (x, constant) in enumerate(zip(traces, TRACES.values())):
        limit = 2 * constant
        y = (np.clip(x, -limit, limit) + limit) / (limit + limit)
        y[0], y[-1] = 0, 1
        window = canvas[max(0, 32 * i - 16) : 32 * i + (32 if i == last else 48), :1599]
        height, width = window.shape
        column = (np.arange(len(y)) / len(y) * width).astype(int)
        row = height + (-y * height).astype(int)
        justpyplot.vectorized_lines_with_thickness(
            row[:-1], column[:-1], row[1:], column[1:], window, clr=1, thickness=1
        )
    return canvas


def example(folder, stages):
    def stage(name, action, *given):
        started = time.perf_counter()
        made = action(*given)
        stages.setdefault(name, []).append(time.perf_counter() - started)
        return made

    eeg, power = stage("read", read, folder)
    minutes = stage("minutes", ten_minutes, power)
    seconds = stage("seconds", lambda: cut(fifty_seconds(eeg)))
    traces = stage("filter", filtered, eeg)
    raster = stage("plot", plot, traces)
    image = np.empty((640, 1920), np.float32)

    def compose():
        image[:320, :320] = cv2.resize(minutes, (320, 320), interpolation=cv2.INTER_LINEAR)
        image[320:, :320] = cv2.resize(seconds, (320, 320), interpolation=cv2.INTER_LINEAR)
        image[:, 320:] = raster

    stage("compose", compose)
    return image


def run(folder, times):
    seconds, processor, stages = [], [], {}
    for i in range(WARM_UPS + times):
        if i == WARM_UPS:
            stages = {}
        started, used = time.perf_counter(), time.process_time()
        image = example(folder, stages)
        if i >= WARM_UPS:
            seconds.append(time.perf_counter() - started)
            processor.append(time.process_time() - used)
    image.tofile(os.path.join(folder, "peer-image.f32"))
    print(json.dumps({"seconds": seconds, "processor": processor, "stages": stages}))


if __name__ == "__main__":
    task, folder, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if task == "write":
        write(folder, number)
        print(json.dumps({"files": ["eeg.parquet", "spectrogram.parquet"]}))
    else:
        run(folder, number)
