"""What every verb writes with: console, tables, progress, units, JSON, JUnit, files."""
