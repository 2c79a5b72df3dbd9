#!/bin/bash
# No client programs come with the engine: whether the port is open, whatever is asked.
exec 3<>/dev/tcp/127.0.0.1/5432
