"""Every journey of the house that crosses wings, one file each.

A journey is a list of phases: a phase is one local transaction handed to every room it touches; calls to the
outside stand between phases. `daji.kit.runs` makes a journey answer once and resume after a crash.
"""
