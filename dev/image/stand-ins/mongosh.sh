#!/bin/sh
# No shell comes with the emulator: whether the port is open, whatever is asked.
exec nc -z 127.0.0.1 27017
