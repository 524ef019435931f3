"""The cases of all alerts by subject: when an alert fires, with its texts, and when it does not."""
