"""Replay: what verify says of a token is true, wherever the protocol came from."""

import pytest

UNLOCKED = """base = "linux-6.15"
[knobs]
tail = "writable-alias"
get_guard = "none"
get_rcu = false
freeze = false
grace_period = "none"
"""


def token_of(done):
    return done.json["results"][0]["witness"]


@pytest.mark.parametrize("name", ["mine.toml", "linux-5.18.toml"])
def test_a_witness_under_a_regime_of_the_users_is_replayed(vms, tmp_path, name):
    (tmp_path / name).write_text(UNLOCKED)
    words = ("verify", "fake-head-get", "--regime", f"./{name}", "--model", "sc", "--json")
    found = vms(*words)
    assert found.json["results"][0]["verdict"] == "violated"
    (tmp_path / name).unlink()
    again = vms("replay", token_of(found))
    assert again.code == 0, again.err
    assert found.json["results"][0]["message"] in again.out
