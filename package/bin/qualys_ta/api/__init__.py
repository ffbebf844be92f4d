"""HOW: the Qualys platform. Requests, answers, limits and errors; nothing of Splunk, nothing of events."""
