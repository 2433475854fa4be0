"""What there is to know of the boards, from hardware/*.toml, and all that is made of it."""
