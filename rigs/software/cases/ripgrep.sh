# ripgrep (Rust) and fzf (Go): threads, vector instructions, two other languages' runtimes
mkdir d; for i in 1 2 3 4 5 6 7 8; do seq $((i * 10000)) $((i * 10000 + 20000)) >d/$i; done
rg -c '^(\d)0+$' d | sort; rg -j4 --no-filename -o '9(1|22)3' d | sort | uniq -c
seq 20000 | fzf --filter '1 7 !9' | sort -n | md5sum
seq 3000 | fzf --filter "'2999 | ^15\$"
