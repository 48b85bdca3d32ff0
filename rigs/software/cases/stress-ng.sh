# stress-ng: methods that verify their results, on all cores
run() {
  stress-ng --verify --temp-path . "$@" 2>&1 | grep -E 'fail|error|successful' | sed 's/ in [0-9.]*s.*//; s/.*\] //'
}
run --cpu 4 --cpu-method all --cpu-ops 80
run --vm 2 --vm-bytes 4m --vm-ops 500
run --atomic 2 --atomic-ops 4 --matrix 1 --matrix-ops 40 --vecmath 1 --vecmath-ops 20 --crypt 1 --crypt-ops 20
run --qsort 1 --qsort-ops 4
