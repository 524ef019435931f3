import sys


def main() -> None:
    """Placeholder."""
    sys.exit(0)
