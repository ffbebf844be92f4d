"""WHERE: the host process. Modular input, settings, secrets, checkpoint, sink, log and lock."""
