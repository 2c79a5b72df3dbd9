#!/bin/sh
# No mongod: an emulator of its wire protocol. It takes --port, --dbpath and --bind_ip_all, and passes over the rest.
set -eu
port=27017 dbpath=/data/db host=127.0.0.1
while [ $# -gt 0 ]; do
  case $1 in
    --port) port=$2; shift ;;
    --dbpath) dbpath=$2; shift ;;
    --bind_ip_all) host=0.0.0.0 ;;
    --bind_ip) host=$2; shift ;;
  esac
  shift
done
exec java -Xms32m -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError -cp '/opt/emulator/classes:/opt/emulator/*' MongoEmulator "$dbpath" "$host" "$port"
