"""The requirements of the package and of its tests, one a line, as pyproject.toml has them.

Without what draws a report and the browser that looks at it: they do not touch the machine.
"""

import tomllib
from pathlib import Path

LEFT_OUT = ("vmemstress[", "selenium")

project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
needed = [*project["dependencies"], *project["optional-dependencies"]["test"]]
print("\n".join(name for name in needed if not name.startswith(LEFT_OUT)))
