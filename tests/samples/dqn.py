"""Deep Q-learning on a corridor: walk right to the end for a reward, every step costs a little."""

import random
from collections import deque

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Corridor:
    def __init__(self, length: int = 8) -> None:
        self.length = length
        self.position = 0

    def observe(self) -> Tensor:
        return F.one_hot(torch.tensor(self.position), self.length).float()

    def reset(self) -> Tensor:
        self.position = 0
        return self.observe()

    def step(self, action: int) -> tuple[Tensor, float, bool]:
        self.position = max(0, self.position + (1 if action == 1 else -1))
        done = self.position == self.length - 1
        return self.observe(), 1.0 if done else -0.01, done


class ReplayBuffer:
    """A ring of transitions in tensors that are allocated once."""

    def __init__(self, capacity: int, width: int) -> None:
        self.states = torch.zeros(capacity, width)
        self.next_states = torch.zeros(capacity, width)
        self.actions = torch.zeros(capacity, dtype=torch.long)
        self.rewards = torch.zeros(capacity)
        self.dones = torch.zeros(capacity)
        self.capacity = capacity
        self.added = 0

    def add(self, state: Tensor, action: int, reward: float, next_state: Tensor, done: bool) -> None:
        slot = self.added % self.capacity
        self.states[slot] = state
        self.next_states[slot].copy_(next_state)
        self.actions[slot] = action
        self.rewards[slot] = reward
        self.dones[slot] = float(done)
        self.added += 1

    def sample(self, batch_size: int) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        picked = torch.randint(min(self.added, self.capacity), (batch_size,))
        states, next_states = self.states[picked], self.next_states[picked]
        return states, self.actions[picked], self.rewards[picked], next_states, self.dones[picked]


class QNetwork(nn.Module):
    def __init__(self, width: int, actions: int = 2, hidden: int = 32) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, actions))

    def forward(self, state: Tensor) -> Tensor:
        values: Tensor = self.layers(state)
        return values


class Agent:
    def __init__(self, width: int, gamma: float = 0.95, lr: float = 3e-3) -> None:
        self.gamma = gamma
        self.online = QNetwork(width)
        self.target = self.online
        self.optimizer = torch.optim.Adam(self.online.parameters(), lr=lr)

    @torch.no_grad()
    def act(self, state: Tensor, epsilon: float) -> int:
        if random.random() < epsilon:
            return random.randrange(2)
        return int(self.online(state).argmax())

    def learn(self, batch: tuple[Tensor, Tensor, Tensor, Tensor, Tensor]) -> float:
        states, actions, rewards, next_states, dones = batch
        values = self.online(states).gather(1, actions.unsqueeze(1)).squeeze(1)
        with torch.no_grad():
            next_values = self.target(next_states).max(dim=1).values
            next_values[dones > 0.5].zero_()
            wanted = rewards + self.gamma * next_values
        loss = F.smooth_l1_loss(values, wanted)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def sync_target(self) -> None:
        self.target.load_state_dict(self.online.state_dict())


def main() -> None:
    random.seed(0)
    torch.manual_seed(0)
    env = Corridor()
    agent = Agent(env.length)
    buffer = ReplayBuffer(2000, env.length)
    returns: deque[float] = deque(maxlen=20)
    losses: list[float] = []

    for episode in range(60):
        state, total, epsilon = env.reset(), 0.0, max(0.05, 0.9**episode)
        for _ in range(60):
            action = agent.act(state, epsilon)
            next_state, reward, done = env.step(action)
            buffer.add(state, action, reward, next_state, done)
            state, total = next_state, total + reward
            if buffer.added >= 64:
                losses.append(agent.learn(buffer.sample(32)))
            if done:
                break
        returns.append(total)
        if episode % 5 == 0:
            agent.sync_target()
        if episode % 20 == 19:
            mean_loss = sum(losses[-100:]) / len(losses[-100:])
            print(f"episode {episode}: mean return {sum(returns) / len(returns):.3f}  loss {mean_loss:.4f}")


if __name__ == "__main__":
    main()
