"""Semi-supervised learning with a mean teacher, and distillation of the teacher into a smaller network."""

import argparse
import copy

import torch as th
import torch.nn.functional as F
from torch import nn

FEATURES, CLASSES = 12, 3


def make_data(labelled=60, unlabelled=600):
    """A few labelled points and many without a label, from the same three clouds."""
    centres = 1.5 * th.randn(CLASSES, FEATURES)
    labels = th.randint(CLASSES, (labelled + unlabelled,))
    points = centres[labels] + th.randn(len(labels), FEATURES)
    return points[:labelled], labels[:labelled], points[labelled:], labels[labelled:]


def make_network(width=64):
    return nn.Sequential(nn.Linear(FEATURES, width), nn.ReLU(), nn.Dropout(0.1), nn.Linear(width, CLASSES))


def ramp_up(step, length):
    return min(1.0, step / length)


def accuracy(network, points, labels):
    network.eval()
    with th.no_grad():
        right = (network(points).argmax(1) == labels).float().mean().item()
    network.train()
    return right


def train_teacher(points, labels, unlabelled, truth, args):
    """The best averaged network; the student learns from labels and from agreeing with itself under noise."""
    student = make_network()
    teacher = copy.deepcopy(student)
    teacher.requires_grad_(False)
    optimizer = th.optim.Adam(student.parameters(), lr=3e-3)
    best, best_state = 0.0, copy.deepcopy(teacher.state_dict())

    for step in range(args.steps):
        picked = th.randint(len(unlabelled), (64,))
        clean = unlabelled[picked]
        noisy = clean + 0.3 * th.randn_like(clean)

        supervised = F.cross_entropy(student(points), labels)
        target = student(clean).softmax(dim=1).clone()
        consistency = F.mse_loss(student(noisy).softmax(dim=1), target)
        loss = supervised + ramp_up(step, args.steps) * consistency
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        averaged = copy.deepcopy(student).requires_grad_(False)
        with th.no_grad():
            for new, old in zip(averaged.parameters(), teacher.parameters()):
                new.lerp_(old, args.decay)
        teacher = averaged

        if step % 50 == 49:
            reached = accuracy(teacher, unlabelled, truth)
            print(f"step {step + 1}: loss {loss.item():.3f}  teacher {reached:.3f}")
            if reached > best:
                best, best_state = reached, copy.deepcopy(teacher.state_dict())

    teacher.load_state_dict(best_state)
    return teacher.eval()


def distill(teacher, points, args, temperature=2.0):
    """A narrow network that imitates the teacher's softened predictions."""
    small = make_network(width=16)
    optimizer = th.optim.Adam(small.parameters(), lr=1e-2)
    with th.no_grad():
        soft_targets = (teacher(points) / temperature).softmax(dim=1)
    for _ in range(args.steps):
        picked = th.randint(len(points), (64,))
        log_probabilities = F.log_softmax(small(points[picked]) / temperature, dim=1)
        loss = temperature**2 * F.kl_div(log_probabilities, soft_targets[picked], reduction="batchmean")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return small


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--decay", type=float, default=0.95)
    args = parser.parse_args()

    th.manual_seed(0)
    points, labels, unlabelled, truth = make_data()
    teacher = train_teacher(points, labels, unlabelled, truth, args)
    small = distill(teacher, unlabelled, args)
    print(f"teacher {accuracy(teacher, unlabelled, truth):.3f}  distilled {accuracy(small, unlabelled, truth):.3f}")


if __name__ == "__main__":
    main()
