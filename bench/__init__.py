"""Benchmarks: each beside a named peer, in one run, as ratios; medians of several rounds."""
