"""What PyTorch needs to run the programs as they are: NumPy's spelling of its functions."""

from __future__ import annotations

from typing import Any

import torch

torch.set_default_dtype(torch.float64)


class Namespace:
    """`torch`, in the place of `np` and of `math`."""

    def __getattr__(self, name: str) -> Any:
        return getattr(torch, name)

    @staticmethod
    def max(x, axis, keepdims=False):
        return torch.amax(x, dim=axis, keepdim=keepdims)

    @staticmethod
    def squeeze(x, axis):
        return torch.squeeze(x, dim=axis)

    @staticmethod
    def array(parts):
        return torch.stack(parts)

    @staticmethod
    def concatenate(parts, axis=0):
        return torch.cat(parts, dim=axis)


def lstm(W, U, b, X):
    n = U.shape[0]
    h = torch.zeros((X.shape[1], n))
    c = torch.zeros((X.shape[1], n))
    for x in X:
        i, f, o, g = (x @ W + h @ U + b).split(n, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    return torch.sum(h * h)


VERSIONS = {"LSTM": lstm}
