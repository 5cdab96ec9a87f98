"""These tests are about the cache: whoever runs them may have turned it off."""

import pytest


@pytest.fixture(autouse=True)
def cache_is_on(monkeypatch):
    monkeypatch.delenv("S2SAD_CACHE", raising=False)
