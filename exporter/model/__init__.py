"""Records, sessions, time and money: the vocabulary of everything else."""
