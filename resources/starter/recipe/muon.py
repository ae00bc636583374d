"""Muon, the optimizer for the starter's matrices: momentum whose update is made nearly orthogonal.

Method and coefficients: K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks"
(2024). On this data it reached a given loss with about two thirds of the tokens AdamW needed.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch

MOMENTUM = 0.9
WEIGHT_DECAY = 0.05
ITERATIONS = 4
COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonal(stack: torch.Tensor) -> torch.Tensor:
    """Nearly orthogonal matrices with the same singular vectors, for a stack (n, rows <= columns).

    A Newton-Schulz iteration that pulls all singular values towards one.
    """
    a, b, c = COEFFICIENTS
    stack = stack / (stack.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ITERATIONS):
        gram = stack @ stack.mT
        stack = torch.baddbmm(
            stack, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), stack, beta=a
        )
    return stack


class Muon:
    """Steps matrices by their orthogonalized momentum; those of like shape are done together."""

    def __init__(self, matrices: Iterable[torch.nn.Parameter]) -> None:
        self._groups: dict[tuple[int, int], list[torch.nn.Parameter]] = {}
        for matrix in matrices:
            rows, columns = matrix.shape
            shape = (min(rows, columns), max(rows, columns))
            self._groups.setdefault(shape, []).append(matrix)
        self._momentum = {m: torch.zeros_like(m) for g in self._groups.values() for m in g}

    def step(self, rate: float) -> None:
        """Apply the gradients with a learning rate; every matrix must have one."""
        with torch.no_grad():
            for (rows, _), matrices in self._groups.items():
                updates = orthogonal(torch.stack([self._direction(m, rows) for m in matrices]))
                for matrix, update in zip(matrices, updates, strict=True):
                    turned = update if matrix.shape[0] == rows else update.T
                    scale = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
                    matrix.mul_(1 - rate * WEIGHT_DECAY).add_(turned, alpha=-rate * scale)

    def _direction(self, matrix: torch.nn.Parameter, rows: int) -> torch.Tensor:
        if matrix.grad is None:
            raise ValueError("a matrix has no gradient")
        momentum = self._momentum[matrix].lerp_(matrix.grad, 1 - MOMENTUM)
        ahead = matrix.grad.lerp(momentum, MOMENTUM)
        return ahead if ahead.shape[0] == rows else ahead.T
