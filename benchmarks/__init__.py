"""What `make bench` runs. Figures are ratios taken in one run, because machines are noisy."""
