"""A remedy is a text that knows what of it can be typed and opened."""

import copy
import pickle
import subprocess

import pytest

from fixtures.model.limits import LONGEST_SENTENCE, LONGEST_WORD
from fixtures.model.remedy import Command, Page, Remedy, bounded, change, led, page, quoted, read, through

NAMES = ["grafana", "a b", "it's", "$(reboot)", "`reboot`", "a;b", "a\nb", "\x1b[31m", "\u202eabc", "ä", "a\\nb", "'\n"]
WHOLE = Remedy(
    "Restart it.", change("kubectl rollout restart deploy/{}", "x"), page("https://a"), read("kubectl get pods")
)


def test_it_is_a_text_in_the_order_of_doing():
    assert WHOLE.splitlines() == [
        "Restart it.",
        "kubectl get pods",
        "this changes something:",
        "kubectl rollout restart deploy/x",
        "https://a",
    ]
    assert WHOLE.sentence == "Restart it."
    assert [one.changes for one in WHOLE.commands] == [False, True]
    assert WHOLE.pages == (Page("https://a"),)


@pytest.mark.parametrize(
    ("line", "minded"),
    [
        ("kubectl -n a edit secret b", True),
        ("kubectl --context c -n a label --overwrite secret b c=d", True),
        ("kubectl auth can-i list x && kubectl -n a set env deploy/b C=d", True),
        ("kubectl -n a rollout restart deploy/edit", False),
        ("kubectl -n a delete pod b", False),
        ("docker compose restart", False),
    ],
)
def test_what_git_or_helm_may_put_back_is_said(line: str, minded: bool):
    told = Remedy("x", Command(line, changes=True))
    assert ("ArgoCD, Flux or Helm" in told.caution) is minded
    assert (f" ({told.caution}):" in told) is minded
    assert not Remedy("x", Command(line)).caution


def test_a_plain_text_is_a_sentence():
    assert Remedy.of("look") == "look"
    assert Remedy.of("look").sentence == "look"
    assert not Remedy.of("look").steps
    assert Remedy.of(WHOLE) is WHOLE


def test_a_step_is_told_once():
    assert Remedy("x", *WHOLE.steps, read("kubectl get pods")).commands == WHOLE.commands


@pytest.mark.parametrize("copied", [copy.deepcopy(WHOLE), pickle.loads(pickle.dumps(WHOLE))])
def test_a_copy_knows_its_parts(copied: Remedy):
    assert (copied, copied.sentence, copied.steps) == (WHOLE, WHOLE.sentence, WHOLE.steps)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_word_of_one_line(name: str):
    line = read("printf %s {}", name).line
    assert line.isprintable()
    ran = subprocess.run(["bash", "-c", line], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert ran.stdout.decode() == name


def test_braces_of_a_template_are_written_twice():
    line = read("kubectl -n {} get po -o jsonpath='{{.items}}'", "a b").line
    assert line == "kubectl -n 'a b' get po -o jsonpath='{.items}'"
    assert quoted("a/b.c:80") == "a/b.c:80"


def test_every_part_is_cleaned():
    cleaned = through(str.upper, WHOLE)
    assert isinstance(cleaned, Remedy)
    assert cleaned.commands == (Command("KUBECTL GET PODS"), Command("KUBECTL ROLLOUT RESTART DEPLOY/X", changes=True))
    assert (cleaned.sentence, cleaned.pages) == ("RESTART IT.", (Page("HTTPS://A"),))
    assert through(str.strip, WHOLE) is WHOLE
    assert through(str.upper, "plain") == "PLAIN"


def test_what_is_too_long_is_left_out_whole():
    long = Remedy("look", read("kubectl get {}", "x" * 3000), read("kubectl get {}", "y" * 3000), page("https://a"))
    short = bounded(long)
    assert isinstance(short, Remedy)
    assert [one.line for one in short.commands] == ["kubectl get " + "x" * 3000]
    assert short.pages == (Page("https://a"),)
    assert short.sentence == "look (1 more to type or to open, too long to be shown)"
    assert bounded(WHOLE) is WHOLE
    assert len(bounded(Remedy("a " * 9000, *long.steps))) < 2 * LONGEST_SENTENCE + 200
    assert len(bounded("b" * 9000)) < LONGEST_WORD


def test_a_sentence_is_no_page():
    with pytest.raises(ValueError, match="no address"):
        page("look there")


CALLED = "kubectl --context=prod"


@pytest.mark.parametrize(
    ("line", "led_line"),
    [
        ("kubectl get pods -A", f"{CALLED} get pods -A"),
        ("kubectl get po | grep -F -e 'a; kubectl b'", f"{CALLED} get po | grep -F -e 'a; kubectl b'"),
        ("kubectl -n $(kubectl get ns) get po", f"{CALLED} -n $({CALLED} get ns) get po"),
        ("kubectl get a && kubectl get b; kubectl get c", f"{CALLED} get a && {CALLED} get b; {CALLED} get c"),
        (r"kubectl get po $'it\'s; kubectl x'", CALLED + r" get po $'it\'s; kubectl x'"),
        ("curl -sI https://kubectl.example.org/", "curl -sI https://kubectl.example.org/"),
    ],
)
def test_kubectl_is_led_to_the_cluster_wherever_it_is_called(line, led_line):
    remedy = led(Remedy("x", Command(line, changes=True), page("https://a")), ["--context=prod"])
    assert remedy == Remedy("x", Command(led_line, changes=True), page("https://a"))


def test_a_context_is_one_word_of_the_shell():
    remedy = led(Remedy("x", read("kubectl get x")), ["--context=a; b"])
    assert remedy == Remedy("x", read("kubectl {} get x", "--context=a; b"))


@pytest.mark.parametrize("remedy", ["look: kubectl get pods", Remedy("look")])
def test_a_sentence_is_left_as_it_is(remedy):
    assert led(remedy, ["--context=prod"]) is remedy
