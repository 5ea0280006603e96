"""Whatever a server sends is read without a traceback, and as it was meant: headers, cookies, addresses, states."""

import base64
import json
import string
from email.utils import formatdate
from urllib.parse import quote, urlencode

import httpx
from hypothesis import given
from hypothesis import strategies as st

from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.urls import DEFAULT_PORTS, is_readable, origin, origin_of
from fixtures.exchange.answers import Answer, Cookie
from fixtures.login.journey import Arrival
from fixtures.topics.authorization.redirects import added_parameters
from fixtures.topics.gate import redirect as gate_redirect
from fixtures.topics.gate.redirect import same_address
from fixtures.topics.gate.rules import classify_refusal, is_gate_redirect, is_open, speaker_of
from fixtures.topics.logins.rules import why_not
from fixtures.topics.providers.rules import same_origin
from fixtures.topics.replicas.rules import gate_facts

URL = "https://longhorn.example.org/"
GATE = ForwardAuthApplication(name="longhorn", url="https://longhorn.example.org")
# What may stand in a header on the wire: anything but the ends of lines and NUL.
LINE = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=80)
TOKEN = st.text(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~", min_size=1, max_size=12)
ADDRESS = st.one_of(
    LINE,
    st.builds("{}://{}{}".format, st.sampled_from(["http", "https", "javascript", ""]), LINE, LINE),
    st.sampled_from(
        ["http://[", "//[::1", "https://x:port/", "https://x:99999/", "http://[::1%25]/", "/", "?", "\\\\x"]
    ),
    st.builds(lambda state: f"https://auth.example.org/application/o/authorize/?state={quote(state)}", LINE),
)
STATUS = st.sampled_from([200, 204, 301, 302, 307, 400, 401, 403, 404, 500, 502, 503])


def answered(headers, status=200, body=b""):
    return Answer("GET", URL, status, httpx.Headers(headers, encoding="latin-1"), body, 0.01)


@given(
    st.lists(st.tuples(st.sampled_from(["set-cookie", "location", "date", "content-type", "retry-after"]), LINE)),
    st.binary(max_size=60),
)
def test_no_header_and_no_body_makes_an_answer_unreadable(headers, body):
    answer = answered(headers, body=body)
    for read in ("media_type", "text", "location", "location_parameters", "title", "date", "cookies", "content"):
        getattr(answer, read)
    assert isinstance(answer.summary, str)
    assert answer.object == (answer.content if isinstance(answer.content, dict) else {})


@st.composite
def redirects(draw):
    """What the door lets through as a Location; what is in its parameters and in its state is anybody's."""
    claims = base64.urlsafe_b64encode(json.dumps({"redirect": draw(ADDRESS), "iss": draw(LINE)}).encode()).decode()
    sent = {"state": f"h.{claims.rstrip('=')}.s", "redirect_uri": draw(ADDRESS), "client_id": draw(LINE)}
    login = f"https://auth.example.org/application/o/authorize/?{urlencode(sent)}"
    return draw(st.one_of(st.just(login), ADDRESS.filter(is_readable)))


@given(redirects(), STATUS, LINE)
def test_no_redirect_makes_a_judge_of_the_gate_raise(location, status, cookie):
    answer = answered([("location", location), ("set-cookie", cookie)], status)
    assert speaker_of(answer)
    classify_refusal(answer, None)
    is_gate_redirect(answer)
    is_open(answer, GATE.url, (200,))
    gate_redirect.wrong_origin(answer, "https://auth.example.org")
    gate_redirect.redirect_complaints(answer, GATE, URL)
    gate_redirect.cookie_complaints(answer, GATE, 3600)
    gate_redirect.foreign_return(answer, GATE)
    gate_redirect.gated_alike(answer, answer)
    assert gate_facts(answer)["status"] == str(status)
    assert why_not(Arrival(answer, (URL,), location), origin(URL)).said
    added_parameters(answer.location, URL)


@given(st.one_of(LINE, st.binary(max_size=40).map(lambda raw: f"a.{raw.hex()}.c"), st.just("a.W10.c")))
def test_no_state_makes_its_reader_raise(state):
    assert isinstance(gate_redirect.state_claims(state), dict)


def spelled(draw, word):
    """The word in some case, with some blanks around it."""
    cased = "".join(letter.upper() if draw(st.booleans()) else letter.lower() for letter in word)
    return f"{draw(st.sampled_from(['', ' ', '  ']))}{cased}{draw(st.sampled_from(['', ' ']))}"


VALUE = st.text(string.ascii_letters + string.digits + "/._- ,:", max_size=15).map(str.strip)


AGE, END = (st.one_of(st.none(), st.integers(*bounds)) for bounds in ((-9, 10**9), (0, 2**33)))


@given(st.data(), TOKEN, VALUE, st.booleans(), st.booleans(), VALUE, VALUE, AGE, END)
def test_a_cookie_is_read_as_it_was_meant(data, name, value, secure, http_only, path, domain, age, end):
    """In any order and case, with blanks, and with attributes that nobody knows in between."""
    draw = data.draw
    said = [(spelled(draw, key), text) for key, text in (("path", path), ("domain", domain)) if text]
    said += [(spelled(draw, "max-age"), str(age))] if age is not None else []
    said += [(spelled(draw, "expires"), formatdate(end, usegmt=True))] if end is not None else []
    said += [(spelled(draw, "secure"), "")] if secure else []
    said += [(spelled(draw, "httponly"), "")] if http_only else []
    said += [("Priority", "High"), ("Partitioned", "")]
    attributes = draw(st.permutations(said))
    line = ";".join([f"{name}={value}", *(f"{key}={text}" if text else key for key, text in attributes)])
    expected = Cookie(
        name, secure=secure, http_only=http_only, same_site="", path=path, domain=domain, max_age=age, expires=end
    )
    assert answered([("set-cookie", line)]).cookies == (expected,)


HOST = st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,5}){1,2}", fullmatch=True)
SCHEME = st.sampled_from(sorted(DEFAULT_PORTS))


