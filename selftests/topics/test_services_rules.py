"""Services, what stands behind them, and where Authentik and its outpost answer in the cluster."""

import pytest

from fixtures.estate.estate import Estate
from fixtures.estate.names import NamespacedName
from fixtures.exchange.services import Service, by_name, by_service, ready_pods, same_backend
from fixtures.model.kinds import no_service
from fixtures.model.signals import Broken, NotVerified
from fixtures.topics.services.rules import is_configuration, outpost_ref, url_of
from selftests.support.answers import json_answer

BACKEND = NamespacedName("longhorn-system", "longhorn-frontend")


def service(name, **spec):
    spec = {"ports": [{"name": "http", "port": 80}], **spec}
    return {"metadata": {"namespace": "longhorn-system", "name": name}, "spec": spec}


def slices(name, *addresses, ready=True, port=8000):
    endpoints = [
        {"addresses": [each], "conditions": {"ready": ready}, "targetRef": {"name": f"pod-{each}"}}
        for each in addresses
    ]
    labels = {"kubernetes.io/service-name": name}
    metadata = {"namespace": "longhorn-system", "name": f"{name}-abc", "labels": labels}
    return {"metadata": metadata, "endpoints": endpoints, "ports": [{"name": "http", "port": port}]}


def test_services_with_the_same_pods():
    found = by_service(
        [
            slices("longhorn-frontend", "10.0.0.1", "10.0.0.2"),
            slices("longhorn-ui-lb", "10.0.0.2", ready=False),
            slices("longhorn-metrics", "10.0.0.2", port=9500),
        ]
    )
    assert {each.name for each in same_backend(BACKEND, found)} == {"longhorn-frontend", "longhorn-ui-lb"}
    assert same_backend(NamespacedName("a", "nothing"), found) == {NamespacedName("a", "nothing")}


def test_each_ready_pod_counts_once():
    known = by_name([service("longhorn-frontend")])
    pods = [slices("longhorn-frontend", "10.0.0.1", "10.0.0.2"), slices("longhorn-frontend", "10.0.0.3", ready=False)]
    pods[0]["endpoints"][0]["addresses"].append("fd00::1")
    found = ready_pods(BACKEND, known, by_service(pods))
    assert [each.name for each in found] == ["pod-10.0.0.1", "pod-10.0.0.2"]
    assert ready_pods(BACKEND, {}, by_service(pods)) == ()
    # An absent condition means ready; who is no pod is known by its address.
    del pods[1]["endpoints"][0]["conditions"], pods[1]["endpoints"][0]["targetRef"]
    assert [each.name for each in ready_pods(BACKEND, known, by_service(pods[1:]))] == ["10.0.0.3"]


def test_ports():
    def read(**spec):
        return Service.read(service("x", **spec))

    ports = [{"name": "https", "port": 443}, {"name": "web-tls", "port": 8443}, {"port": 8080}]
    assert read(ports=ports).http_port == 8080
    assert read(ports=ports[:2]).http_port is None
    assert read().http_port == 80
    assert read(ports=None).http_port is None
    assert read().port_named(9000) is None
    assert read(ports=ports).port_named(8080) == ""


def test_where_a_service_answers():
    known = by_name([service("longhorn-frontend"), service("other", ports=[{"port": 8000}]), service("tls", ports=[])])
    assert url_of(BACKEND, known, "key") == "http://longhorn-frontend.longhorn-system.svc"
    assert url_of(NamespacedName("longhorn-system", "other"), known, "key").endswith(".svc:8000")
    for name, said in (("gone", "there is no Service gone"), ("tls", "has no port for http")):
        ref = NamespacedName("longhorn-system", name)
        with pytest.raises(Broken, match=said) as raised:
            url_of(ref, known, "authentik.service")
        assert "authentik.service" in raised.value.remedy
        assert raised.value.kind == no_service(f"longhorn-system/{name}")


def test_the_service_in_front_of_the_outpost():
    def estate(**outpost):
        urls = {"url": "http://192.168.55.10:9000", "public_url": "https://auth.frank.derio.net"}
        return Estate.model_validate({"name": "frank", "authentik": urls | ({"outpost": outpost} if outpost else {})})

    alone = {"kind": "standalone", "name": "gate"}
    assert outpost_ref(estate()) == NamespacedName("authentik", "authentik-server")
    assert outpost_ref(estate(**alone, namespace="apps", service="gate")) == NamespacedName("apps", "gate")
    with pytest.raises(NotVerified, match="no Service in front of the outpost 'gate'"):
        outpost_ref(estate(**alone))


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"capabilities": []}, True),
        (200, {"error": "x"}, False),
        (200, [], False),
        (426, {"capabilities": []}, False),
    ],
)
def test_what_authentiks_configuration_is_known_by(status, body, expected):
    assert is_configuration(json_answer(body, status)) is expected
