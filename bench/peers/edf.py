"""The peers' side of the EDF bench, one library and one task a process.

Usage: edf.py LIBRARY read FILE CHANNEL REPEATS, or edf.py LIBRARY large FILE CHANNEL. LIBRARY is mne, pyedflib or edfio,
each at its fastest: pyEDFlib without reading annotations where none are asked for, edfio with its memory map.
Prints one JSON document last.
"""
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import json
import sys
import time

HOURS = 8
WINDOWS = 2000
OPEN_WINDOWS = 20000
STRIDE = 7919

library, task, path, channel = sys.argv[1:5]

if library == "mne":
    import mne

    mne.set_log_level("ERROR")
    VOLT = 1e6  # MNE turns microvolts into volts

    def opened():
        return mne.io.read_raw_edf(path, include=[channel])

    def whole(file):
        return file.get_data()[0]

    def window(file, start):
        rate = int(file.info["sfreq"])
        return file.get_data(start=start * rate, stop=(start + 2) * rate)[0]

    def close(file):
        file.close()

elif library == "pyedflib":
    import pyedflib

    VOLT = 1

    def opened():
        return pyedflib.EdfReader(path, annotations_mode=pyedflib.DO_NOT_READ_ANNOTATIONS)

    # Where the channel is and how fast is found out once, and not timed.
    with opened() as probed:
        index = next(i for i in range(probed.signals_in_file) if probed.getLabel(i) == channel)
        rate = int(probed.getSampleFrequency(index))

    def whole(file):
        return file.readSignal(index)

    def window(file, start):
        return file.readSignal(index, start * rate, 2 * rate)

    def close(file):
        file.close()

else:
    import edfio

    VOLT = 1

    def opened():
        return edfio.read_edf(path)

    def whole(file):
        return file.get_signal(channel).data

    def window(file, start):
        return file.get_signal(channel).get_data_slice(start, start + 2)

    def close(file):
        pass


def timed(action):
    began = time.perf_counter()
    result = action()
    return time.perf_counter() - began, result


def read_whole():
    file = opened()
    samples = whole(file)
    close(file)
    return samples


def read_window(start):
    file = opened()
    samples = window(file, start)
    close(file)
    return samples


def starts(count):
    # MNE takes too long for as many windows as the others.
    return [(i * STRIDE) % (HOURS * 3600 - 2) for i in range(count // 200 if library == "mne" else count)]


if task == "read":
    repeats = int(sys.argv[5])
    channel_seconds, probe = [], []
    for _ in range(repeats):
        seconds, samples = timed(read_whole)
        channel_seconds.append(seconds)
        probe = [float(samples[k * 10007]) * VOLT for k in range(500)]
    runs = [timed(lambda start=start: read_window(start)) for start in starts(WINDOWS)]
    file = opened()
    runs_open = [timed(lambda start=start: window(file, start))[0] for start in starts(OPEN_WINDOWS)]
    seconds = {"channel": channel_seconds, "path": [seconds for seconds, _ in runs], "window": runs_open}
    first = [float(samples[0]) * VOLT for _, samples in runs]
    print(json.dumps({"seconds": seconds, "probe": probe, "windows": first}))
else:
    file = opened()
    count = sum(len(window(file, 100 * i)) for i in range(WINDOWS))
    print(json.dumps({"samples": count}))
