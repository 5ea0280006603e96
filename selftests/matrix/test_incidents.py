"""What has really gone wrong is among the faults."""

from lab.faults import load
from lab.incidents import INCIDENTS


def test_each_incident_is_repeated_by_faults_that_exist():
    repeated = {name for incident in INCIDENTS for name in incident.faults}
    assert repeated <= set(load())
    assert all(incident.faults for incident in INCIDENTS)


def test_an_incident_has_one_name():
    names = [incident.id for incident in INCIDENTS]
    assert len(set(names)) == len(names) >= 15
