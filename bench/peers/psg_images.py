"""NumPy's and Pillow's side of the bench of polysomnography images: the same drawing, on as many processes as cores.

A page of 1080 rows is filled trace by trace: each column from the highest to the lowest pixel of the line in it. Columns'
extremes come from numpy.minimum.reduceat; a group's pixels are white where their row lies between both ends; the reduction
and the PNG are Pillow's, with its defaults. Of the ways to fill a page that were tried this was the fastest: a running sum
down the columns takes twice as long, ImageDraw.line column by column six times.

Usage: psg_images.py INPUT OUTPUT. Prints {"seconds", "images"} last.
"""
import json
import math
import multiprocessing
import os
import sys
import time

import numpy as np
from PIL import Image

WIDTH, HEIGHT, REDUCTION, EPOCH_SECONDS, LINE_WIDTH = 1920, 1080, 4, 30, 2
# Rows of the published layout: group and height.
LAYOUT = [(group, 43) for group in (1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5)]
LAYOUT += [(6, 129)] + [(group, 43) for group in (7, 8, 9, 10, 11, 12, 12)] + [(13, 86), (14, 86)]


class Row:
    def __init__(self, folder, stored, top, bottom, group_top, group_bottom):
        self.samples = np.memmap(os.path.join(folder, stored["file"]), dtype="<f4", mode="r")
        self.count = EPOCH_SECONDS * stored["sampleRate"]
        self.high = stored["high"]
        self.top = top
        self.per_unit = (bottom - top) / (stored["high"] - stored["low"])
        self.group_top, self.group_bottom = group_top, group_bottom
        position = np.arange(WIDTH + 1) * self.count / WIDTH
        before = np.floor(position).astype(np.int64)
        self.fraction = position - before
        self.before = np.minimum(before, self.count - 1)
        self.after = np.minimum(before + 1, self.count - 1)
        # The first sample at or behind each edge; columns without one take their edges alone.
        self.first = np.minimum(np.ceil(position[:-1]).astype(np.int64), self.count - 1)
        self.empty = np.ceil(position[1:]) - np.ceil(position[:-1]) == 0

    def runs(self, epoch):
        y = self.samples[epoch * self.count : (epoch + 1) * self.count]
        left = y[self.before].astype(np.float64)
        edges = left + (y[self.after] - left) * self.fraction
        least, most = np.minimum.reduceat(y, self.first), np.maximum.reduceat(y, self.first)
        if self.empty.any():
            least, most = np.where(self.empty, np.inf, least), np.where(self.empty, -np.inf, most)
        least = np.minimum(np.minimum(edges[:-1], edges[1:]), least)
        most = np.maximum(np.maximum(edges[:-1], edges[1:]), most)
        above = LINE_WIDTH // 2
        highest = np.floor(self.top + (self.high - most) * self.per_unit).astype(np.int64) - above
        lowest = np.floor(self.top + (self.high - least) * self.per_unit).astype(np.int64) + LINE_WIDTH - 1 - above
        first = np.clip(highest, self.group_top, self.group_bottom)
        return first, np.maximum(np.clip(lowest, self.group_top - 1, self.group_bottom - 1) + 1, first)


def draw(rows, epoch):
    page = np.zeros((HEIGHT, WIDTH), np.uint8)
    y = np.arange(HEIGHT, dtype=np.int16)[:, np.newaxis]
    for row in rows:
        first, end = (edge.astype(np.int16) for edge in row.runs(epoch))
        group = slice(row.group_top, row.group_bottom)
        page[group] |= ((y[group] >= first) & (y[group] < end)).view(np.uint8)
    return Image.fromarray(page * np.uint8(255)).reduce(REDUCTION)


def load(folder):
    with open(os.path.join(folder, "exam.json"), encoding="utf-8") as file:
        exam = json.load(file)
    tops = np.concatenate([[0], np.cumsum([height for _, height in LAYOUT])]).tolist()
    groups = [group for group, _ in LAYOUT]
    rows = []
    for i, stored in enumerate(exam["rows"]):
        last = max(k for k, group in enumerate(groups) if group == groups[i])
        rows.append(Row(folder, stored, tops[i], tops[i + 1], tops[groups.index(groups[i])], tops[last + 1]))
    return rows, math.floor(exam["seconds"] / EPOCH_SECONDS)


def work(epoch):
    draw(ROWS, epoch).save(os.path.join(OUTPUT, f"peer_{epoch + 1:04d}.png"))


if __name__ == "__main__":
    OUTPUT = os.path.join(sys.argv[2], "peer")
    os.makedirs(OUTPUT)
    ROWS, epochs = load(sys.argv[1])
    for row in ROWS:  # ours has read its arrays before its clock starts, too
        row.samples = np.array(row.samples)
    started = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(len(os.sched_getaffinity(0))) as pool:
        for _ in pool.imap_unordered(work, range(epochs), chunksize=8):
            pass
    print(json.dumps({"seconds": time.perf_counter() - started, "images": epochs}))
