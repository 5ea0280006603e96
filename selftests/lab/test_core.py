"""The lab's core: it starts and stops, listens and presents what it is told to, and notes what came."""

import socket
import ssl
import stat
import time
import tomllib
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from lab import faults
from lab.lab import Lab, LabError
from lab.names import DOMAIN
from lab.network import Refused
from lab.tls import DEFAULT_COMMON_NAME, HostCertificate

AUTH = "https://auth.frank.derio.net"
DIRECT = "http://192.168.55.211:9000"
LIVE = "/-/health/live/"
ADDRESSES = (
    AUTH,
    DIRECT,
    "http://10.42.0.21:9000",
    "http://10.42.1.21:9000",
    "http://authentik-server.authentik.svc:80",
    "http://authentik-server.authentik.svc.cluster.local:80",
)


class TestStartAndStop:
    def test_it_serves_within_two_seconds_and_stops_within_two(self):
        begun = time.monotonic()
        lab = Lab()
        lab.start()
        ready = time.monotonic()
        port = next(iter(lab.ports.values()))
        lab.stop()
        stopped = time.monotonic()
        assert ready - begun < 2
        assert stopped - ready < 2
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)

    def test_it_listens_on_loopback_alone(self, lab):
        assert {to.partition(":")[0] for to in lab.connect_to.values()} == {"127.0.0.1"}
        assert f"*.{DOMAIN}:443" in lab.connect_to

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_authentik_lives_at_each_of_its_addresses(self, ask, address):
        assert ask(address + LIVE).status == 200

    @pytest.mark.parametrize("wrong", [{"latency": -1}, {"extra_applications": -1}, {"faults": ["no-such-fault"]}])
    def test_what_cannot_be_is_refused(self, wrong):
        with pytest.raises(LabError):
            Lab(**wrong)


class TestFaults:
    def test_a_misspelt_fault_is_guessed(self, monkeypatch):
        monkeypatch.setattr(faults.Fault.registry, "_known", faults.load())
        faults.fault("authentik-down-for-test", known_from="here", turns_red=("SMOKE-UP-01",))(_silence_authentik)
        with pytest.raises(LabError, match="did you mean authentik-down-for-test"):
            Lab().apply("authentik-down-for-tset")

    def test_a_fault_is_in_force_until_healed(self, lab, ask, monkeypatch):
        monkeypatch.setattr(faults.Fault.registry, "_known", faults.load())
        faults.fault("test-only", known_from="here", turns_red=("SMOKE-UP-01",))(_silence_authentik)
        lab.apply("test-only")
        with pytest.raises(ConnectionError):
            ask(DIRECT + LIVE)
        lab.heal()
        assert ask(DIRECT + LIVE).status == 200

    @pytest.mark.parametrize(
        ("typed", "meant"), [("stale", "authentik-host-stale"), ("flux", "flux-cannot-apply or flux-source-")]
    )
    def test_a_word_of_its_name_is_enough_of_a_hint(self, typed, meant):
        with pytest.raises(LabError, match=f"there is no fault {typed}; did you mean {meant}"):
            Lab(faults=[typed])

    def test_every_fault_can_be_applied_and_says_what_it_is(self):
        labs = {}
        for name, fault in faults.load().items():
            assert fault.summary.endswith("."), name
            made_for = frozenset(fault.made_for.items())
            if made_for not in labs:
                labs[made_for] = Lab(**fault.made_for)
            lab = labs[made_for]
            lab.apply(name)
            lab.heal()

    def test_what_is_broken_already_is_not_broken_again(self):
        lab = Lab(faults=["grafana-secret-missing"])
        with pytest.raises(LabError, match="the fault grafana-secret-missing is in force already; heal the lab"):
            lab.apply("grafana-secret-missing")
        lab.heal()
        lab.apply("grafana-secret-missing")

    def test_what_another_shape_or_release_has_cannot_be_broken_here(self):
        elsewhere = [fault for fault in faults.load().values() if fault.made_for]
        lab = Lab()
        for fault in elsewhere:
            with pytest.raises(
                LabError, match=f"the fault {fault.name} breaks what this lab does not have; add --lab-"
            ):
                lab.apply(fault.name)
        assert {what for fault in elsewhere for what in fault.made_for} == {"shape", "authentik"}

    def test_of_several_all_are_put_in_force_or_none(self, lab, ask):
        with pytest.raises(LabError, match="add --lab-shape ingress to pytest --lab, or --shape ingress to python"):
            lab.apply("authentik-down", "ingress-without-the-gate")
        assert ask(DIRECT + LIVE).status == 200

    def test_what_changes_the_estate_file_stands_there_until_healed(self, tmp_path):
        lab = Lab()
        estate = lab.write_state(tmp_path)
        before = tomllib.loads(estate.read_text())
        lab.apply("redirect-expression-with-bare-dots")
        assert tomllib.loads(estate.read_text()) != before
        assert 'matching_mode = "regex"' in estate.read_text()
        lab.heal()
        assert tomllib.loads(estate.read_text()) == before


