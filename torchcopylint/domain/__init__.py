"""The things that travel between stages: findings, events, abstract values, the heap."""
