# memtester: patterns in memory
memtester 512K 1 2>&1 | tr '\b' '\n' | grep -E -o 'ok$|FAIL.*|Done' | sort | uniq -c
