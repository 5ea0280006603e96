"""A container's log as `pods/log` gives it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from lab.cluster.answers import Refusal, bad_request
from lab.cluster.state import Cluster, LogLine, Object
from lab.cluster.tables import parse_time


def container_of(pod: Object, asked: str) -> str:
    """The container a log or an exec is for. Raises Refusal (400) when it is unknown or has to be named."""
    name = pod["metadata"]["name"]
    containers = [container["name"] for container in pod["spec"]["containers"]]
    if asked and asked not in containers:
        raise bad_request(f"container {asked} is not valid for pod {name}")
    if not asked and len(containers) > 1:
        choices = " ".join(containers)
        raise bad_request(f"a container name must be specified for pod {name}, choose one of: [{choices}]")
    return asked or containers[0]


def read_log(cluster: Cluster, pod: Object, query: Mapping[str, str]) -> str:
    """The text that the query's options select. Raises Refusal (400) for options that make no sense."""
    container = container_of(pod, query.get("container", ""))
    if query.get("follow") == "true":
        raise bad_request("this cluster does not follow logs; ask again without follow")
    lines = _since(cluster, _lines(cluster, pod, container, query), query)
    if "tailLines" in query:
        count = _number(query, "tailLines")
        lines = lines[-count:] if count else []
    stamped = query.get("timestamps") == "true"
    text = "".join(f"{_stamp(line.at)} {line.text}\n" if stamped else f"{line.text}\n" for line in lines)
    if "limitBytes" in query:
        return text.encode()[: _number(query, "limitBytes")].decode(errors="ignore")
    return text


def _lines(cluster: Cluster, pod: Object, container: str, query: Mapping[str, str]) -> list[LogLine]:
    name = pod["metadata"]["name"]
    key = (pod["metadata"]["namespace"], name, container)
    if query.get("previous") == "true":
        if key not in cluster.previous_logs and not _restarted(pod, container):
            raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
        return list(cluster.previous_logs.get(key, ()))
    waiting = _state(pod, container).get("state", {}).get("waiting")
    if waiting and key not in cluster.logs:
        reason = waiting.get("reason", "ContainerCreating")
        raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {reason}')
    return list(cluster.logs.get(key, ()))


def _state(pod: Object, container: str) -> Object:
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    return next((status for status in statuses if status["name"] == container), {})


def _restarted(pod: Object, container: str) -> bool:
    return bool(_state(pod, container).get("restartCount"))


def _since(cluster: Cluster, lines: list[LogLine], query: Mapping[str, str]) -> list[LogLine]:
    if "sinceSeconds" in query and "sinceTime" in query:
        raise _invalid("at most one of `sinceTime` or `sinceSeconds` may be specified")
    if "sinceSeconds" in query:
        start = cluster.now() - timedelta(seconds=_number(query, "sinceSeconds"))
    elif "sinceTime" in query:
        start = _moment(query["sinceTime"])
    else:
        return lines
    return [line for line in lines if line.at >= start]


def _moment(text: str) -> datetime:
    try:
        return parse_time(text)
    except ValueError as error:
        raise bad_request(f'parsing time "{text}" as RFC 3339 failed') from error


def _number(query: Mapping[str, str], key: str) -> int:
    if not query[key].isdigit():
        raise _invalid(f"{key}: Invalid value: must be greater than or equal to 0")
    return int(query[key])


def _invalid(message: str) -> Refusal:
    return Refusal(422, "Invalid", f'PodLogOptions "" is invalid: {message}', {"kind": "PodLogOptions"})


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
