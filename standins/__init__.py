"""Stand-ins for the systems the add-on talks to: seeded, on loopback, with TLS from a throw-away CA.

They replace nothing in the add-on: it reaches them over the network as it would the real ones.
"""
