"""Figures of the product beside a plain peer on the same machine: `make bench` or `python -m benchmarks`."""
