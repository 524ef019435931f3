"""Metrics pages as dicts that can be compared."""

from __future__ import annotations

import urllib.request

from prometheus_client.parser import text_string_to_metric_families

Key = tuple[str, tuple[tuple[str, str], ...]]
Samples = dict[Key, float]


def samples_of(text: str) -> Samples:
    """All samples of a page, by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def fetch(url: str, timeout: float = 10, **headers: str) -> str:
    """The body of the response to a GET request."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout) as response:
        return str(response.read().decode())


def sample(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The key of one sample."""
    return name, tuple(sorted(labels.items()))


def differences(page: Samples, truth: Samples) -> dict[Key, tuple[float | None, float | None]]:
    """The samples that differ, with the value on the page and the true one."""
    return {
        key: (page.get(key), truth.get(key)) for key in page.keys() | truth.keys() if page.get(key) != truth.get(key)
    }
