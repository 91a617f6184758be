"""PyTorch's side of the ResNet-50 bench: a training step (forward, backward, Adam), eager, on one batch.

Usage: resnet50.py PRECISION BATCH STEPS LAYOUT. PRECISION bfloat16 is autocast; LAYOUT is contiguous (what PyTorch does
unless told otherwise) or channels_last (PyTorch at its best on processors). As many threads as cores.
Prints {"seconds": [...], "loss": x} last.
"""
import json
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

WARM_UPS = 2


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        outputs = 4 * width
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)), inplace=True)


def resnet50(classes):
    layers = [nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)]
    layers.append(nn.MaxPool2d(3, 2, 1))
    channels = 64
    for stage, depth in enumerate([3, 4, 6, 3]):
        for i in range(depth):
            width = 64 * 2**stage
            layers.append(Bottleneck(channels, width, 2 if stage > 0 and i == 0 else 1))
            channels = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def main():
    precision, batch, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    layout = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}[sys.argv[4]]
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(0)
    classes = 1000
    model = resnet50(classes).to(memory_format=layout)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    image = torch.randn(batch, 3, 224, 224).contiguous(memory_format=layout)
    labels = torch.randint(0, classes, (batch,))
    seconds = []
    for step in range(WARM_UPS + steps):
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            loss = F.cross_entropy(model(image), labels)
        adam.zero_grad()
        loss.backward()
        adam.step()
        value = loss.item()
        if step >= WARM_UPS:
            seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "loss": value}))


main()
