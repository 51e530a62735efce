"""What `daji rehearse` is made of: a stage that is thrown away, a crowd, and the knock at the door."""
