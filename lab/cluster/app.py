"""The Kubernetes API server as an ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lab.cluster import execution, port_forward, reading, writing
from lab.cluster.answers import (
    JSONAnswer,
    Refusal,
    TextAnswer,
    bad_request,
    forbidden,
    no_such_resource,
    not_acceptable,
    not_allowed,
    unauthorized,
)
from lab.cluster.discovery import discover
from lab.cluster.patches import parse
from lab.cluster.pod_logs import container_of, read_log
from lab.cluster.protobuf import MEDIA_TYPE, read_review
from lab.cluster.questions import Form, Question, acceptable, understand
from lab.cluster.rbac import ANONYMOUS, allowed, service_account
from lab.cluster.reviews import review
from lab.cluster.state import AuditEntry, Cluster, Identity, Object
from lab.world import World

# Serves a WebSocket that was admitted.
Stream = Callable[[Receive, Send], Awaitable[None]]


def build(world: World, reach: port_forward.Reach = port_forward.nowhere) -> ASGIApp:
    """The API server of `world.cluster`: bearer tokens, RBAC, JSON only. Port-forwards go where `reach` says."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope, receive)
            response = await _answer(world.cluster, request)
            for tamper in world.cluster.tampering:
                response = tamper(request, response)
            await response(scope, receive, send)
        elif scope["type"] == "websocket":
            await _stream(world, reach, scope, receive, send)

    return application


def _identify(cluster: Cluster, connection: HTTPConnection) -> Identity:
    """Who asks. Raises Refusal (401) for a token that is not known."""
    header = connection.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    if not header:
        return ANONYMOUS
    if scheme.lower() != "bearer" or token.strip() not in cluster.identities:
        raise unauthorized()
    return _acting(cluster, cluster.identities[token.strip()], connection.headers.get("impersonate-user", ""))


def _acting(cluster: Cluster, identity: Identity, name: str) -> Identity:
    """As whom somebody acts (kubectl's --as). Raises Refusal (403) where they may not."""
    if not name:
        return identity
    question = Question("impersonate", "", plural="users", name=name)
    if not allowed(cluster, identity, question):
        raise forbidden(identity, question)
    parts = name.split(":")
    is_account = parts[:2] == ["system", "serviceaccount"] and len(parts) == 4
    return service_account(*parts[2:]) if is_account else Identity(name, ("system:authenticated",))


async def _answer(cluster: Cluster, request: Request) -> Response:
    question = understand(request.method, request.url.path, request.query_params)
    form = acceptable(request.headers.get("accept", ""))
    identity, response = None, None
    try:
        identity = _identify(cluster, request)
        if not allowed(cluster, identity, question):
            raise forbidden(identity, question)
        response = await _serve(cluster, identity, question, form, request)
    except Refusal as refusal:
        response = refusal.answer()
    dry_run = request.query_params.get("dryRun") == "All"
    _record(cluster, identity, question, response.status_code, form=form, dry_run=dry_run)
    return response


def _record(
    cluster: Cluster,
    identity: Identity | None,
    question: Question,
    status: int,
    *,
    form: Form | None = None,
    dry_run: bool = False,
) -> None:
    entry = AuditEntry(
        user=identity.name if identity else "",
        verb=question.verb,
        group=question.group,
        resource=question.plural,
        namespace=question.namespace,
        name=question.name,
        subresource=question.subresource,
        metadata_only=bool(form and form.metadata_only),
        dry_run=dry_run,
        status=status,
    )
    cluster.audit.append(entry)


