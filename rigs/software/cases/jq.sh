# jq: JSON
seq 5000 | jq -M -c -n '[inputs | {n: ., s: (. * . | tostring), f: (. / 7)}] | (map(.f) | add), (map(.s | length) | add),
  (group_by(.n % 7) | map(length)), (.[41] | @json), ([.[] | select(.s | test("^1.*9$"))] | length)'
