"""The REST handlers behind the set-up pages: thin, and checking by the same table as everything else."""
