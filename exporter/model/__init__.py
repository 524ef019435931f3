"""Records, sessions, time and money: the vocabulary of all other packages."""
