#!/bin/bash
# No shell comes with the emulator: whether the port is open, whatever is asked.
exec 3<>/dev/tcp/127.0.0.1/27017
