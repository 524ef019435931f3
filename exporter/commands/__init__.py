"""The commands of hookmeter, one file each: it reads its settings and calls the function that does the work."""
