# BusyBox: its own implementations
seq 15000 >n
for sum in md5sum sha1sum sha256sum sha512sum sha3sum; do busybox $sum n; done
busybox tar c n | busybox tar x -O | busybox cmp - n && busybox awk '{ s += $1 * $1 } END { printf "%.0f\n", s }' n
busybox sed -n 's/\(1*\)7\([^7]*\)$/\2-\1/p' n | busybox sort | busybox md5sum
echo '2 100 ^ p 10 k 2 v p' | busybox dc; busybox printf '%5.2f|%-6s|%x\n' 3.14159 ab 255
busybox sh -c 'f() { [ $1 -lt 2 ] && echo $1 || echo $(($(f $(($1 - 1))) + $(f $(($1 - 2))))); }; f 6'
busybox cal 2 2024; busybox factor 1000000016000000063
