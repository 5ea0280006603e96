"""Runs the pods of the rendered manifests against a lab: same command, arguments, environment and mounts.

Each mount is a folder of a temporary one, and its path is exchanged wherever the pod's text names it.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lab.lab import KUBERNETES, Lab
from selftests.support import image, installing
from selftests.support.manifests import Object, one, pod_templates, rendered

SECONDS = 120
MESSAGE = "/dev/termination-log"
WAITING = ("--settle=", "--wait=")
JOB_NAME = "batch.kubernetes.io/job-name"
# Python asks for the processor's name, and goes on without it.
HARMLESS = {"subprocess.Popen uname"}
# kubelet: FallbackToLogsOnError takes the end of the log, of so many bytes or lines.
FALLBACK_BYTES, FALLBACK_LINES = 2048, 80


@dataclass(frozen=True)
class PodRun:
    """What a pod left: its exit code, its log, what it wrote as termination message, and what was refused to it."""

    exit_code: int
    log: str
    message: str
    refused: list[str]
    reports: Path

    @property
    def termination_message(self) -> str:
        """What `kubectl describe pod` shows, by the policy FallbackToLogsOnError."""
        if self.message or self.exit_code == 0:
            return self.message
        return "\n".join(self.log.splitlines()[-FALLBACK_LINES:])[-FALLBACK_BYTES:]

    @cached_property
    def report(self) -> dict[str, Any]:
        """The newest report.json; empty when there is none."""
        path = self.reports / "latest" / "report.json"
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return loaded


def unknown_user() -> int | None:
    """The image's user, where this process may become it."""
    return int(image.instruction("USER").partition(":")[0]) if os.geteuid() == 0 else None


class Node:
    """Where pods run: the image, the volumes that outlive a pod, and the lab as the cluster around them."""

    def __init__(self, folder: Path, lab: Lab) -> None:
        self.folder, self.lab, self.user = folder, lab, unknown_user()
        self._pods = 0
        # A CronJob's Jobs are called after the minute that they are due at.
        self.minute = 29_451_234
        folder.chmod(0o755)
        image.build(folder / "image")
        self.interpreter = image.interpreter(folder)
        shutil.copyfile(Path(__file__).with_name("container.py"), folder / "container.py")

    def install(self, overlay: str) -> None:
        """Apply an overlay, and the blueprints."""
        installing.install(self.lab, rendered(overlay))

    def forget_volumes(self) -> None:
        """Delete what the pods so far have written to claims."""
        shutil.rmtree(self.folder / "claims", ignore_errors=True)

    def run(self, overlay: str, workload: str, **changes: Any) -> PodRun:
        """Run the first container of a workload's pod to its end."""
        with self.start(overlay, workload, **changes) as pod:
            return pod.ended()

    @contextmanager
    def start(
        self,
        overlay: str,
        workload: str,
        *,
        waits: float | None = None,
        credentials: bool = True,
        environment: dict[str, str] | None = None,
    ) -> Iterator["Running"]:
        """A running pod. `waits` shortens --settle or --wait, `credentials` says whether their Secret exists."""
        self._pods += 1
        place = self.folder / f"pod-{self._pods}"
        place.mkdir()
        pod = _Pod(self, place, overlay, workload, credentials=credentials)
        process = pod.launch(waits, environment or {})
        try:
            yield Running(process, pod)
        finally:
            process.kill()
            process.wait(10)

    def writable(self, path: Path) -> Path:
        """A folder that the pod's user may write to, as fsGroup makes it."""
        path.mkdir(parents=True, exist_ok=True)
        if self.user is not None:
            os.chown(path, self.user, self.user)
        return path


