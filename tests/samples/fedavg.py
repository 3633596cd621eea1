"""Federated averaging: a shared body, one personal head for each client, clients with different data."""

from copy import deepcopy

import torch
import torch.nn as nn
import torch.nn.functional as F

CLIENTS = 4
CLASSES = 3
FEATURES = 10


def make_clients(samples=96):
    """Each client sees the same classes, shifted its own way."""
    centres = 2.0 * torch.randn(CLASSES, FEATURES)
    clients = []
    for _ in range(CLIENTS):
        labels = torch.randint(CLASSES, (samples,))
        shift = 0.5 * torch.randn(FEATURES)
        inputs = centres[labels] + shift + torch.randn(samples, FEATURES)
        clients.append((inputs, labels))
    return clients


def make_body(width=16):
    return nn.Sequential(nn.Linear(FEATURES, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, width), nn.ReLU())


def local_training(body, head, inputs, labels, epochs=2, batch_size=16):
    """Train body and head on one client's data; how many samples it has."""
    body.train()
    optimizer = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.05, momentum=0.9)
    for _ in range(epochs):
        for picked in torch.randperm(len(inputs)).split(batch_size):
            loss = F.cross_entropy(head(body(inputs[picked])), labels[picked])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return len(inputs)


def weighted_average(states, sizes):
    """The mean of the clients' states, weighted by their numbers of samples."""
    total = sum(sizes)
    average = deepcopy(states[0])
    for key in average:
        if average[key].is_floating_point():
            average[key].mul_(sizes[0] / total)
            for state, size in zip(states[1:], sizes[1:]):
                average[key] += state[key] * (size / total)
    return average


def federated_round(body, heads, clients):
    """One round: every client starts from the same body, the server averages what they made of it."""
    start = body.state_dict().copy()
    states, sizes = [], []
    for head, (inputs, labels) in zip(heads, clients):
        body.load_state_dict(start)
        sizes.append(local_training(body, head, inputs, labels))
        states.append(deepcopy(body.state_dict()))
    body.load_state_dict(weighted_average(states, sizes))


@torch.no_grad()
def accuracy(body, heads, clients):
    body.eval()
    correct, seen = 0, 0
    for head, (inputs, labels) in zip(heads, clients):
        correct += (head(body(inputs)).argmax(1) == labels).sum().item()
        seen += len(labels)
    return correct / seen


def main():
    torch.manual_seed(0)
    clients = make_clients()
    body = make_body()
    heads = [nn.Linear(16, CLASSES)] * CLIENTS

    best_accuracy, best_body = 0.0, deepcopy(body.state_dict())
    for number in range(6):
        federated_round(body, heads, clients)
        reached = accuracy(body, heads, clients)
        print(f"round {number}: accuracy {reached:.3f}")
        if reached > best_accuracy:
            best_accuracy = reached
            best_body = {name: value.detach().clone() for name, value in body.state_dict().items()}
    body.load_state_dict(best_body)
    print(f"best accuracy {best_accuracy:.3f}")


if __name__ == "__main__":
    main()
