"""Where random tests begin: always the same, or at VMEMSTRESS_SEED (`make soak`)."""

import os

FRESH = "VMEMSTRESS_SEED" in os.environ
FIRST = int(os.environ.get("VMEMSTRESS_SEED", "0"))
RACES = int(os.environ.get("VMEMSTRESS_RACE_SEEDS", "3"))
