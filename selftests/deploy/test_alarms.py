"""What calls for somebody: Prometheus' rules, what is scraped, ArgoCD's notification, and who may reach what."""

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml

from selftests.support.manifests import HOOK, NAMESPACE, OVERLAYS, folder_of, one, pod_templates, rendered

WITH_RULES = list(OVERLAYS)
NOTIFICATIONS = folder_of("frank") / "argocd" / "notifications.yaml"
LABEL = re.compile(r"\{\{ \$labels\.(\w+) \}\}")


def alarms(overlay: str) -> dict[str, dict[str, Any]]:
    found = [obj for obj in rendered(overlay) if obj["kind"] == "PrometheusRule"]
    rules = [rule for obj in found for group in obj["spec"]["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    return {rule["alert"]: rule for rule in rules}


def selectors(expression: promql_parser.Expr) -> Iterator[promql_parser.VectorSelector]:
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
    children = [getattr(expression, name, None) for name in ("expr", "lhs", "rhs", "param", "vector_selector")]
    for child in [*children, *getattr(expression, "args", [])]:
        if isinstance(child, promql_parser.Expr):
            yield from selectors(child)


def picks(selector: promql_parser.VectorSelector, label: str, value: str) -> bool:
    matchers = [matcher for matcher in selector.matchers.matchers if matcher.name == label]
    assert matchers, f"{selector} says nothing of {label}"
    return all(re.fullmatch(matcher.value, value) for matcher in matchers)


@pytest.mark.parametrize("overlay", WITH_RULES)
def test_the_rules_are_promql(overlay):
    assert len(alarms(overlay)) >= 4
    for name, rule in alarms(overlay).items():
        assert list(selectors(promql_parser.parse(rule["expr"]))), name
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]
        assert "kubectl" in rule["annotations"]["description"]


@pytest.mark.parametrize("overlay", WITH_RULES)
def test_each_rule_looks_at_jobs_that_the_overlay_has(overlay):
    """A job's name that no longer fits its rule is an alarm that never rings."""
    hooks, cronjobs = (
        [obj["metadata"]["name"] for obj in rendered(overlay) if obj["kind"] == kind] for kind in ("Job", "CronJob")
    )
    # The name of a CronJob's Job: its own, and a number.
    jobs = [*hooks, *(f"{name}-29451234" for name in cronjobs)]
    for rule in alarms(overlay).values():
        for selector in selectors(promql_parser.parse(rule["expr"])):
            if not selector.name.startswith("kube_"):
                continue
            assert picks(selector, "namespace", NAMESPACE)
            label, values = ("cronjob", cronjobs) if "cronjob" in selector.name else ("job_name", jobs)
            if rule["alert"] != "SSOConformancePostSyncRed" or hooks:
                assert [value for value in values if picks(selector, label, value)], f"{rule['alert']}: {selector}"


@pytest.mark.parametrize("overlay", WITH_RULES)
def test_a_red_run_and_an_absent_one_are_alarms(overlay):
    names = {name: {s.name for s in selectors(promql_parser.parse(r["expr"]))} for name, r in alarms(overlay).items()}
    assert "kube_job_status_failed" in names["SSOConformanceRed"]
    assert "kube_cronjob_status_last_successful_time" in names["SSOConformanceNotProven"]
    absent = promql_parser.parse(alarms(overlay)["SSOConformanceAbsent"]["expr"])
    assert absent.func.name == "absent"


@pytest.mark.parametrize("overlay", WITH_RULES)
def test_texts_use_labels_that_the_expression_keeps(overlay):
    for rule in alarms(overlay).values():
        used = {label for text in rule["annotations"].values() for label in LABEL.findall(text)}
        kept = set(re.findall(r"\w+", "".join(re.findall(r"by \(([^)]*)\)", rule["expr"]))))
        assert used <= kept, rule["alert"]


@pytest.mark.parametrize("overlay", WITH_RULES)
def test_what_is_scraped_is_what_the_viewer_serves(overlay):
    monitor = one(overlay, "ServiceMonitor", NAMESPACE)["spec"]
    service = one(overlay, "Service", "sso-conformance-reports")
    deployment = one(overlay, "Deployment", "sso-conformance-reports")["spec"]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert service["spec"]["selector"].items() <= deployment["template"]["metadata"]["labels"].items()
    assert deployment["selector"]["matchLabels"].items() <= deployment["template"]["metadata"]["labels"].items()
    (port,) = service["spec"]["ports"]
    assert monitor["endpoints"][0]["port"] == port["name"]
    container = deployment["template"]["spec"]["containers"][0]
    assert {port["targetPort"]} <= {entry["name"] for entry in container["ports"]}
    assert [mount["readOnly"] for mount in container["volumeMounts"]] == [True]
    assert deployment["template"]["spec"]["automountServiceAccountToken"] is False


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_pod_has_a_network_policy(overlay):
    policies = [obj["spec"] for obj in rendered(overlay) if obj["kind"] == "NetworkPolicy"]
    for name, template in pod_templates(overlay).items():
        labels = template["metadata"]["labels"].items()
        ours = [policy for policy in policies if policy["podSelector"]["matchLabels"].items() <= labels]
        assert len(ours) == 1, name
        assert set(ours[0]["policyTypes"]) == {"Ingress", "Egress"}


def test_the_notification_is_for_failed_and_errored_operations():
    text = NOTIFICATIONS.read_text(encoding="utf-8")
    data = yaml.safe_load(text)["data"]
    ((name, trigger),) = ((key, value) for key, value in data.items() if key.startswith("trigger."))
    (condition,) = yaml.safe_load(trigger)
    assert "phase in ['Error', 'Failed']" in condition["when"]
    (template,) = (yaml.safe_load(data[f"template.{name}"]) for name in condition["send"])
    subscription = f"notifications.argoproj.io/subscribe.{name.removeprefix('trigger.')}."
    for name in ("application", "application-with-authentik"):
        path = NOTIFICATIONS.with_name(f"{name}.yaml")
        annotations = yaml.safe_load(path.read_text(encoding="utf-8"))["metadata"]["annotations"]
        services = [key.removeprefix(subscription) for key in annotations if key.startswith(subscription)]
        assert services, path.name
        # A webhook sends GET and no body unless the template says otherwise.
        assert all(template["webhook"][service]["method"] == "POST" for service in services)


@pytest.mark.parametrize("recipient", ["", "-1001"])
def test_the_webhooks_body_is_json(recipient):
    text = NOTIFICATIONS.read_text(encoding="utf-8")
    template = yaml.safe_load(yaml.safe_load(text)["data"]["template.sso-conformance-failed"])
    body = template["webhook"]["telegram"]["body"]
    conditional = re.compile(r"\{\{- if \.recipient\}\}(.*?)\{\{end -\}\}\s*", re.DOTALL)
    body = conditional.sub(lambda found: found[1] if recipient else "", body)
    # What Go makes of an action that ends in toJson.
    body = re.sub(r"\{\{[^{}]*\| toJson\}\}", '"…"', body, flags=re.DOTALL)
    assert set(json.loads(body)) == ({"chat_id", "text"} if recipient else {"text"})


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_claim_has_somebody_who_takes_it_at_once(overlay):
    """Where volumes wait for their first consumer, the night's Application would be Progressing until the night."""
    claims = {obj["metadata"]["name"] for obj in rendered(overlay) if obj["kind"] == "PersistentVolumeClaim"}
    running = [obj["spec"]["template"]["spec"] for obj in rendered(overlay) if obj["kind"] == "Deployment"]
    taken = {v["persistentVolumeClaim"]["claimName"] for spec in running for v in spec["volumes"]}
    assert claims == taken


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_hook_needs_no_claim(overlay):
    """It must run when storage is what broke; its report is in its log."""
    spec = pod_templates(overlay)[HOOK]["spec"]
    assert not [volume for volume in spec["volumes"] if "persistentVolumeClaim" in volume]
