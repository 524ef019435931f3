"""How sessions, calls and requests are shown: JSON with secrets redacted."""
