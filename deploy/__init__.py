"""How the suite gets into a cluster: the image, the manifests' parts, and what makes an installation of them."""
