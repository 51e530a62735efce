"""One file per verb: check, claim by one conditional update. None commits and none calls a carrier."""
