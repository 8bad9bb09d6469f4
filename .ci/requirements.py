"""The requirements of the package and of its tests, one a line, as pyproject.toml has them.

Without what the tests that are run under emulation do without: reports and the browser that
looks at them, drawn examples, benchmarks.
"""

import tomllib
from pathlib import Path

LEFT_OUT = ("vmemstress[", "selenium", "hypothesis", "pytest-benchmark")

project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
needed = [*project["dependencies"], *project["optional-dependencies"]["test"]]
print("\n".join(name for name in needed if not name.startswith(LEFT_OUT)))
