"""Comparing measurements: intervals, verdicts, rules for CI, and runs made in turn."""
