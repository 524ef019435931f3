"""Sessions, calls and requests as JSON, with secrets redacted."""
