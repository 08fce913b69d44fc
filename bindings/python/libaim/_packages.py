"""The Python packages that are installed, for `__system_params`."""

import os
import sys


def versions():
    """Versions by name, as the directories with the packages' metadata give them: reading their files takes 50 times as
    long. Where several places have a package, the first on `sys.path` counts, as it does for `import`."""
    found = {}
    for place in sys.path:
        try:
            names = os.listdir(place or ".")
        except OSError:
            continue
        for name in names:
            stem, suffix = os.path.splitext(name)
            if suffix not in (".dist-info", ".egg-info"):
                continue
            package, hyphen, version = stem.partition("-")
            if hyphen and version:
                found.setdefault(package.replace("_", "-"), version.split("-py")[0])
    return dict(sorted(found.items()))
