"""Benchmarks that compare: every number stands beside a simpler thing doing the same work in the same run.

`script/bench` runs all, `script/bench pdf packet` some, `--json FILE` keeps the rows. Read the ratios; the absolute
numbers belong to the machine and to what else it was doing.
"""
