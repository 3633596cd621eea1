"""Denoising autoencoder with a sparse code: restores pictures that are noisy and have a hole."""

import argparse
import copy

import torch
import torch.nn.functional as F
from torch import nn

SIZE = 16


class SparseAutoencoder(nn.Module):
    def __init__(self, code=32):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(SIZE * SIZE, 128), nn.ReLU(), nn.Linear(128, code))
        self.decoder = nn.Sequential(nn.Linear(code, 128), nn.ReLU(), nn.Linear(128, SIZE * SIZE), nn.Sigmoid())
        self.code = None

    def forward(self, pictures):
        self.code = self.encoder(pictures)
        return self.decoder(self.code).view(-1, 1, SIZE, SIZE)


def make_blobs(count):
    """Smooth blobs at random places, values in 0..1."""
    axis = torch.linspace(0, 1, SIZE)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    centre = torch.rand(count, 2, 1, 1)
    distance = (y - centre[:, 0]) ** 2 + (x - centre[:, 1]) ** 2
    return torch.exp(-12 * distance).unsqueeze(1)


def make_holes(count, width=5):
    """One mask for each picture: 0 in a square at a random place, 1 elsewhere."""
    mask = torch.ones(1, 1, SIZE, SIZE).expand(count, 1, SIZE, SIZE)
    corners = torch.randint(SIZE - width, (count, 2)).tolist()
    for i, (top, left) in enumerate(corners):
        mask[i, 0, top : top + width, left : left + width] = 0.0
    return mask


def border_weight(width=2):
    """Errors near the border count half."""
    weight = torch.full((1, 1, SIZE, SIZE), 0.5)
    inner = weight[:, :, width:-width, width:-width]
    inner.fill_(1.0)
    return weight


def psnr(model, pictures, noise=0.1):
    with torch.no_grad():
        noisy = pictures.clone()
        noisy += noise * torch.randn_like(noisy)
        error = F.mse_loss(model(noisy), pictures)
    return (-10 * torch.log10(error)).item()


def train(args):
    model = SparseAutoencoder()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    weight = border_weight()
    held_out = make_blobs(64)
    history = []

    for step in range(args.steps):
        pictures = make_blobs(args.batch_size)
        noisy = pictures[:]
        noisy += args.noise * torch.randn_like(pictures)
        restored = model(noisy * make_holes(len(pictures)))

        reconstruction = (weight * (restored - pictures) ** 2).mean()
        sparsity = model.code.abs().mean()
        loss = reconstruction + args.sparsity * sparsity
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

        history.append((reconstruction.item(), sparsity.item()))
        if step % 50 == 49:
            mean = sum(error for error, _ in history[-50:]) / 50
            print(f"step {step + 1}: reconstruction {mean:.4f}  psnr {psnr(model, held_out):.2f} dB")
            model.train()

    final = F.mse_loss(model(held_out), held_out)
    print(f"held out: {final.item():.4f}")
    if args.export:
        exported = copy.deepcopy(model)
        torch.save(exported.half().eval(), args.export)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--noise", type=float, default=0.1)
    parser.add_argument("--sparsity", type=float, default=1e-3)
    parser.add_argument("--export", default=None, help="write a half-precision copy of the model here")
    torch.manual_seed(0)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
