"""From where the server may be used, and the files of its pages."""
