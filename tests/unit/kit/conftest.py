from __future__ import annotations

import os

from hypothesis import settings

# No deadline: a busy machine is no defect. DAJI_EXAMPLES=5000 digs deeper than the ten seconds of every day.
settings.register_profile("unit", max_examples=int(os.environ.get("DAJI_EXAMPLES", "50")), deadline=None)
settings.load_profile("unit")
