"""PyTorch's side of the bench of models: eager, as many threads as cores; the image models are timm's.

Usage: models.py JOB MODE [STEPS | FILE]. JOB is the row of the list in JSON (shapes are channels last, without the batch).
  train, infer   times STEPS calls after two to warm up: {"seconds": [...], "processor": [...], "loss": x}
  check          writes weights, inputs and target into FILE, and prints what they give: {"logits", "losses"}
The other networks are built here from the layer tables of their publications, as the project's are.
"""
import json
import math
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

WARM_UPS = 2


def conv1d(inputs, outputs, kernel, stride=1):
    return nn.Conv1d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False)


class StripBlock(nn.Module):
    """Filters 1 wide (2 where it halves the width), 3 wide and 1 wide."""

    def __init__(self, inputs, middle, outputs, halves):
        super().__init__()
        entry = {"kernel_size": (1, 2), "stride": (1, 2)} if halves else {"kernel_size": 1}
        self.conv1, self.bn1 = nn.Conv2d(inputs, middle, **entry), nn.BatchNorm2d(middle)
        self.conv2, self.bn2 = nn.Conv2d(middle, middle, (1, 3), padding=(0, 1)), nn.BatchNorm2d(middle)
        self.conv3, self.bn3 = nn.Conv2d(middle, outputs, 1), nn.BatchNorm2d(outputs)
        if halves:
            self.down_conv, self.down_bn = nn.Conv2d(inputs, outputs, **entry), nn.BatchNorm2d(outputs)
        self.halves = halves

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        around = self.down_bn(self.down_conv(x)) if self.halves else x
        return F.relu(self.bn3(self.conv3(y)) + around)


class StripFilters(nn.Module):
    def __init__(self, height, rate):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 64, (height, 3), padding=(0, 1)), nn.BatchNorm2d(64)
        channels = 64
        for stage, (middle, outputs, blocks) in enumerate([(16, 64, 3), (16, 64, 4), (32, 128, 6), (32, 128, 3)], 2):
            built = [StripBlock(channels if i == 0 else outputs, middle, outputs, i == 0) for i in range(blocks)]
            self.add_module(f"stage{stage}", nn.Sequential(*built))
            channels = outputs
        self.dropout = nn.Dropout(rate)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.dropout(self.stage5(self.stage4(self.stage3(self.stage2(x)))))


class Strip(nn.Module):
    """Slices of 400 columns every 380 columns, each through the same filters; two LSTMs; the last step is read."""

    def __init__(self, height, classes, dropout=0.5):
        super().__init__()
        self.cnn = StripFilters(height, dropout)
        self.lstm1 = nn.LSTM(128, 128, bidirectional=True, batch_first=True)
        self.lstm2 = nn.LSTM(256, 128, bidirectional=True, batch_first=True)
        self.classifier = nn.Linear(256, classes)

    def forward(self, image):
        slices = [self.cnn(image[..., at : at + 400]) for at in range(0, image.shape[-1] - 399, 380)]
        sequence = torch.cat(slices, 3).squeeze(2).transpose(1, 2)
        return self.classifier(self.lstm2(self.lstm1(sequence)[0])[0][:, -1])


class EcgBlock(nn.Module):
    """Filters of 7, 11 (with the stride) and 7 taps."""

    def __init__(self, inputs, width, stride, rate):
        super().__init__()
        self.conv1, self.bn1 = conv1d(inputs, width, 7), nn.BatchNorm1d(width)
        self.conv2, self.bn2 = conv1d(width, width, 11, stride), nn.BatchNorm1d(width)
        self.conv3, self.bn3 = conv1d(width, 4 * width, 7), nn.BatchNorm1d(4 * width)
        self.relu, self.dropout = nn.ReLU(inplace=True), nn.Dropout(rate)
        same = stride == 1 and inputs == 4 * width
        around = [] if same else [conv1d(inputs, 4 * width, 1, stride), nn.BatchNorm1d(4 * width)]
        self.downsample = nn.Sequential(*around)

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.dropout(self.relu(self.bn2(self.conv2(y))))
        return self.relu(self.bn3(self.conv3(y)) + self.downsample(x))


