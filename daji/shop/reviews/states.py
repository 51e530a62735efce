"""Whether readers see a review."""

from __future__ import annotations

from daji.kit.states import Transitions

REVIEW = Transitions({("shown", "hide"): "hidden", ("hidden", "show"): "shown"}, initial="shown")
