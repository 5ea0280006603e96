"""Replicas side by side: what differs is named, what is drawn for each visitor is not."""

import base64
import json
from urllib.parse import urlencode

from fixtures.topics.replicas.rules import ReplicaAnswer, differing_configuration, differing_gates, gate_facts
from selftests.support.answers import answer, json_answer

URL = "https://longhorn.example.org/"


def document(pod, content, status=200):
    return ReplicaAnswer(pod, json_answer(content, status))


def gate(pod, status=302, base="https://auth.example.org", back=URL, drawn="one", **changed):
    claims = base64.urlsafe_b64encode(json.dumps({"redirect": back, "sid": drawn}).encode()).decode().rstrip("=")
    sent = {"client_id": "c", "scope": "openid", "nonce": drawn, "state": f"h.{claims}.{drawn}", **changed}
    location = f"{base}/application/o/authorize/?{urlencode(sent)}" if status == 302 else None
    return ReplicaAnswer(pod, answer(status, "<title>not found</title>", URL, location=location))


def test_one_configuration():
    same = {"capabilities": ["a"], "error_reporting": {"enabled": False}}
    assert differing_configuration([document("a", same), document("b", dict(reversed(same.items())))]) == []
    assert differing_configuration([document("a", same)]) == []


def test_configurations_that_differ():
    answers = [document("a", {"x": 1, "y": 2}), document("b", {"x": 1, "y": 3}), document("c", {"x": 1})]
    assert differing_configuration(answers) == ["y"]
    assert differing_configuration([document("a", {"x": 1}), document("b", "no json")]) == ["x"]


def test_gates_that_agree_but_for_what_is_drawn():
    assert differing_gates([gate("a", drawn="one"), gate("b", drawn="two")]) == {}


def test_what_gates_disagree_about():
    assert differing_gates([gate("a"), gate("b", base="http://localhost")]) == {
        "login": {
            "a": "https://auth.example.org/application/o/authorize/",
            "b": "http://localhost/application/o/authorize/",
        }
    }
    assert set(differing_gates([gate("a"), gate("b", scope="openid email")])) == {"scope"}
    assert set(differing_gates([gate("a"), gate("b", back="http://other.example/")])) == {"return address"}


def test_a_replica_without_the_provider():
    found = differing_gates([gate("a"), gate("b", status=404)])
    assert found["status"] == {"a": "302", "b": "404"}
    assert found["client_id"] == {"a": "c", "b": "nothing"}


def test_no_fact_holds_what_was_drawn():
    assert not {"state", "nonce", "code_challenge"} & set(gate_facts(gate("a", code_challenge="x").answer))
