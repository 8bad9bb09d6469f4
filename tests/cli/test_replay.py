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


def test_a_token_with_a_character_too_many_is_damaged(vms):
    token = token_of(vms("verify", "no-recheck", "--model", "sc", "--json"))
    for text in (f"{token}x", f"{token}!", token[:-1]):
        done = vms("replay", text)
        assert (done.code, done.err.count("\n")) == (2, 1), done.err
        assert "damaged" in done.err


def test_a_drawing_that_cannot_be_put_there_is_refused_by_its_option(vms):
    token = token_of(vms("verify", "no-recheck", "--model", "sc", "--json"))
    done = vms("replay", token, "--svg", "absent/w.svg")
    assert (done.code, done.out) == (2, "")
    assert done.err == 'vmemstress: --svg: there is no folder "absent"\n'
    assert vms("replay", token, "--svg", "w.svg").code == 0


def test_a_colour_that_does_not_exist_is_refused(vms):
    done = vms("replay", "vms3:x", "--color", "purple")
    assert done.code == 2
    assert "never" in done.err
