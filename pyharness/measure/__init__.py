"""Measuring: what the refcount and each way to remap cost, and how far to believe it."""
