"""Peer of checkpoint.bench.ts: checkpoint.py FOLDER WRITES HOW. torch.save of a ResNet-50 with Adam's state.

HOW: durable (a temporary file, flushed to the disk, then renamed: what ours guarantees) or plain (torch.save to the name).
Prints {"write": [...], "read": [...], "bytes": n, "values": n} as its last line.
"""

import json
import os
import sys
import time

import timm
import torch

folder, writes, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.makedirs(folder, exist_ok=True)
path = os.path.join(folder, "checkpoint.pt")
model = timm.create_model("resnet50", num_classes=1000)
optimizer = torch.optim.Adam(model.parameters())
for parameter in model.parameters():
    parameter.grad = torch.full_like(parameter, 0.5)
optimizer.step()
first = next(model.parameters())


def save(step):
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
    if how == "plain":
        torch.save(state, path)
        return
    with open(path + ".tmp", "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".tmp", path)


write, read, values = [], [], 0
for i in range(writes + 1):
    with torch.no_grad():
        first.fill_(i)
    started = time.perf_counter()
    save(i)
    written = time.perf_counter()
    saved = torch.load(path, weights_only=True)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    done = time.perf_counter()
    assert saved["step"] == i and first.flatten()[0].item() == i
    # without the counters, which ours does not keep as tensors
    tensors = [t for name, t in saved["model"].items() if not name.endswith("num_batches_tracked")]
    for slots in saved["optimizer"]["state"].values():
        tensors += [slots["exp_avg"], slots["exp_avg_sq"]]
    values = sum(t.numel() for t in tensors)
    if i > 0:
        write.append(written - started)
        read.append(done - written)
size = os.path.getsize(path)
print(json.dumps({"write": write, "read": read, "bytes": size, "values": values}))
