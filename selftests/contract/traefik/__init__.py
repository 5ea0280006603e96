"""What a real Traefik makes of rules, and of the lab's objects."""
