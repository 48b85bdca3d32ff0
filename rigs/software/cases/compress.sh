# xz, zstd, brotli: compressing and unpacking; xz and zstd with threads
(seq 30000; cat /usr/bin/busybox | head -c 200000 | tr -d '\000-\040'; yes abc | head -c 300000) >a
size=$(wc -c <a)
xz -T4 -3 -k a && xz -dc a.xz | cmp - a && xz -l a.xz | grep -o CRC64
zstd -q -T4 -7 a && zstd -dc a.zst | cmp - a && zstd -t -q a.zst && echo zstd
brotli -q 5 -k a -o a.br && brotli -dc a.br | cmp - a && echo brotli
busybox gzip -k a && busybox gunzip -c a.gz | cmp - a && busybox bzip2 -k a && busybox bunzip2 -c a.bz2 | cmp - a && echo gzip bzip2
seq 20000 | zstd -q -19 | zstd -dc | md5sum; seq 20000 | xz -9e | xz -dc | md5sum
