# OpenSSL: ciphers, digests and signatures, by the code it chooses for this processor
seq 15000 >n
K=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f IV=f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff
for d in sha1 sha256 sha512 sha3-256 blake2b512 md5 sm3; do openssl dgst -$d -r n; done
for c in aes-128-cbc aes-256-ctr chacha20 camellia-192-cbc sm4-cbc; do
  k=$(case $c in *128*|sm4*) echo $K | head -c 32;; *192*) echo $K | head -c 48;; *) echo $K;; esac)
  openssl enc -$c -K $k -iv $IV -in n -out c && openssl enc -d -$c -K $k -iv $IV -in c | cmp - n &&
    echo $c $(openssl dgst -sha256 -r c)
done
openssl dgst -hmac key -sha512 -r n
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out r.pem 2>/dev/null
openssl dgst -sha256 -sign r.pem -out s n && openssl pkey -in r.pem -pubout -out r.pub
openssl dgst -sha256 -verify r.pub -signature s n
for a in 'EC -pkeyopt ec_paramgen_curve:P-256' ED25519; do
  openssl genpkey -algorithm $a -out k.pem && openssl pkeyutl -sign -rawin -inkey k.pem -in n -out s 2>/dev/null &&
    openssl pkeyutl -verify -rawin -inkey k.pem -in n -sigfile s
done
openssl prime 170141183460469231731687303715884105727
