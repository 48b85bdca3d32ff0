# Gforth: threaded code, native stacks
cat >f.fs <<'F'
: fib dup 2 < if drop 1 else dup 1- recurse swap 2 - recurse + then ;
: gcd begin dup while tuck mod repeat drop ;
: sum 0 0 3000 0 do i 2000 gcd + loop . drop ;
25 fib . sum 1234567890123 4567 m* 89 um/mod . . 2e fsqrt 1e f+ f. -7 2 /mod . . hex DEADBEEF 5 lshift u. cr bye
F
gforth f.fs; gforth-itc f.fs
