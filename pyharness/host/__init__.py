"""The machine that everything runs on: CPUs, what it can do, its state while it is measured."""
