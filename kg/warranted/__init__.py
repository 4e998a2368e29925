"""Warranted: change packages with the evidence to back them."""

__version__ = "0.1.0"
