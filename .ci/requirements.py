"""The requirements of the package and of its tests, one a line, as pyproject.toml has them."""

import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
print("\n".join([*project["dependencies"], *project["optional-dependencies"]["test"]]))