def _silence_authentik(world):
    """Both replicas drop every connection."""
    world.edge.silent |= {"authentik-pod-0", "authentik-pod-1"}


class TestCertificates:
    @pytest.mark.parametrize("host", ["auth", "grafana", "longhorn"])
    def test_a_host_of_the_estate_has_one_that_verifies(self, ask, host):
        with ask.connect(f"https://{host}.{DOMAIN}") as connection:
            assert ("DNS", f"*.{DOMAIN}") in connection.getpeercert()["subjectAltName"]

    def test_any_other_name_gets_the_proxys_default(self, lab):
        assert _common_name(lab, "elsewhere.example") == DEFAULT_COMMON_NAME

    @pytest.mark.parametrize(
        ("presented", "complaint"),
        [
            (HostCertificate("default"), "self-signed"),
            (HostCertificate("wrong-name"), "Hostname mismatch"),
            (HostCertificate("untrusted"), "unable to get local issuer"),
            (HostCertificate("good", days=-1), "expired"),
        ],
    )
    def test_one_host_can_present_another(self, lab, ask, presented, complaint):
        lab.world.edge.certificates["auth.frank.derio.net"] = presented
        with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
            ask(AUTH + LIVE)
        assert ask(f"https://grafana.{DOMAIN}/").status < 500

    def test_days_are_what_it_still_lives(self, lab, ask):
        lab.world.edge.certificates["auth.frank.derio.net"] = HostCertificate(days=5)
        with ask.connect(AUTH) as connection:
            ends = ssl.cert_time_to_seconds(connection.getpeercert()["notAfter"])
        assert 4.9 < (ends - time.time()) / 86400 < 5.1


def _common_name(lab: Lab, server_name: str) -> str:
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", lab.ports["ingress-https"]), timeout=5) as plain,
        unverified.wrap_socket(plain, server_hostname=server_name) as connection,
    ):
        certificate = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True))
    return certificate.subject.rfc4514_string().removeprefix("CN=")


