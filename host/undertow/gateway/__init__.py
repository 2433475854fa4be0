"""The far end of the tunnel on a Linux machine of one's own: where boxes' traffic comes out."""
