"""What kinds of core an arm64 machine has, by the identification that the kernel shows.

MIDR_EL1 (Arm ARM): implementer in bits 31..24, variant in 23..20, part in 15..4, revision
in 3..0. Part numbers are those of Linux, arch/arm64/include/asm/cputype.h.
"""

from __future__ import annotations

from dataclasses import dataclass

_ARM, _AMPERE = 0x41, 0xC0
_PARTS = {
    (_ARM, 0xD03): "Cortex-A53",
    (_ARM, 0xD04): "Cortex-A35",
    (_ARM, 0xD05): "Cortex-A55",
    (_ARM, 0xD07): "Cortex-A57",
    (_ARM, 0xD08): "Cortex-A72",
    (_ARM, 0xD09): "Cortex-A73",
    (_ARM, 0xD0A): "Cortex-A75",
    (_ARM, 0xD0B): "Cortex-A76",
    (_ARM, 0xD0C): "Neoverse-N1",
    (_ARM, 0xD0D): "Cortex-A77",
    (_ARM, 0xD40): "Neoverse-V1",
    (_ARM, 0xD41): "Cortex-A78",
    (_ARM, 0xD44): "Cortex-X1",
    (_ARM, 0xD46): "Cortex-A510",
    (_ARM, 0xD47): "Cortex-A710",
    (_ARM, 0xD48): "Cortex-X2",
    (_ARM, 0xD49): "Neoverse-N2",
    (_ARM, 0xD4D): "Cortex-A715",
    (_ARM, 0xD4E): "Cortex-X3",
    (_ARM, 0xD4F): "Neoverse-V2",
    (_ARM, 0xD80): "Cortex-A520",
    (_ARM, 0xD81): "Cortex-A720",
    (_ARM, 0xD82): "Cortex-X4",
    (_ARM, 0xD84): "Neoverse-V3",
    (_AMPERE, 0xAC3): "Ampere-1",
    (_AMPERE, 0xAC4): "Ampere-1A",
}
# Cores that change the size of a live mapping without a break and without a conflict
# abort, with the last such variant and revision: supports_bbml2_noabort_list in Linux,
# arch/arm64/kernel/cpufeature.c, 2025.
_BBM_LEVEL_2 = {
    (_ARM, 0xD82): 0x03,
    (_ARM, 0xD84): 0x02,
    (_AMPERE, 0xAC3): 0xFF,
    (_AMPERE, 0xAC4): 0xFF,
}


@dataclass(frozen=True, slots=True)
class Midr:
    """The identification of one core."""

    implementer: int
    part: int
    variant: int
    revision: int

    @property
    def name(self) -> str:
        """`Cortex-A53`, or the two numbers where the name is not known here."""
        known = _PARTS.get((self.implementer, self.part))
        return known or f"implementer {self.implementer:#x} part {self.part:#x}"

    @property
    def bbm_level_2(self) -> bool:
        """Whether Linux takes this core for one of level 2 that never aborts."""
        last = _BBM_LEVEL_2.get((self.implementer, self.part), -1)
        return (self.variant << 4 | self.revision) <= last


def core_name(implementer: str, part: str) -> str:
    """The name of a core by the two numbers that /proc/cpuinfo has; `unknown` if they are none."""
    try:
        return Midr(int(implementer, 0), int(part, 0), 0, 0).name
    except ValueError:
        return "unknown"


def parse_midr(text: str) -> Midr | None:
    """The register as sysfs writes it, `0x00000000410fd034`; None when it is no such number."""
    try:
        value = int(text, 16)
    except ValueError:
        return None
    if value <= 0:
        return None
    return Midr(
        implementer=value >> 24 & 0xFF,
        part=value >> 4 & 0xFFF,
        variant=value >> 20 & 0xF,
        revision=value & 0xF,
    )
