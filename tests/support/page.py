"""A metrics page as a dict, for comparing."""

from __future__ import annotations

import urllib.request

from prometheus_client.parser import text_string_to_metric_families

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples_of(text: str) -> Samples:
    """Every sample of a page, by its name and its labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def fetch(url: str, timeout: float = 10) -> str:
    """The text behind an address on this machine."""
    with urllib.request.urlopen(url, timeout=timeout) as response:
        return str(response.read().decode())


def sample(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The key of one sample."""
    return name, tuple(sorted(labels.items()))


def differences(page: Samples, truth: Samples) -> dict[object, tuple[float | None, float | None]]:
    """What the page says beside what is true, where they are not the same."""
    return {
        key: (page.get(key), truth.get(key)) for key in page.keys() | truth.keys() if page.get(key) != truth.get(key)
    }
