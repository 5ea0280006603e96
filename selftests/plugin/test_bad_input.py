"""What people type wrong: exit code 4, one short message with the place and the way out, no traceback, and no run."""

import re

import pytest

from deploy.overlay import main as overlay
from fixtures.sharding.__main__ import main as merge
from lab.__main__ import main as lab
from selftests.support.suite_runs import run_suite

CANARY = "canary-5f0b7c2e"
ESTATE = 'name = "x"\n[authentik]\nurl = "http://127.0.0.1:1"\npublic_url = "http://127.0.0.1:1"\n'
FILES = {
    "good.toml": ESTATE,
    "served.toml": ESTATE.replace("127.0.0.1:1", "auth.example"),
    "empty.toml": "",
    "binary.toml": bytes(range(256)),
    "list.toml": "[1, 2]\n",
    "utf-16.toml": ESTATE.encode("utf-16"),
    "deep.toml": "x = " + "[" * 5000 + "]" * 5000,
    "table.toml": '[known]\nid = "SMOKE-TLS-01"\n',
    "typo.toml": '[[known]]\nid = "SMOKE-TLS-01"\nreson = "x"\nowner = "me"\nuntil = "2027-01-01"\n',
    "nobody.toml": ESTATE + '[cluster]\nkubeconfig = "nowhere"\n',
    "pod.toml": ESTATE + "[cluster]\nin_cluster = true\n",
    "unset.toml": ESTATE.replace("[authentik]\n", '[authentik]\ntoken = { env = "SSO_NOT_SET" }\n'),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("typed")
    for name, content in FILES.items():
        (made / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return made


def refused(code, said, wanted, folder):
    assert code == 4, said
    assert "Traceback" not in said
    assert CANARY not in said
    assert len(said.strip().splitlines()) <= 6, said
    assert wanted.replace("FOLDER", str(folder)) in said


GOOD = "--estate FOLDER/good.toml"
TOKEN = {"AUTHENTIK_TOKEN": CANARY}


@pytest.mark.parametrize(
    ("typed", "environment", "wanted"),
    [
        # The estate file.
        ("", {}, "no estate to judge: name its file with --estate FILE or SSO_ESTATE=FILE"),
        ("", {"SSO_ESTATE": " \n"}, "no estate to judge"),
        ("--drift", {}, "no estate to judge"),
        ("--estate FOLDER/nowhere.toml", {}, "FOLDER/nowhere.toml: there is no such file, name an estate file"),
        ("--estate FOLDER", {}, "FOLDER: is a folder, name an estate file"),
        ("--estate FOLDER/empty.toml", {}, "FOLDER/empty.toml: authentik: this key is required"),
        ("--estate FOLDER/binary.toml", {}, "FOLDER/binary.toml: is not text in UTF-8"),
        ("--estate FOLDER/utf-16.toml", {}, "FOLDER/utf-16.toml: is not text in UTF-8"),
        ("--estate FOLDER/list.toml", {}, "FOLDER/list.toml: is not valid TOML"),
        ("--estate FOLDER/nobody.toml", {}, "cluster.kubeconfig: FOLDER/nowhere: there is no such file, name another"),
        ("--estate FOLDER/pod.toml", {"KUBERNETES_SERVICE_HOST": ""}, "cluster.in_cluster: this is no pod"),
        ("--estate FOLDER/unset.toml -k SMOKE-API", {}, "environment variable SSO_NOT_SET is not set, export SSO_NOT"),
        ("--estate FOLDER/unset.toml -k SMOKE-API", {"SSO_NOT_SET": "\n"}, "variable SSO_NOT_SET is empty"),
        ("--estate=", {}, "argument --estate: is empty"),
        (f"{GOOD} --lab", {}, "give either --lab or --estate"),
        ("FOLDER/good.toml --lab", {}, "an estate file is named so: --estate FOLDER/good.toml"),
        # What is known to be red.
        (f"{GOOD} --known-failures FOLDER/nowhere", {}, "FOLDER/nowhere: there is no such file, name a file of known"),
        (f"{GOOD} --known-failures FOLDER", {}, "FOLDER: is a folder, name a file of known failures"),
        (f"{GOOD} --known-failures FOLDER/binary.toml", {}, "FOLDER/binary.toml: is not text in UTF-8"),
        (f"{GOOD} --known-failures FOLDER/deep.toml", {}, "FOLDER/deep.toml: is not valid TOML"),
        (f"{GOOD} --known-failures FOLDER/table.toml", {}, "FOLDER/table.toml: known: must be a list"),
        (f"{GOOD} --known-failures FOLDER/typo.toml", {}, "reson: unknown key, did you mean reason?"),
        (f"{GOOD} --known-failures FOLDER/typo.toml", {}, "known[0].until: must be a date without quotes"),
        (f"{GOOD} --known-failures=", {}, "argument --known-failures: is empty"),
        # Numbers and words.
        *(
            (f"{GOOD} --settle {value}", {}, "is no number of seconds from 0 to")
            for value in ("nan", "inf", "1e99", "-1", "x")
        ),
        *(
            (f"{GOOD} --keep-reports {value}", {}, "is no number of runs")
            for value in ("0", "-1", "1.5", "9" * 30, "²")
        ),
        (f"{GOOD} --shard 3/2", {}, "--shard 3/2: there is no share 3 of 2, write 1/2 to 2/2"),
        (f"{GOOD} --shard x", {}, "--shard x: is no share, write I/N"),
        (f"{GOOD} --shard 1/99999999999", {}, "0 applications cannot be divided by"),
        (f"{GOOD} --vantage insde", {}, "choose from 'inside', 'outside'"),
        (f"{GOOD} --fail-on never", {}, "choose from 'unhealthy', 'partial', 'degraded'"),
        (f"{GOOD} --setle 3", {}, "did you mean: --settle"),
        ("--lab --lab-latency nan", {}, "the latency is a number of milliseconds from 0 to 60000"),
        ("--lab --lab-applications 99999999", {}, "the extra applications are a number from 0 to 5000"),
        ("--lab --lab-shape=", {}, "there is no shape without a name"),
        ("--lab --lab-fault authentik-host-stal", {}, "did you mean authentik-host-stale?"),
        # Selections.
        ("--lab -k grafanna", {}, "grafanna: no check, application or section matches, did you mean grafana?"),
        ("--lab -k (grafana", {}, 'select like this: -k "longhorn and FWD-GATE"'),
        ("--lab -m runbook(section=D5)", {}, "-m \"runbook(section='D5')\""),
        ("--lab OIDC-DISK-02", {}, "did you mean -k OIDC-DISC-02?"),
        ("--lab tests_oidc/test_discovery.py::test_issuer_is_exct", {}, "did you mean -k test_issuer_is_exact?"),
        ("--lab tests_oidc/test_discovery.py::test_nope", {}, "]); select a check or application with -k"),
        ("--lab tests_smok", {}, "not found: tests_smok; did you mean tests_smoke?"),
        ("--lab tests_oidc/test_discovry.py", {}, "did you mean tests_oidc/test_discovery.py?"),
        ("--lab -m runbok(section='D5')", {}, "see available markers; select like this"),
        ("-p no:metadata --lab", {}, "pytest-html stands on that plugin; leave out both, or neither"),
        ("--explain FWD-OUT", {}, "no check has the id FWD-OUT, name one of FWD-OUT-01, FWD-OUT-02"),
        ("--explain rp", {}, "no check has the id rp, name one of OIDC-RP-01, OIDC-RP-02"),
        ("--explain D5", {}, "no check has the id D5, name one of FWD-GATE-02, FWD-GATE-03, FWD-HOST-02"),
        ("--explain longhorn", {}, "no check has the id longhorn, name one such as OIDC-DISC-01 (pytest --catalogue"),
        ("--explain OIDC-DISK-02", {}, "did you mean OIDC-DISC-02?"),
        ("--explain=", {}, "argument --explain: is empty"),
        ("--catalogue=jsn", {}, "choose from 'text', 'json'"),
        # What could not be written when the run is over.
        (f"{GOOD} --reports FOLDER/good.toml", {}, "--reports FOLDER/good.toml: a run's folder cannot be made there"),
        (f"{GOOD} --junitxml FOLDER/good.toml/x.xml", {}, "--junitxml FOLDER/good.toml/x.xml: cannot be written"),
        (f"{GOOD} --termination-message FOLDER", {}, "--termination-message FOLDER: cannot be written"),
        # A draft.
        ("--draft-estate", {}, "there is nothing to look at, give --context, --kubeconfig or --in-cluster, or"),
        ("--draft-estate --kubeconfig FOLDER/nowhere", {}, "--kubeconfig: FOLDER/nowhere: there is no such file"),
        ("--draft-estate --authentik-url http://x", {}, "AUTHENTIK_TOKEN is not set, export AUTHENTIK_TOKEN"),
        ("--draft-estate --authentik-url x", TOKEN, "--authentik-url: must be an absolute URL that begins with http"),
        (f"--draft-estate --authentik-url http://u:{CANARY}@x", TOKEN, "--authentik-url: must not contain a user name"),
        ("--draft-estate --in-cluster --context x", {}, "--context, --kubeconfig, --in-cluster: needs one way in"),
        ("--draft-estate --in-cluster", {"KUBERNETES_SERVICE_HOST": ""}, "--in-cluster: this is no pod"),
        ("--draft-estate --context x --format json", {}, "--format is for what has drifted"),
        (f"--draft-estate {GOOD} --context x", {}, "--context: an estate file is named"),
        (f"--draft-estate {GOOD}", {}, "the estate file names no cluster and no token"),
        (f"{GOOD} --context x", {}, "--context belongs to --draft-estate"),
        (f"{GOOD} --format json", {}, "--format belongs to --draft-estate"),
    ],
)
def test_a_run(folder, tmp_path, typed, environment, wanted):
    arguments = [part.replace("FOLDER", str(folder)) for part in typed.split(" ") if part]
    reports = [] if "--reports" in arguments else ["--reports", str(tmp_path / "reports")]
    run = run_suite(*reports, *arguments, environment={"SSO_ESTATE": "", **environment})
    refused(run.exit_code, run.stderr, wanted, folder)
    assert not list(tmp_path.glob("reports/*"))
    assert not re.search("[0-9]+ requests", run.stdout)


@pytest.mark.parametrize(
    ("command", "typed", "wanted"),
    [
        *((lab, f"--latency {value}", "number of milliseconds from 0 to 60000") for value in ("nan", "inf", "-5")),
        (lab, "--latency x", "argument --latency: invalid float value: 'x'; --help"),
        (lab, "--applications 1000000", "a number from 0 to 5000"),
        (lab, "--shape ingres", "did you mean ingress?"),
        (lab, "--fault authentik-host-stal", "did you mean authentik-host-stale?"),
        (lab, "--authentik 1", "there are 2026.5, 2026.8"),
        (lab, "--state=", "argument --state: is empty"),
        (lab, "--state FOLDER/good.toml", "--state FOLDER/good.toml cannot be written"),
        (lab, "--state /proc/x", "--state /proc/x cannot be written"),
        (lab, "falts", "choose from 'fault', 'heal', 'faults'"),
        (lab, "heal --state FOLDER", "no lab is running with its state in FOLDER"),
        (merge, "", "the following arguments are required"),
        (
            merge,
            "FOLDER/nowhere",
            "no share's report was found; passed over FOLDER/nowhere: No such file or directory, n",
        ),
        (merge, "FOLDER", "name the folder that the runs with --shard wrote to"),
        *((merge, f"FOLDER --parts {value}", "is no number of shares") for value in ("0", "x", "nan")),
        *((merge, f"FOLDER --wait {value}", "is no number of seconds") for value in ("nan", "-1", "1e99")),
        (merge, "FOLDER --within inf", "is no number of minutes"),
        (overlay, "", "the following arguments are required: --estate, --to, --image"),
        (overlay, "--estate= --to FOLDER/o --image x:1", "argument --estate: is empty"),
        (overlay, "--estate FOLDER/nowhere --to FOLDER/o --image x:1", "FOLDER/nowhere: there is no such file"),
        (overlay, "--estate FOLDER/served.toml --to FOLDER/good.toml --image x:1", "--to FOLDER/good.toml: is a file"),
        (
            overlay,
            "--estate FOLDER/good.toml --to FOLDER/o --image x:1",
            "http://127.0.0.1:1: is this machine, and in a pod",
        ),
        (overlay, "--estate FOLDER/served.toml --to /proc/x --image x:1", "--to /proc/x: cannot be written"),
        (overlay, "--estate FOLDER/served.toml --to FOLDER/o --image x:1\ty", "must be one word"),
        (overlay, "--estate FOLDER/served.toml --to FOLDER/o --image x:1 --store A_b", "'A_b' is no name"),
        (overlay, "--estate FOLDER/served.toml --to FOLDER/o --image x:1 --argocd=", "'' is no name"),
        (
            overlay,
            "--estate FOLDER/served.toml --to FOLDER/o --image x:1 --access x",
            "no application of the estate file",
        ),
        (overlay, "--estate FOLDER/served.toml --to FOLDER/o --image x:1 --with viewr", "choose from 'viewer'"),
        (
            overlay,
            "--estate FOLDER/served.toml --to FOLDER/o --image x:1 --known-failures FOLDER",
            "FOLDER: is a folder",
        ),
    ],
)
def test_a_command(folder, tmp_path, monkeypatch, capsys, command, typed, wanted):
    monkeypatch.chdir(tmp_path)
    try:
        code = command([part.replace("FOLDER", str(folder)) for part in typed.split(" ") if part])
    except SystemExit as ended:
        code = ended.code
    refused(code, capsys.readouterr().err, wanted, folder)
    assert not (folder / "o").exists()
    assert not list(tmp_path.iterdir())


def test_a_page_that_could_not_be_written(folder):
    # Warm runs are without pytest-html.
    run = run_suite("--estate", str(folder / "good.toml"), "--html", str(folder))
    refused(run.exit_code, run.stderr, "--html FOLDER: cannot be written, name a file", folder)


def test_an_empty_file_of_known_failures_knows_none(folder):
    run = run_suite("--lab", "--known-failures", str(folder / "empty.toml"), "-k", "OIDC-DISC-02 and grafana")
    assert run.exit_code == 0, run.stderr
