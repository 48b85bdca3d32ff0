# bc and dc: arithmetic of many digits
echo 'scale=120; 4*a(1); e(1); sqrt(2); l(2)' | BC_LINE_LENGTH=0 bc -l
echo '2 4423 ^ 1 - p' | DC_LINE_LENGTH=0 dc | md5sum
