"""From files to the ledger: following directories, counting new lines, committing batches."""