async def _serve(
    cluster: Cluster, identity: Identity, question: Question, form: Form | None, request: Request
) -> Response:
    if question.subresource == "log" and question.plural == "pods":
        pod = reading.stored(cluster, question)
        return TextAnswer(read_log(cluster, pod, request.query_params))
    if form is None:
        raise not_acceptable()
    if not question.plural:
        host = request.headers.get("host", "")
        return discover(request.url.path, form, host)
    if question.subresource == "exec":
        execution.check_streams(dict(request.query_params), request.query_params.getlist("command"))
        raise bad_request("Upgrade request required")
    if question.plural.startswith("selfsubject") and question.verb == "create":
        raw, media_type = await request.body(), request.headers.get("content-type", "")
        body = read_review(raw) if media_type.startswith(MEDIA_TYPE) else parse(raw)
        reading.resource_of(question)
        return JSONAnswer(review(cluster, identity, question.plural, body), 201)
    return await _object(cluster, question, form, request)


async def _object(cluster: Cluster, question: Question, form: Form, request: Request) -> Response:
    resource, query = reading.resource_of(question), request.query_params
    if question.subresource and question.subresource not in resource.subresources:
        raise no_such_resource()
    match question.verb:
        case "get":
            return _with_warning(question, JSONAnswer(reading.read(cluster, question, form, query)))
        case "list":
            return _with_warning(question, JSONAnswer(reading.read_list(cluster, question, form, query)))
        case "watch":
            return TextAnswer(reading.watch(cluster, question, query), media_type="application/json")
        case "delete":
            return JSONAnswer(writing.delete(cluster, question, dry_run=query.get("dryRun") == "All"))
        case "create" | "update" | "patch":
            verbs: dict[str, Any] = {
                "create": writing.create,
                "update": writing.replace,
                "patch": writing.patch,
            }
            headers = request.headers
            media_type, agent = headers.get("content-type", ""), headers.get("user-agent", "")
            write = writing.writing(query, await request.body(), media_type, agent)
            status, obj = verbs[question.verb](cluster, question, write)
            return JSONAnswer(obj, status)
    raise not_allowed()


def _with_warning(question: Question, response: Response) -> Response:
    if question.plural == "endpoints":
        text = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
        response.headers["warning"] = f'299 - "{text}"'
    return response


async def _stream(world: World, reach: port_forward.Reach, scope: Scope, receive: Receive, send: Send) -> None:
    """An exec or a port-forward over WebSocket, or the Status that refuses its handshake."""
    cluster, connection = world.cluster, HTTPConnection(scope)
    question = understand("GET", connection.url.path, connection.query_params)
    identity, status = None, 101
    try:
        identity = _identify(cluster, connection)
        pod = _admitted(cluster, identity, question)
        start = _STARTS[question.subresource](world, reach, pod, scope, connection)
    except Refusal as refusal:
        status = refusal.code
        await receive()
        await execution.refuse(send, scope, refusal)
        return
    finally:
        # What runs in a container may write: it is audited as the right it needs.
        _record(cluster, identity, question.asking("create"), status)
    await start(receive, send)


def _admitted(cluster: Cluster, identity: Identity, question: Question) -> Object:
    """The pod asked for: the handshake is a get, and since 1.35 it needs the right to create as well."""
    for attempt in (question, question.asking("create")):
        if not allowed(cluster, identity, attempt):
            raise forbidden(identity, attempt)
    if question.plural != "pods" or question.subresource not in _STARTS:
        raise no_such_resource()
    return reading.stored(cluster, question)


def _execution(world: World, _: port_forward.Reach, pod: Object, scope: Scope, connection: HTTPConnection) -> Stream:
    protocol = execution.protocol_of(scope)
    options, command = dict(connection.query_params), connection.query_params.getlist("command")
    execution.check_streams(options, command)
    container = container_of(pod, options.get("container", ""))
    return partial(execution.serve, world, execution.Execution(pod, container, command, options), protocol)


def _port_forward(_: World, reach: port_forward.Reach, pod: Object, scope: Scope, connection: HTTPConnection) -> Stream:
    port_forward.offered(scope)
    return partial(port_forward.serve, reach, pod, port_forward.ports_of(connection.query_params.getlist("ports")))


_STARTS: Final = {"exec": _execution, "portforward": _port_forward}
