# PARI/GP with GMP: number theory, whose inner loops are written in assembly
gp -q -f <<'G'
print(factor(2^83-1)); print(isprime(2^521-1)); print(nextprime(10^60));
default(realprecision, 200); print(zeta(3)); print(#Str(2000!));
print(ellap(ellinit([0,0,1,-1,0]), 1000003)); print(quadclassunit(-10^10-7).no);
print(matdet(matrix(24, 24, i, j, (i*j)%17 + if(i == j, 5))));
G
