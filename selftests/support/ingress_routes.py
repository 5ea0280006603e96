"""IngressRoutes as the API gives them, with the parents that newer ones may name, and the proxy they are read for."""

from fixtures.topics.routes.proxy import Proxy
from selftests.support.spelled import KNOWN, SERVER

PROXY = Proxy(KNOWN, outposts=frozenset({SERVER}), version=(3, 7, 0))


def ingress_route(name, rule, *middlewares, service="longhorn-frontend", parents=(), namespace="longhorn-system"):
    entry = {
        "match": rule,
        "middlewares": [{"name": each, "namespace": "traefik-system"} for each in middlewares],
        "services": [{"name": service}] if service else [],
    }
    spec = {"routes": [entry], "parentRefs": [{"name": each, "namespace": "traefik-system"} for each in parents]}
    return {"metadata": {"namespace": namespace, "name": name}, "spec": spec}
