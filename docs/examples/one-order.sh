#!/usr/bin/env bash
# One order from its first line to its invoice, with nothing but curl: rings it up, sends it, takes cash, closes it.
# Usage: one-order.sh http://127.0.0.1:8080 "$(evertill-server token --data DIR --role waiter)" [table-5]
set -euo pipefail

server=$1 token=$2 table=${3:-table-5}
wish=order-$$-$RANDOM # every write has a key of its own, and the same one at every retry

ask() { # ask METHOD PATH [KEY BODY]: the answer's body; fails with the server's own words
    local answer status
    answer=$(curl --silent --show-error --max-time 10 --retry 5 --retry-connrefused --write-out '\n%{http_code}' \
        --request "$1" "$server$2" --header "Authorization: Bearer $token" \
        ${3:+--header "Idempotency-Key: $3" --header 'Content-Type: application/json' --data "$4"})
    status=${answer##*$'\n'}
    answer=${answer%$'\n'*}
    if [ "$status" -ge 300 ]; then
        echo "$1 $2: $status $answer" >&2
        return 1
    fi
    printf '%s' "$answer"
}
first() { # first FIELD: what stands first under this name in the JSON of $order
    [[ $order =~ \"$1\":\"?([^\",}]+) ]] && echo "${BASH_REMATCH[1]}"
}

order=$(ask POST /pos/orders "$wish-1" "{\"tableId\": \"$table\", \"items\": [{\"itemId\": \"cola\", \"quantity\": 2}]}")
id=$(first id)
echo "opened   $(first number) at $table"

order=$(ask PATCH "/pos/orders/$id" "$wish-2" \
    '{"changes": [{"type": "addLine", "line": {"itemId": "flan", "quantity": 1}}]}')
echo "changed  it to version $(first version)"

order=$(ask POST "/pos/orders/$id/send-to-kitchen" "$wish-3" '{}')
echo "sent     $(first state)"

order=$(ask POST "/pos/orders/$id/close" "$wish-4" \
    '{"payments": [{"method": "CASH", "amount": 1070, "tendered": 2000}]}')
echo "closed   $(first state) under $(first invoiceNumber), $(first surplusMinor) too much"

again=$(ask POST "/pos/orders/$id/close" "$wish-4" \
    '{"payments": [{"method": "CASH", "amount": 1070, "tendered": 2000}]}')
[ "$again" = "$order" ] && echo "again    the same answer: it is done once"
