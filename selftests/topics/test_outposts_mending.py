"""What is typed to let an outpost serve its gates takes nothing from anybody."""

from fixtures.estate.loading import load_estate
from fixtures.exchange.api_objects import ApiOutpost, ProxyProvider
from fixtures.topics.outposts.mending import assign_all, correct_gate
from lab.files import ESTATE_TEXT
from selftests.topics.test_providers_mending import sent

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
    provider = ProxyProvider(pk=5, name="x", mode="proxy", external_host="https://old.example.org")
    _, fields = sent(correct_gate(ESTATE, gate, provider).commands[0].line)
    assert fields == {"external_host": gate.external_url, "mode": "forward_single"}
