"""The commands of hookmeter, a file each, which only reads the options and prints the result."""
