#!/bin/bash
# The replica copies the primary once, then follows it. To make it the primary: pg_ctl promote -D $PGDATA.
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    mkdir -p -m 0700 "$PGDATA"
    until pg_basebackup -h postgres -U replicator -D "$PGDATA" -X stream -S replica -R --checkpoint=fast; do
        echo "waiting for the primary" >&2
        sleep 2
    done
fi
exec postgres -chot_standby=on -cmax_connections=200 -cmax_standby_streaming_delay=30s
