"""PyTorch's side of loader.bench.ts: `loader.py FOLDER CASE SAVE`. A DataLoader over the same files with the same draws."""

import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import cv2
import numpy as np
import torch

cv2.setNumThreads(0)
torch.set_num_threads(1)

folder, task, save = sys.argv[1], sys.argv[2], sys.argv[3] == "yes"
with open(os.path.join(folder, "setup.json"), encoding="utf8") as file:
    setup = json.load(file)

side = setup["side"]
mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
# Each byte's value in each channel: as fast as anything NumPy has for it, some eight times as fast as arithmetic.
levels = ((np.arange(256)[:, None] / 255 - mean) / deviation).astype(np.float32)
hole, holes = 8, 8


def image(index, random):
    grey = cv2.imread(setup["images"][index], cv2.IMREAD_GRAYSCALE)
    pixels = np.take(levels, cv2.resize(grey, (side, side)), axis=0)
    if random.random_sample() < 0.5:  # coarse dropout
        for _ in range(holes):
            top, left = random.randint(0, side - hole + 1), random.randint(0, side - hole + 1)
            pixels[top : top + hole, left : left + hole] = 0
    if random.random_sample() < 0.5:  # cutout
        for _ in range(holes):
            top = max(0, random.randint(0, side + 1) - hole // 2)
            left = max(0, random.randint(0, side + 1) - hole // 2)
            pixels[top : top + hole, left : left + hole] = 0
    return pixels


def signal(index, random):
    s = setup["signals"]
    samples = np.load(s["paths"][index])
    start = random.randint(0, s["recorded"] - s["length"] + 1)
    gains = (s["unit"] * (1 + s["gain"] * random.standard_normal(s["leads"]))).astype(np.float32)
    return samples[start : start + s["length"]] * gains


class Examples(torch.utils.data.Dataset):
    def __getitems__(self, batch):
        """A batch with its seed, as the sampler gives it: draws are the batch's own, whichever process makes it."""
        seed, indices = batch
        random = np.random.RandomState(seed)
        make = image if task == "images" else signal
        return [(torch.from_numpy(make(i, random)), np.float32(1)) for i in indices]


def collate(examples):
    return torch.utils.data.default_collate(examples)


def processor_seconds(pids):
    ticks = 0
    for pid in pids:
        with open("/proc/%d/stat" % pid) as stat:
            ticks += sum(int(value) for value in stat.read().rsplit(")", 1)[1].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()


plans = [(plan["seed"], plan["indices"]) for plan in setup["plans"]]
results = {}
for workers in setup["workers"]:
    loader = torch.utils.data.DataLoader(
        Examples(),
        batch_sampler=plans,
        num_workers=workers,
        prefetch_factor=setup["prefetch"],
        persistent_workers=True,
        collate_fn=collate,
    )
    for epoch in range(setup["epochs"] + 1):
        if epoch == 1:
            pids = [worker.pid for worker in loader._iterator._workers]
            examples, started, before = 0, time.perf_counter(), processor_seconds(pids)
        for number, (inputs, _) in enumerate(loader):
            if epoch == 0 and number == 0 and save and workers == setup["workers"][0]:
                inputs.numpy().tofile(os.path.join(folder, "torch-%s.f32" % task))
            if epoch > 0:
                examples += len(inputs)
    seconds = time.perf_counter() - started
    used = processor_seconds(pids) - before
    results[workers] = {"perSecond": examples / seconds, "processorMilliseconds": 1000 * used / examples}
    del loader
print(json.dumps(results))
