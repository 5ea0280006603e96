"""What is typed to let an outpost serve its gates takes nothing from anybody."""

from fixtures.estate.loading import load_estate
from fixtures.exchange.api_objects import ApiOutpost, ProxyProvider
from fixtures.topics.outposts.mending import assign_all, correct_gate
from lab.files import ESTATE_TEXT
from selftests.support.remedies import sent

ESTATE = load_estate(ESTATE_TEXT)
MINE = ApiOutpost(pk="a", name="mine", providers=[1])


def test_all_are_assigned_at_once_but_those_of_another():
    (command,) = assign_all(ESTATE, MINE, [MINE, ApiOutpost(pk="b", name="b", providers=[3])], [1, 2, 2, 3, 4])
    address, fields = sent(command.line)
    assert address.endswith("/api/v3/outposts/instances/a/")
    assert fields == {"providers": [1, 2, 4]}


def test_nothing_is_typed_where_all_are_assigned():
    assert assign_all(ESTATE, MINE, [MINE], [1]) == ()


def test_a_provider_becomes_the_gates():
    gate = ESTATE.gated[0]
    provider = ProxyProvider(pk=5, name="x", mode="forward_domain", external_host="https://old.example.org")
    _, fields = sent(correct_gate(ESTATE, gate, provider).commands[0].line)
    assert fields == {"external_host": gate.external_url, "mode": "forward_single"}


def test_the_mode_of_a_gate_is_never_changed_blindly():
    gate = ESTATE.gated[0]
    leading = ProxyProvider(pk=5, name="x", mode="proxy", external_host=gate.url)
    for found, declared in ((leading, gate), (leading.model_copy(update={"mode": "forward_single"}), "proxy")):
        own = gate.model_copy(update={"mode": declared}) if declared == "proxy" else declared
        remedy = correct_gate(ESTATE, own, found)
        assert "look where the route" in remedy
        assert all("api/v3" not in command.line for command in remedy.commands)
