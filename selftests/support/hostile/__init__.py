"""Bad answers, generated: what there is of them, where they are given, and what a run may make of them."""
