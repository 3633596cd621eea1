"""Segmentation of synthetic scenes: data set, transforms, a loss that leaves unlabelled pixels out."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

UNLABELLED = 255


class Scenes(Dataset[tuple[Tensor, Tensor]]):
    """Discs on a noisy ground; a few pixels of each label map are not labelled."""

    def __init__(self, count: int, size: int = 24, exposure: float = 0.2, train: bool = True) -> None:
        axis = torch.arange(size, dtype=torch.float32)
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        centre = size * torch.rand(count, 2, 1, 1)
        radius = 3 + 4 * torch.rand(count, 1, 1)
        inside = (y - centre[:, 0]) ** 2 + (x - centre[:, 1]) ** 2 < radius**2
        self.images = (0.3 * torch.rand(count, size, size) + 0.5 * inside).unsqueeze(1)
        self.labels = inside.long()
        self.labels[torch.rand(count, size, size) < 0.05] = UNLABELLED
        self.exposure = exposure
        self.train = train

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        image, label = self.images[index], self.labels[index]
        if self.train:
            image += self.exposure * (torch.rand(1) - 0.5)
            image, label = random_flip(image, label)
        return image, label


def random_flip(image: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
    if torch.rand(1) < 0.5:
        image, label = image.flip(-1), label.flip(-1)
    return image, label


class RandomErase:
    """Blank a rectangle of every image of a batch, as wide as it is high."""

    def __init__(self, width: int, chance: float = 0.5) -> None:
        self.width = width
        self.chance = chance

    def __call__(self, images: Tensor) -> Tensor:
        images = images.clone()
        size = images.size(-1)
        for image in images:
            if torch.rand(1) < self.chance:
                top, left = torch.randint(size - self.width, (2,)).tolist()
                image[:, top : top + self.width, left : left + self.width] = 0.0
        return images


class TinyUNet(nn.Module):
    def __init__(self, width: int = 8, classes: int = 2) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(1, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())
        self.bottom = nn.Sequential(nn.Conv2d(width, 2 * width, 3, padding=1), nn.ReLU())
        self.up = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.down(x)
        deep = self.bottom(F.max_pool2d(skip, 2))
        merged = self.up(deep)
        merged = merged + skip
        logits: Tensor = self.head(F.relu(merged))
        return logits


def dice_loss(logits: Tensor, labels: Tensor, smooth: float = 1.0) -> Tensor:
    """One minus the overlap of prediction and label, over the labelled pixels."""
    valid = labels != UNLABELLED
    labels[~valid] = 0
    truth = F.one_hot(labels, logits.size(1)).permute(0, 3, 1, 2).float()
    predicted = logits.softmax(dim=1) * valid.unsqueeze(1)
    truth = truth * valid.unsqueeze(1)
    overlap = (predicted * truth).sum(dim=(0, 2, 3))
    total = predicted.sum(dim=(0, 2, 3)) + truth.sum(dim=(0, 2, 3))
    return 1 - ((2 * overlap + smooth) / (total + smooth)).mean()


def train_epoch(model: nn.Module, loader: DataLoader[tuple[Tensor, Tensor]], optimizer: torch.optim.Optimizer) -> float:
    erase = RandomErase(width=6)
    model.train()
    total = 0.0
    for images, labels in loader:
        logits = model(erase(images))
        dice = dice_loss(logits, labels)
        loss = dice + F.cross_entropy(logits, labels, ignore_index=UNLABELLED)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def intersection_over_union(model: nn.Module, data: Scenes) -> float:
    model.eval()
    predicted = model(data.images).argmax(dim=1)
    predicted[data.labels == UNLABELLED] = UNLABELLED
    disc, truth = predicted == 1, data.labels == 1
    return float((disc & truth).sum() / (disc | truth).sum())


def main() -> None:
    torch.manual_seed(0)
    train, held_out = Scenes(192), Scenes(48, train=False)
    loader = DataLoader(train, batch_size=16, shuffle=True)
    model = TinyUNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(5):
        loss = train_epoch(model, loader, optimizer)
        print(f"epoch {epoch}: loss {loss:.3f}  overlap {intersection_over_union(model, held_out):.3f}")


if __name__ == "__main__":
    main()
