"""From files to the ledger: follows directories, counts new lines, commits batches."""
