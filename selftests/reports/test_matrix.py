"""The table of applications by questions: what is shown, in which order, and what is folded."""

from collections import Counter
from dataclasses import replace

from fixtures.model.outcomes import Outcome
from fixtures.reports.matrix import EXAMPLES, at_a_glance, matrices
from selftests.support import sample_results as samples


def test_matrix_has_applications_by_areas():
    smoke, oidc, gated = matrices(samples.three_roots().cases)
    assert [row.name for row in smoke.rows] == ["whole estate"]
    assert [row.name for row in oidc.rows] == ["argocd", "grafana", "infisical"]
    assert [cell.outcome for cell in oidc.rows[1].cells if cell and cell.outcome != "passed"] == [
        "failed", "failed", "blocked"
    ]  # fmt: skip
    gates = [cell for row in gated.rows for cell in row.cells if cell and cell.area == "FWD-GATE"]
    assert {cell.outcome for cell in gates} == {"failed"}


def test_the_worst_application_comes_first():
    glance = at_a_glance(matrices(samples.three_roots().cases))
    assert [name for name, _ in glance] == ["grafana", "longhorn", "hubble", "sympozium", "argocd", "infisical"]
    assert [cell.outcome for _, cell in glance] == ["failed"] * 4 + ["passed"] * 2


def test_what_nobody_asked_for_is_no_worse_than_what_was_judged():
    judged = samples.case("OIDC-TOKEN-04", "argocd", "an unknown grant is refused", "D12")
    writes = samples.case("OIDC-TOKEN-05", "argocd", "a token", "D12", Outcome.NOT_VERIFIED, need="writes")
    found = [judged, writes, replace(writes, case="grafana")]
    outcomes = {row.name: [cell.outcome for cell in row.cells if cell] for row in matrices(found)[0].rows}
    assert outcomes == {"argocd": ["passed"], "grafana": ["not verified"]}


def test_matrix_of_one_area_has_its_names():
    cases = [case for case in samples.cases() if case.check_id == "OIDC-DISC-02"]
    assert [row.name for row in matrices(cases)[0].rows] == ["argocd", "grafana", "infisical"]


def test_an_application_that_nothing_is_asked_about_has_no_chip_and_is_not_green():
    cases = [replace(one, outcome=Outcome.NOT_APPLICABLE) if one.case == "argocd" else one for one in samples.cases()]
    assert "argocd" not in dict(at_a_glance(matrices(cases)))
    rows = [row for matrix in matrices(cases) for row in matrix.rows if row.name == "argocd"]
    assert rows
    assert not any(row.folds for row in rows)


def test_green_applications_are_folded_where_there_are_many():
    found = matrices(samples.many(1000).cases)[1]
    assert found.folded
    assert all(not row.folds for row in found.rows)


def test_applications_that_look_alike_are_folded_but_for_examples():
    """Fifty gates behind one broken outpost are one thing to read, not fifty rows."""
    found = matrices(samples.many(1000, red=True).cases)[1]
    looks = Counter(tuple(cell and cell.outcome for cell in row.cells) for row in found.rows)
    assert max(looks.values()) == EXAMPLES
    assert found.alike
    assert all(tuple(cell and cell.outcome for cell in row.cells) in looks for row in found.alike)
    assert [rows for rows, _ in found.parts] == [found.rows, found.alike]
    assert len({row.name for row in found.every}) == len(found.every) > EXAMPLES


def test_few_applications_are_all_shown():
    assert not [row for matrix in matrices(samples.three_roots().cases) for row in (*matrix.alike, *matrix.folded)]
