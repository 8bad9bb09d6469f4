"""The verb bench: run timed loops, judge the windows, show the figures."""
