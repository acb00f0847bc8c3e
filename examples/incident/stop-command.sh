#!/usr/bin/env bash
# Stops a command wherever it runs: stop-command.sh cmd-… ['why']. It takes REDIS_URL, the cloud's key and the region from the
# environment, as `tat-cancel cancel --command` does. Ends with 1, and a list, if it may still run somewhere.
set -euo pipefail
command=${1:?which command? stop-command.sh cmd-1a2b3c4d "why"}
reason=${2:-incident}

status=0
tat-cancel cancel --command "$command" --yes --priority urgent --label "stop-$command" --reason "$reason" --watch || status=$?
if ((status == 1)); then
  echo "It may still run on these:"
  tat-cancel dead-letters list
fi
exit "$status"