class _Pod:
    """One pod: its mounts made real, and its texts with their paths exchanged."""

    def __init__(self, node: Node, place: Path, overlay: str, workload: str, *, credentials: bool) -> None:
        self.node, self.place, self.workload = node, place, workload
        self.spec = spec = pod_templates(overlay)[workload]["spec"]
        self.container: Object = spec["containers"][0]
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        self._mounts = {mount["mountPath"]: volumes[mount["name"]] for mount in self.container["volumeMounts"]}
        self.paths = {path: self._folder(volume) for path, volume in self._mounts.items()}
        message = node.writable(place / "dev") / "termination-log"
        message.touch(mode=0o666)
        message.chmod(0o666)
        self.paths[self.container.get("terminationMessagePath", MESSAGE)] = message
        for path, volume in self._mounts.items():
            self._fill(self.paths[path], overlay, volume, credentials=credentials)

    def _folder(self, volume: Object) -> Path:
        if claim := volume.get("persistentVolumeClaim"):
            return self.node.writable(self.node.folder / "claims" / claim["claimName"])
        if "emptyDir" in volume:
            return self.node.writable(self.place / volume["name"])
        folder = self.place / volume["name"]
        folder.mkdir()
        return folder

    def _fill(self, folder: Path, overlay: str, volume: Object, *, credentials: bool) -> None:
        if "configMap" in volume:
            data = one(overlay, "ConfigMap", volume["configMap"]["name"])["data"]
            network = installing.network(self.node.lab, self.place)
            texts = {key: self.exchanged(text) for key, text in data.items()}
            for key, text in (texts | {"estate.toml": texts["estate.toml"] + network}).items():
                (folder / key).write_text(text, encoding="utf-8")
        elif "secret" in volume and credentials:
            for key, value in installing.credentials(self.node.lab).items():
                (folder / key).write_text(value, encoding="utf-8")

    def exchanged(self, text: str) -> str:
        """A text of the pod with its mounts' paths exchanged for real ones."""
        names = "|".join(re.escape(path) for path in sorted(self.paths, key=len, reverse=True))
        return re.sub(rf"(?<![\w/.-])({names})(?![\w.-])", lambda found: str(self.paths[found[1]]), text)

    def launch(self, waits: float | None, environment: dict[str, str]) -> "subprocess.Popen[str]":
        """Start it: the image's entry point unless the pod has a command, its settings, its user, and no HOME."""
        command = self.container.get("command") or image.entrypoint()
        assert command[:2] == ["python", "-m"]
        arguments = [self.exchanged(text) for text in [*command[2:], *self.container.get("args", [])]]
        if waits is not None:
            assert sum(text.startswith(WAITING) for text in arguments) == 1
            given = [(text, text.partition("=")[0]) for text in arguments]
            arguments = [f"{name}={waits}" if text.startswith(WAITING) else text for text, name in given]
        launcher = [*self.node.interpreter, str(self.node.folder / "container.py"), str(self._settings())]
        own = {entry["name"]: self._value(entry) for entry in self.container.get("env", [])}
        user = {"user": self.node.user, "group": self.node.user, "extra_groups": []} if self.node.user else {}
        return subprocess.Popen(
            [*launcher, *arguments],
            cwd=self.node.folder / "image" / "app",
            env=self._environment() | own | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **user,
        )

    def _value(self, entry: Object) -> str:
        """The value of a variable; of the Downward API one label is known here, which the Job's controller sets, and
        annotations, of which there are none."""
        if "value" in entry:
            return self.exchanged(entry["value"])
        path = entry["valueFrom"]["fieldRef"]["fieldPath"]
        if path.startswith("metadata.annotations["):
            return ""
        assert path == f"metadata.labels['{JOB_NAME}']"
        return f"{self.workload}-{self.node.minute}"

    def _settings(self) -> Path:
        account = self.spec.get("automountServiceAccountToken") is not False
        writable = [mount["mountPath"] for mount in self.container["volumeMounts"] if not mount.get("readOnly")]
        path = self.place / "settings.json"
        self.noted.touch()
        self.noted.chmod(0o666)
        settings = {
            "account": str(self._account()) if account else None,
            "writable": [str(self.paths[name]) for name in [*writable, MESSAGE]],
            "noted": str(self.noted),
        }
        path.write_text(json.dumps(settings), encoding="utf-8")
        return path

    @property
    def noted(self) -> Path:
        """Where the walls note what they refused."""
        return self.place / "refused"

    def _account(self) -> Path:
        folder = self.place / "serviceaccount"
        folder.mkdir()
        (folder / "token").write_text(self.node.lab.world.secrets.kubernetes_suite_token, encoding="utf-8")
        (folder / "ca.crt").write_bytes(self.node.lab.ca_pem)
        return folder

    def _environment(self) -> dict[str, str]:
        ours = image.environment() | {"PYTHONPATH": str(self.node.folder / "image" / "packages")}
        cluster = {
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT": str(self.node.lab.ports[KUBERNETES]),
        }
        return ours | cluster | {"PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": str(self.paths["/tmp"])}


class Running:
    """A pod that has been started."""

    def __init__(self, process: "subprocess.Popen[str]", pod: _Pod) -> None:
        self._process, self._pod = process, pod

    def terminate(self) -> None:
        """What the kubelet sends first: at a Job's deadline, an eviction, a drain."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """What comes after the grace period, or with the node's power."""
        self._process.kill()

    def wait_until_asked(self, questions: int, target: str = "") -> None:
        """Wait until the lab has been asked so many questions (at that target): the run is under way."""
        ends = time.monotonic() + SECONDS
        while sum(target in entry.target for entry in self._pod.node.lab.audit) < questions:
            assert self._process.poll() is None, "it ended before"
            assert time.monotonic() < ends
            time.sleep(0.02)

    def ended(self, *, within_grace: bool = False) -> PodRun:
        """What it left, once it has ended; `within_grace` allows it what the kubelet would."""
        pod = self._pod
        grace = float(pod.spec["terminationGracePeriodSeconds"])
        log, _ = self._process.communicate(timeout=grace if within_grace else SECONDS)
        message = pod.paths[pod.container.get("terminationMessagePath", MESSAGE)].read_text(encoding="utf-8")
        reports = next(
            (p.split("=")[1] for p in pod.container.get("args", []) if p.startswith("--reports=")), "/reports"
        )
        place = Path(pod.exchanged(reports))
        return PodRun(self._process.returncode, log, message, pod.noted.read_text().splitlines(), place)
