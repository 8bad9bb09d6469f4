"""The verb hunt: run scenarios on real threads, judge what they did, show it."""
