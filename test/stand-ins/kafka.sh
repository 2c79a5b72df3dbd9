#!/bin/sh
# Obeys the official image's variables: each KAFKA_A_B is the setting a.b, two underscores are one, three a dash.
set -eu
properties=/opt/kafka/config/server.properties
env | grep '^KAFKA_' | grep -vE '^KAFKA_(HEAP_OPTS|OPTS|VERSION|HOME)=' | while IFS='=' read -r name value; do
  setting=$(printf %s "${name#KAFKA_}" | sed 's/___/-/g; s/__/\t/g; s/_/./g; s/\t/_/g' | tr A-Z a-z)
  printf '%s=%s\n' "$setting" "$value"
done >"$properties"
jvm="${KAFKA_HEAP_OPTS:--Xms64m -Xmx256m} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:MaxMetaspaceSize=96m -XX:ReservedCodeCacheSize=48m -XX:-UsePerfData -Dlog4j2.configurationFile=/etc/kafka/log4j2.properties"
# Split into words on purpose.
# shellcheck disable=SC2086
java $jvm -cp '/opt/kafka/libs/*' kafka.tools.StorageTool format --ignore-formatted -t "${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" -c "$properties"
# shellcheck disable=SC2086
exec java $jvm -cp '/opt/kafka/libs/*' kafka.Kafka "$properties"
