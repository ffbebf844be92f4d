"""What one due input does with what it pulls; joins populator, api and splunk, as `run` and `job` do."""
