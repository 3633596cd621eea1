"""Image classifier on synthetic pictures, with class weights and early stopping."""

import argparse

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


class ConvNet(nn.Module):
    def __init__(self, classes=4):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
        )
        self.head = nn.Linear(16, classes)
        self.reset_head()

    def reset_head(self):
        nn.init.normal_(self.head.weight, std=0.01)
        self.head.bias.data.zero_()

    def forward(self, x):
        x = self.features(x)
        return self.head(x.flatten(1))


def make_pictures(count, size=16, classes=4):
    """Noise with one bright quarter; which quarter is the label."""
    pictures = 0.6 * torch.rand(count, 1, size, size)
    labels = torch.randint(classes, (count,))
    half = size // 2
    for i, label in enumerate(labels.tolist()):
        row, column = divmod(label, 2)
        pictures[i, :, row * half : (row + 1) * half, column * half : (column + 1) * half] += 0.4
    return pictures, labels


def class_weights(labels, classes=4):
    counts = torch.bincount(labels, minlength=classes)
    weights = counts.sum() / (classes * counts.clamp(min=1))
    return torch.tensor(weights, dtype=torch.float32)


def evaluate(model, loader):
    model.eval()
    total_loss, correct, seen = 0.0, 0, 0
    with torch.no_grad():
        for pictures, labels in loader:
            logits = model(pictures)
            total_loss += F.cross_entropy(logits, labels, reduction="sum")
            correct += (logits.argmax(1) == labels).sum().item()
            seen += len(labels)
    return float(total_loss) / seen, correct / seen


def train(model, train_loader, val_loader, weights, args):
    optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.5)
    best_loss, best_state, waited = float("inf"), None, 0

    for epoch in range(args.epochs):
        model.train()
        running_loss, seen = 0.0, 0
        for pictures, labels in train_loader:
            loss = F.cross_entropy(model(pictures), labels, weight=weights)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            running_loss += loss * len(labels)
            seen += len(labels)
        scheduler.step()

        val_loss, accuracy = evaluate(model, val_loader)
        print(f"epoch {epoch}: train {running_loss / seen:.4f}  val {val_loss:.4f}  accuracy {accuracy:.3f}")
        if val_loss < best_loss:
            best_loss, waited = val_loss, 0
            best_state = model.state_dict()
        else:
            waited += 1
            if waited >= args.patience:
                print(f"no better for {waited} epochs, stopping")
                break

    if best_state is not None:
        model.load_state_dict(best_state)
    return best_loss


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--patience", type=int, default=2)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--save", default=None, help="where to write the best weights")
    args = parser.parse_args()

    torch.manual_seed(0)
    train_pictures, train_labels = make_pictures(512)
    train_loader = DataLoader(TensorDataset(train_pictures, train_labels), batch_size=32, shuffle=True)
    val_loader = DataLoader(TensorDataset(*make_pictures(128)), batch_size=64)

    model = ConvNet()
    best_loss = train(model, train_loader, val_loader, class_weights(train_labels), args)
    print(f"best validation loss {best_loss:.4f}, of the restored weights {evaluate(model, val_loader)[0]:.4f}")
    if args.save:
        torch.save(model.state_dict(), args.save)


if __name__ == "__main__":
    main()
