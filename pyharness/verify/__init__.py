"""The verb verify: search every execution of a scenario, keep the witness, replay it."""
