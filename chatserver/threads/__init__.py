"""Native threads and sockets under gevent, and offloading of blocking work to them."""
