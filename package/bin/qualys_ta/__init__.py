"""TA-QualysCloudPlatform: what (populator), how (api), where (splunk), whither (exports)."""

VERSION = "2.0.0"
APP = "TA-QualysCloudPlatform"
