"""The lab: an estate that lives in one process, answers as the real things do, and can be broken on purpose.

Nothing here imports from the suite: a mistake shared by judge and judged would be invisible.
"""
