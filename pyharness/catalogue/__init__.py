"""What a name stands for: scenarios, regimes, suites, users' files, and the plan of a request."""
