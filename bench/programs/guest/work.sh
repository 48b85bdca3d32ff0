# Arithmetic, words and functions of the shell itself.
gcd() { a=$1 b=$2; while [ $b -ne 0 ]; do t=$((a % b)) a=$b b=$t; done; }
i=0 sum=0
while [ $i -lt $1 ]; do
  i=$((i + 1))
  gcd $((i * 7 + 3)) $((i % 97 + 1))
  sum=$((sum + a))
  case $i in *99) sum=$((sum * 2 % 65536)) ;; esac
done
echo $sum