class Ecg(nn.Module):
    def __init__(self, classes, dropout=0.2):
        super().__init__()
        self.conv1, self.bn1 = conv1d(8, 64, 15, 2), nn.BatchNorm1d(64)
        channels = 64
        for stage, blocks in enumerate([3, 4, 6, 3]):
            width, built = 64 * 2**stage, []
            for i in range(blocks):
                built.append(EcgBlock(channels, width, 2 if stage > 0 and i == 0 else 1, dropout))
                channels = 4 * width
            self.add_module(f"layer{stage + 1}", nn.Sequential(*built))
        self.fc = nn.Linear(channels + 11, classes)

    def forward(self, signal, age, sex):
        x = F.max_pool1d(F.relu(self.bn1(self.conv1(signal)), inplace=True), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.cat([x.mean(2), age, sex], 1))


class Causal(nn.Conv1d):
    def forward(self, x):
        return super().forward(F.pad(x, (self.kernel_size[0] - 1, 0)))


class DeviationNorm(nn.Module):
    """By the unbiased standard deviation, to which epsilon is added."""

    def __init__(self, features):
        super().__init__()
        self.a_2, self.b_2 = nn.Parameter(torch.ones(features)), nn.Parameter(torch.zeros(features))

    def forward(self, x):
        deviation, mean = torch.std_mean(x, -1, keepdim=True)
        return self.a_2 * (x - mean) / (deviation + 1e-6) + self.b_2


def tree(**children):
    """A place in the tree of names."""
    place = nn.Module()
    for name, child in children.items():
        place.add_module(name, child)
    return place


