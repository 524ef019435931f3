"""Threads and sockets of the operating system under gevent, and how blocking work is offloaded."""
