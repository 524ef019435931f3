"""Every metric as a page of the documents: what the code says of it, and beside that a table of what people ask."""
