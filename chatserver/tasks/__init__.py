"""Tasks: what people ask agents to do, from the queue to the last process of a run."""
