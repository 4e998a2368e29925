"""The static site of a release: gather, render, check."""

from warranted_site.build import build_site

__all__ = ["build_site"]
