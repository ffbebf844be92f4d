"""WHITHER: one module per target that findings are carried on to."""
