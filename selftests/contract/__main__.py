"""`python -m selftests.contract [EXCHANGE…]`: replay, print what differs in those exchanges, and the figures."""

import sys
from itertools import product

from selftests.contract import differing, recordings
from selftests.contract.naming import OTHER, RECORDED
from selftests.contract.plan import replay


def table(outcome: differing.Outcome, listed: list[differing.Listed]) -> list[str]:
    """A line per folder, and one for all."""
    lines = [f"{'folder':20}{'compared':>10}{'equal':>8}{'listed':>8}{'share':>8}{'no counterpart':>16}"]
    for folder in (*recordings.FOLDERS, ""):
        of = differing.figures(outcome, listed, folder)
        share = f"{of.share:8.1%}" if of.compared else f"{'-':>8}"
        lines.append(f"{folder or 'all':20}{of.compared:10}{of.equal:8}{of.listed:8}{share}{of.without:16}")
    return lines


def main(wanted: list[str]) -> int:
    """0 when the lists of differences hold under both namings, 1 otherwise or without recordings."""
    wrong = []
    for release, naming in product(recordings.SETS, (RECORDED, OTHER)):
        if recordings.folder(release) is None:
            print(recordings.NOWHERE)
            return 1
        listed = differing.load(release)
        outcome = replay(recordings.load(release, naming), naming, release)
        wrong += [f"{release}: {complaint}" for complaint in differing.complaints(outcome, listed)]
        print(f"{release}, {naming.name}:", *table(outcome, listed), sep="\n  ")
        for name in wanted:
            print(f"{name}:", *outcome.compared.get(name, ()), sep="\n  ")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
