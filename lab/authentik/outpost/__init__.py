"""The proxy outpost, embedded or standalone: forward auth for the applications of its providers."""
