# coreutils: hashes, sorting, factors, numbers in text
seq 50000 >n
for sum in md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum; do $sum <n; done
shuf --random-source=n n >s
md5sum <s
sort -n --parallel=4 s | cmp - n && echo sorted
sort -R --random-source=n n | tac | od -An -tx1 | md5sum
factor 18446744073709551557 340282366920938463463374607431768211455 1000000016000000063
numfmt --to=iec 1 1023 1024 1500000 123456789012
seq -f %.3e 0.1 0.3 1.5
base32 <n | base64 | head -c 100000 | sha1sum
split -n l/3 n p && cat p* | cmp - n && wc -l p* | tail -1
