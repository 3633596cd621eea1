"""Character language model: an LSTM trained with truncated backpropagation through time."""

import argparse
import math

import torch
from torch import nn

FIRST = "the cat sat on the mat and the dog sat on the log while the rat ran from the cat to the dog "
SECOND = "a log and a mat are not on the rat the dog and the cat are not at home on the other hand "


class CharLM(nn.Module):
    def __init__(self, vocabulary, width=48):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, width, num_layers=2, dropout=0.1)
        self.decoder = nn.Linear(width, vocabulary)
        self.width = width

    def forward(self, tokens, state):
        hidden, state = self.lstm(self.embedding(tokens), state)
        return self.decoder(hidden), state

    def initial_state(self, batch_size):
        zeros = torch.zeros(2, batch_size, self.width)
        return zeros, zeros.clone()


def encode(text, alphabet):
    return torch.tensor([alphabet.index(letter) for letter in text])


def columns(tokens, batch_size):
    """Lay the stream of tokens out as batch_size columns."""
    length = len(tokens) // batch_size
    return tokens[: length * batch_size].view(batch_size, length).t().contiguous()


def repackage(state):
    """The same values, cut off from the batches before."""
    return tuple(part.detach() for part in state)


def run_epoch(model, data, optimizer, window=16):
    """One pass over the data; the mean loss of a window."""
    criterion = nn.CrossEntropyLoss()
    state = model.initial_state(data.size(1))
    losses = []
    model.train()
    for start in range(0, len(data) - 1, window):
        stop = min(start + window, len(data) - 1)
        inputs, targets = data[start:stop], data[start + 1 : stop + 1]
        state = repackage(state)
        logits, state = model(inputs, state)
        loss = criterion(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        losses.append(loss)
    return torch.stack(losses).mean().item()


@torch.no_grad()
def generate(model, alphabet, length=40, temperature=0.7):
    model.eval()
    state = model.initial_state(1)
    token, letters = torch.zeros(1, 1, dtype=torch.long), []
    for _ in range(length):
        logits, state = model(token, state)
        probabilities = (logits[0, 0] / temperature).softmax(dim=0)
        token.fill_(torch.multinomial(probabilities, 1).item())
        letters.append(alphabet[token.item()])
    return "".join(letters)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()

    torch.manual_seed(0)
    alphabet = sorted(set(FIRST + SECOND))
    first = columns(encode(FIRST * 12, alphabet), args.batch_size)
    second = columns(encode(SECOND * 12, alphabet), args.batch_size)
    first.to(args.device)
    second = second.to(args.device)

    model = CharLM(len(alphabet))
    model.to(args.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(args.epochs):
        loss = run_epoch(model, first, optimizer)
        print(f"epoch {epoch}: loss {loss:.3f}  perplexity {math.exp(loss):.2f}")
    print("sample:", generate(model, alphabet))

    # The second text keeps what was learned about the letters, but starts with a fresh decoder.
    model.decoder = nn.Linear(model.width, len(alphabet)).to(args.device)
    for epoch in range(args.epochs // 2):
        print(f"second text, epoch {epoch}: loss {run_epoch(model, second, optimizer):.3f}")


if __name__ == "__main__":
    main()
