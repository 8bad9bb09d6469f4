"""`python -m pyharness` is the command `vmemstress`."""

from pyharness.cli import main

if __name__ == "__main__":
    main()
