"""The lab against what the real servers answered: recorded requests replayed, and the answers compared."""
