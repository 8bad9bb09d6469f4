"""What a command that could not run must say."""


def one_line(done):
    """The single line that it left on stderr."""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]