class TestAudit:
    @pytest.mark.parametrize("target", ["//x", "/../y", "/a%2fb;c", "/%2e%2e/d?e=%20&f#", "/-/health/live/"])
    def test_targets_are_noted_byte_for_byte(self, lab, ask, target):
        ask(f"https://longhorn.{DOMAIN}{target}")
        (entry,) = lab.audit
        assert entry.target == target
        assert entry.listener == "ingress-https"
        assert entry.host == f"longhorn.{DOMAIN}"
        assert entry.head.startswith(f"GET {target} HTTP/1.1\r\n".encode())
        assert entry.head.endswith(b"\r\n\r\n")

    def test_the_head_is_as_received_and_holds_no_body(self, lab, ask):
        ask(DIRECT + LIVE, "POST", headers={"X-Odd-CASE": " kept "}, body=b"the body")
        (entry,) = lab.audit
        assert b"X-Odd-CASE:  kept \r\n" in entry.head
        assert b"the body" not in entry.head
        assert entry.header("x-odd-case") == "kept"

    def test_requests_on_one_connection_are_told_apart(self, lab, ask):
        with ask.connect(DIRECT) as connection:
            connection.sendall(b"POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
            connection.sendall(b"GET /two HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n")
            while connection.recv(65536):
                pass
        assert [(entry.target, entry.host) for entry in lab.audit] == [("/one", "a"), ("/two", "b")]
        assert [entry.head[:5] for entry in lab.audit] == [b"POST ", b"GET /"]

    def test_nothing_that_may_be_secret_is_in_the_repr(self, lab, ask):
        ask(f"{DIRECT}{LIVE}?code=hidden-1", headers={"Authorization": "Bearer hidden-2"})
        (entry,) = lab.audit
        assert "hidden" not in repr(entry)
        assert (entry.method, entry.status) == ("GET", 200)


class TestSilence:
    def test_a_silent_listener_resets_before_it_answers(self, lab, ask):
        lab.world.edge.silent.add("ingress-https")
        with pytest.raises(ConnectionError):
            ask(AUTH + LIVE)
        assert not list(lab.audit)
        assert ask(DIRECT + LIVE).status == 200

    def test_a_connection_kept_alive_from_before_ends(self, lab, ask):
        with ask.connect(DIRECT) as connection:
            lab.world.edge.silent.add("authentik-lb")
            # A reset, as early as when something is sent, or an end: that is who of the two machines was faster.
            with suppress(ConnectionError):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                assert connection.recv(1) == b""

    def test_the_inside_feels_it_too(self, lab):
        lab.world.edge.silent.add("authentik-pod-0")
        with pytest.raises(Refused):
            lab.network.find("10.42.0.21", 9000)

    def test_a_load_balancer_without_endpoints_hangs_up(self, lab, ask):
        lab.world.edge.silent |= {"authentik-pod-0", "authentik-pod-1"}
        with pytest.raises(ConnectionError):
            ask(DIRECT + LIVE)


class TestNetwork:
    def test_a_service_gives_its_endpoints_in_turn(self, lab):
        found = [lab.network.find("authentik-server.authentik.svc", 80) for _ in range(4)]
        assert found[0] is found[2]
        assert found[1] is found[3]
        assert found[0] is not found[1]

    def test_an_endpoint_that_is_not_ready_gets_nothing(self, lab):
        for piece in lab.world.cluster.list("endpointslices", "authentik"):
            if piece["metadata"]["labels"]["kubernetes.io/service-name"] == "authentik-server":
                piece["endpoints"][0]["conditions"]["ready"] = False
        assert len({id(lab.network.find("authentik-server.authentik", 80)) for _ in range(4)}) == 1

    @pytest.mark.parametrize(
        ("host", "port"),
        [
            ("no-such.authentik.svc", 80),
            ("authentik-server.authentik.svc", 81),
            ("example.org", 443),
            ("10.42.9.9", 9000),
        ],
    )
    def test_nobody_listens_anywhere_else(self, lab, host, port):
        with pytest.raises(Refused):
            lab.network.find(host, port)


class TestTime:
    def test_latency_delays_each_answer(self, lab, ask):
        lab.latency = 0.2
        begun = time.monotonic()
        ask(DIRECT + LIVE)
        assert 0.2 <= time.monotonic() - begun < 1

    def test_the_date_is_the_worlds(self, lab, ask):
        lab.world.clock.offset = timedelta(hours=-2)
        date = datetime.strptime(ask(DIRECT + LIVE)["date"], "%a, %d %b %Y %H:%M:%S %Z")  # noqa: DTZ007
        assert abs((lab.world.clock.now().replace(tzinfo=None) - date).total_seconds()) < 5


class TestState:
    def test_the_files_are_complete_and_private(self, lab, tmp_path):
        estate = tomllib.loads(lab.write_state(tmp_path / "state").read_text())
        assert estate["network"]["connect_to"] == lab.connect_to
        assert estate["network"]["isolated"] is True
        assert estate["cluster"]["context"] == "lab-suite"
        config = yaml.safe_load(Path(estate["cluster"]["kubeconfig"]).read_text())
        assert {context["name"] for context in config["contexts"]} == {"lab-suite", "lab-admin"}
        for name in ("estate.toml", "kubeconfig", "env.sh", ".curlrc"):
            assert stat.S_IMODE((tmp_path / "state" / name).stat().st_mode) == 0o600

    def test_no_credential_stands_in_the_estate_file(self, lab, tmp_path):
        text = lab.write_state(tmp_path).read_text()
        assert not [name for name, value in lab.environment.items() if value in text]

    def test_extra_applications_are_in_it(self, tmp_path):
        estate = tomllib.loads(Lab(extra_applications=2).write_state(tmp_path).read_text())
        names = [app["name"] for app in (*estate["oidc"], *estate["forward_auth"])]
        assert {"extra-oidc-1", "extra-oidc-2", "extra-gated-1", "extra-gated-2"} <= set(names)
