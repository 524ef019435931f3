"""One file a subject: what the totals look like as metrics."""
