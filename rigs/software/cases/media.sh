# flac and libjpeg-turbo: signal processing, with vector instructions
gawk 'BEGIN { srand(1); for (i = 0; i < 88200; i++) { v = int(9000 * sin(i / 20) + 5000 * sin(i * i / 9e5)); if (v < 0) v += 65536
  printf "%c%c", v % 256, int(v / 256) } }' | LC_ALL=C cat >raw
LC_ALL=C gawk 'BEGIN { for (i = 0; i < 60000; i++) { v = (i * i * 31 + i * 7) % 256; printf "%c", v } }' | LC_ALL=C head -c 57600 >body
head -c 176400 raw >r; flac -s --force-raw-format --endian=little --sign=signed --channels=1 --bps=16 --sample-rate=44100 r -o r.flac
flac -s -t r.flac && flac -s -d --force-raw-format --endian=little --sign=signed r.flac -o back && cmp r back && metaflac --show-md5sum r.flac
(printf 'P6\n160 120\n255\n'; head -c 57600 body) >p.ppm
for dct in int fast float; do cjpeg -dct $dct -quality 85 p.ppm >p.jpg && djpeg -dct $dct p.jpg | md5sum; done
cjpeg -progressive -arithmetic p.ppm | djpeg -scale 1/2 | md5sum
jpegtran -rotate 90 -optimize p.jpg | djpeg -grayscale | md5sum