class Recalibration(nn.Module):
    def __init__(self, inputs, channels):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(inputs, channels, 1), nn.BatchNorm1d(channels)
        self.conv2, self.bn2 = nn.Conv1d(channels, channels, 1), nn.BatchNorm1d(channels)
        squeeze = nn.Linear(channels, channels // 16, bias=False)
        excite = nn.Linear(channels // 16, channels, bias=False)
        self.se = tree(fc=nn.Sequential(squeeze, nn.ReLU(), excite, nn.Sigmoid()))
        self.downsample = nn.Sequential(nn.Conv1d(inputs, channels, 1, bias=False), nn.BatchNorm1d(channels))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y * self.se.fc(y.mean(2)).unsqueeze(2) + self.downsample(x))


class Encoder(nn.Module):
    """Attention of 30 tokens, asked by the un-normalised query, and a perceptron. Two of its layers are never used."""

    def __init__(self, width, rate, heads=5, tokens=30, hidden=120):
        super().__init__()
        causal = [Causal(tokens, tokens, 7) for _ in range(4)]
        self.self_attn = tree(convs=nn.ModuleList(causal[:3]), linear=nn.Linear(width, width))
        self.feed_forward = tree(w_1=nn.Linear(width, hidden), w_2=nn.Linear(hidden, width))
        self.sublayer_output = nn.ModuleList([tree(norm=DeviationNorm(width)) for _ in range(2)])
        self.conv, self.dropout, self.heads = causal[3], nn.Dropout(rate), heads

    def forward(self, x):
        query = self.conv(x)
        _, keys, values = self.self_attn.convs
        q, k, v = (t.unflatten(2, (self.heads, -1)).transpose(1, 2) for t in (query, keys(x), values(x)))
        weights = self.dropout(F.softmax(q @ k.transpose(2, 3) / math.sqrt(q.shape[3]), 3))
        joined = (weights @ v).transpose(1, 2).flatten(2)
        y = query + self.dropout(self.self_attn.linear(joined))
        inner = F.relu(self.feed_forward.w_1(self.sublayer_output[1].norm(y)))
        return y + self.dropout(self.feed_forward.w_2(self.dropout(inner)))


def filter_branch(first, first_pool, later, last_pool, rate):
    def unit(inputs, outputs, kernel, stride, padding):
        filters = nn.Conv1d(inputs, outputs, kernel, stride, padding, bias=False)
        return [filters, nn.BatchNorm1d(outputs), nn.GELU()]

    kernel, padding = later
    return nn.Sequential(
        *unit(1, 64, *first),
        *[nn.MaxPool1d(*first_pool), nn.Dropout(rate)],
        *unit(64, 128, kernel, 1, padding),
        *unit(128, 128, kernel, 1, padding),
        nn.MaxPool1d(*last_pool),
    )


class AttnSleep(nn.Module):
    def __init__(self, classes, dropout=0.5, attentionDropout=0.1):
        super().__init__()
        short = filter_branch((50, 6, 24), (8, 2, 4), (8, 4), (4, 4, 2), dropout)
        long = filter_branch((400, 50, 200), (4, 2, 2), (7, 3), (2, 2, 1), dropout)
        self.mrcnn = tree(features1=short, features2=long, AFR=nn.Sequential(Recalibration(128, 30)))
        encoders = nn.ModuleList([Encoder(80, attentionDropout) for _ in range(2)])
        self.tce = tree(layers=encoders, norm=DeviationNorm(80))
        self.dropout, self.fc = nn.Dropout(dropout), nn.Linear(30 * 80, classes)

    def forward(self, signal):
        joined = torch.cat([self.mrcnn.features1(signal), self.mrcnn.features2(signal)], 2)
        x = self.mrcnn.AFR(self.dropout(joined))
        for encode in self.tce.layers:
            x = encode(x)
        return self.fc(self.tce.norm(x).flatten(1))


def build(job, still):
    name, options = job["model"], {**job["options"], **(job["still"] if still else {})}
    options["classes"] = job["classes"]
    if name == "iitnet_strip":
        return Strip(**options)
    if name == "ecg_resnet50":
        return Ecg(**options)
    if name == "attnsleep":
        return AttnSleep(**options)
    import timm

    # Ours drops paths by 0.1 in TinyViT as published, in the others not at all.
    rate = options.get("dropPath", 0.1 if name.startswith("tiny_vit") else 0.0)
    channels = options.get("channels", 3)
    return timm.create_model(name, num_classes=job["classes"], in_chans=channels, drop_path_rate=rate)


def move_off_first_values(model):
    """Some scales start at 0: such branches would not be compared. Statistics take values of a running network."""
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.ndim == 1:
                noise = torch.rand_like(tensor) - 0.5
                scale = name.endswith(("weight", "running_var", "a_2"))
                tensor.copy_(0.8 + 0.4 * noise if scale else 0.2 * noise)


def make_inputs(job):
    inputs = {name: torch.randn(job["batch"], *shape) for name, shape in job["shapes"].items()}
    if job["loss"] == "sigmoid":
        return inputs, torch.randint(0, 2, (job["batch"], job["classes"])).float()
    return inputs, torch.randint(0, job["classes"], (job["batch"],))


def channels_first(inputs):
    """[batch, ..., channels] to [batch, channels, ...], in the order of the arguments."""
    return [x.movedim(-1, 1).contiguous() for x in inputs.values()]


def training_step(model, job):
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_of = F.cross_entropy if job["loss"] == "softmax" else F.binary_cross_entropy_with_logits

    def step(inputs, target):
        loss = loss_of(model(*inputs), target)
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss.item()

    return step


def measure(job, mode, steps):
    model = build(job, still=False)
    inputs, target = make_inputs(job)
    inputs, seconds, processor = channels_first(inputs), [], []
    train = training_step(model, job)
    model.train(mode == "train")
    for step in range(WARM_UPS + steps):
        start, before = time.perf_counter(), time.process_time()
        if mode == "train":
            value = train(inputs, target)
        else:
            with torch.inference_mode():
                value = model(*inputs).flatten()[0].item()
        if step >= WARM_UPS:
            seconds.append(time.perf_counter() - start)
            processor.append(time.process_time() - before)
    return {"seconds": seconds, "processor": processor, "loss": value}


def check(job, file):
    from safetensors.torch import save_file

    model = build(job, still=True)
    move_off_first_values(model)
    inputs, target = make_inputs(job)
    tensors = {f"weight {name}": tensor.clone() for name, tensor in model.state_dict().items()}
    tensors.update({f"input {name}": tensor for name, tensor in inputs.items()})
    one_hot = target if job["loss"] == "sigmoid" else F.one_hot(target, job["classes"]).float()
    save_file({**tensors, "target": one_hot}, file)
    inputs = channels_first(inputs)
    with torch.inference_mode():
        logits = model.eval()(*inputs).flatten().tolist()
    train = training_step(model.train(), job)
    return {"logits": logits, "losses": [train(inputs, target) for _ in range(2)]}


def main():
    job, mode = json.loads(sys.argv[1]), sys.argv[2]
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(0)
    print(json.dumps(check(job, sys.argv[3]) if mode == "check" else measure(job, mode, int(sys.argv[3]))))


main()
