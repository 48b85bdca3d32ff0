# gawk: arrays, regular expressions, multiple precision
gawk 'BEGIN { for (i = 1; i <= 40000; i++) a["k" i % 997] += sqrt(i) * log(i); n = asorti(a, k)
  for (j = 1; j <= n; j++) s = s sprintf("%.9f", a[k[j]]); print n, length(s), substr(s, 1, 40)
  printf "%.15g %x %o\n", exp(1) ^ 20, 3735928559, 511; print strftime("%F %T", 1e9, 1) }'
gawk -M -v PREC=200 'BEGIN { printf "%.50f %d\n", 4 * atan2(1, 1), 2 ^ 200 + 1 }'
seq 100000 | gawk '/7[0-9]*3$/ { c++; t += $1 } END { print c, t }'