@given(st.data(), SCHEME, HOST)
def test_an_origin_is_the_same_however_it_is_written(data, scheme, host):
    port = DEFAULT_PORTS[scheme]
    upper = "".join(letter.upper() if data.draw(st.booleans()) else letter for letter in host)
    written = [f"{scheme}://{host}", f"{scheme}://{upper}:{port}/path?q=1", f"{scheme.upper()}://{host}:{port}"]
    assert {origin(url) for url in written} == {f"{scheme}://{host}"}
    assert same_origin(*data.draw(st.permutations(written))[:2])
    assert same_address(f"{scheme}://{host}", f"{scheme}://{upper}:{port}/")


@given(SCHEME, HOST, HOST, st.integers(1, 65535))
def test_another_host_port_or_scheme_is_another_origin(scheme, host, other, port):
    one = f"{scheme}://{host}"
    assert same_origin(one, f"{scheme}://{other}") is (host == other)
    assert same_origin(one, f"{one}:{port}") is (port == DEFAULT_PORTS[scheme])
    assert not same_origin(one, f"{'http' if scheme == 'https' else 'https'}://{host}")
    assert not same_origin(one, f"{scheme}://{host}.evil.example")
    assert not same_origin(one, f"{scheme}://{host}@evil.example")


@given(ADDRESS, ADDRESS)
def test_no_address_makes_a_comparison_raise(one, other):
    assert same_origin(one, other) in (True, False)
    assert isinstance(origin_of(one), str)
    assert same_address(one, other) in (True, False)


NAME = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8)


@given(
    st.dictionaries(NAME, LINE.filter(bool), max_size=5),
    st.sampled_from(["https://a.example/cb", "https://a.example/cb?x=1"]),
)
def test_what_a_redirect_adds_comes_out_as_it_went_in(parameters, uri):
    added = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    assert added_parameters(f"{uri}?{added}" if added else uri, uri) == parameters
