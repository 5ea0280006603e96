"""How the suite gets into a cluster: the image, the manifests' parts, and what makes an installation of them."""

import fixtures  # noqa: F401  # refuses a Python that is not the suite's
