"""The embedded proxy outpost: forward auth for the applications of its providers."""
