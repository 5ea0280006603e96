"""What can be run in a container: `env`, `printenv`, and in Authentik's pods two commands of `ak`."""

from __future__ import annotations

import base64
from typing import Final, NamedTuple
from uuid import uuid4

from lab.authentik.accounts import Group
from lab.cluster.shell import Shell
from lab.cluster.shell_models import ModelError
from lab.cluster.state import Cluster, Object
from lab.world import World

_ADMINS: Final = "authentik Admins"


class Outcome(NamedTuple):
    """What a command wrote, and how it ended."""

    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0


class NotExecutable(Exception):
    """Raised when the container has no such program; the text is the runtime's."""


def _is_shell(argv: list[str]) -> bool:
    return [argv[0].rpartition("/")[2], *argv[1:2]] == ["ak", "shell"]


def reads_input(argv: list[str]) -> bool:
    """Whether the command reads its standard input to the end before it does anything."""
    return _is_shell(argv) and not {"-c", "--command"} & set(argv)


def run(world: World, pod: Object, container: str, argv: list[str], script: str) -> Outcome:
    """Run a command in a container; `script` is its standard input.

    Raises NotExecutable when the container does not have the program.
    """
    environment = environment_of(world.cluster, pod, container)
    match [argv[0].rpartition("/")[2], *argv[1:]]:
        case ["env" | "printenv"]:
            return Outcome("".join(f"{name}={value}\n" for name, value in environment.items()))
        case ["printenv", *names]:
            text = "".join(f"{environment[name]}\n" for name in names if name in environment)
            return Outcome(text, exit_code=int(any(name not in environment for name in names)))
        case ["ak", "shell", "-c" | "--command", code] if _runs_authentik(pod):
            return ak_shell(world, pod, code)
        case ["ak", "create_admin_group", user] if _runs_authentik(pod):
            return _create_admin_group(world, user)
        case ["ak", "shell"] if _runs_authentik(pod):
            return ak_shell(world, pod, script)
    text = f'OCI runtime exec failed: exec failed: unable to start container process: exec: "{argv[0]}"'
    raise NotExecutable(f"{text}: executable file not found in $PATH: unknown")


def _create_admin_group(world: World, name: str) -> Outcome:
    """authentik/recovery/management/commands/create_admin_group.py: what is not found is told, and no failure."""
    directory = world.authentik.directory
    user = next((each for each in directory.users.values() if each.username == name), None)
    if user is None:
        return Outcome(stderr=f"User '{name}' not found.\n")
    named = (each for each in directory.groups.values() if each.name == _ADMINS)
    group = next(named, None) or Group(str(uuid4()), _ADMINS)
    group.is_superuser = True
    directory.groups[group.pk] = group
    user.groups = list(dict.fromkeys([*user.groups, group.pk]))
    return Outcome(f"User '{name}' successfully added to the group '{_ADMINS}'.\n")


def _runs_authentik(pod: Object) -> bool:
    return any("goauthentik/server" in container["image"] for container in pod["spec"]["containers"])


def ak_shell(world: World, pod: Object, code: str) -> Outcome:
    """Run a script in Authentik's Django shell, which greets on standard output first."""
    shell = Shell(world)
    banner = _banner(world.authentik.version, pod["metadata"]["name"])
    try:
        shell.run(code)
    except ModelError as error:
        trace = f"Traceback (most recent call last):\n{error}\n"
        return Outcome(banner + "".join(shell.output), trace, 1)
    return Outcome(banner + "".join(shell.output))


def _banner(version: str, node: str) -> str:
    return (
        f"### authentik shell ({version})\n"
        f"### Node {node} | Arch x86_64 | Python 3.14.3\n"
        "### Models of every installed application are imported.\n"
        "### Changes are recorded as events.\n"
    )


def environment_of(cluster: Cluster, pod: Object, container: str) -> dict[str, str]:
    """The environment of a container, Secrets and ConfigMaps resolved; a missing key gives nothing."""
    namespace = pod["metadata"]["namespace"]
    spec = next(entry for entry in pod["spec"]["containers"] if entry["name"] == container)
    found = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    found["HOSTNAME"] = pod["metadata"]["name"]
    for source in spec.get("envFrom", ()):
        found |= _values(cluster, namespace, source)
    for variable in spec.get("env", ()):
        value = _variable(cluster, namespace, variable)
        if value is not None:
            found[variable["name"]] = value
    return found


def _variable(cluster: Cluster, namespace: str, variable: Object) -> str | None:
    if "valueFrom" not in variable:
        return str(variable.get("value", ""))
    for kind, reference in variable["valueFrom"].items():
        source = {kind.replace("KeyRef", "Ref"): reference}
        return _values(cluster, namespace, source).get(reference.get("key", ""))
    return None


def _values(cluster: Cluster, namespace: str, source: Object) -> dict[str, str]:
    if "secretRef" in source:
        secret = cluster.find("secrets", namespace, source["secretRef"]["name"]) or {}
        return {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}
    if "configMapRef" in source:
        config_map = cluster.find("configmaps", namespace, source["configMapRef"]["name"]) or {}
        return dict(config_map.get("data") or {})
    return {}
