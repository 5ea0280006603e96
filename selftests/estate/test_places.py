"""Where remedies lead a person: to the estate's own cluster, whichever another kubectl would ask."""

import tomllib

import pytest

from fixtures.estate import parse_estate
from fixtures.estate.places import kubectl_options
from selftests.support.http_door import ESTATE


@pytest.mark.parametrize(
    ("cluster", "options"),
    [
        ("", ()),
        ("[cluster]\nin_cluster = true", ()),
        ('[cluster]\ncontext = "prod"', ("--context=prod",)),
        ('[cluster]\nkubeconfig = "/k"\ncontext = "prod"', ("--kubeconfig=/k", "--context=prod")),
        ('[cluster]\nkubeconfig = "/k"', ("--kubeconfig=/k",)),
        ('[cluster]\nkubeconfig = "/k"\ncontext = "suite"\noperator_context = "me"', ("--context=me",)),
        ('[cluster]\nin_cluster = true\noperator_context = "me"', ("--context=me",)),
    ],
)
def test_kubectl_gets_there_as_the_estate_file_says(cluster, options):
    estate = parse_estate(tomllib.loads(f"{ESTATE.format(port=1)}\n{cluster}\n"), "test")
    assert kubectl_options(estate) == options
