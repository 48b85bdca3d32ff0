# Perl: regular expressions, floating point as text, fork, pipes, signals
perl -e '
  my ($x, $y) = (0, 1); my %seen;
  for (1 .. 90) { ($x, $y) = ($y, $x + $y); $seen{$_} = $x }
  print join(" ", map { $seen{$_} } sort { $a <=> $b } keys %seen), "\n";
  printf "%.17g %.17g %.17g %a\n", exp(1), atan2(1, 1) * 4, sqrt(2), 1 / 3;
  printf "%s\n", unpack "H*", pack "d>f>q>n", -1 / 3, 1e-40, -2, 65535;
  my $text = join ",", 1 .. 5000;
  my $n = () = $text =~ /(?<=,)(\d)\d*\1(?=,)/g; print "$n\n";
  (my $t = $text) =~ s/(\d+),(\d+)/$2-$1/g; print unpack("%32C*", $t), "\n";
  pipe my $r, my $w; my @pids;
  for my $i (1 .. 8) { my $p = fork; if (!$p) { syswrite $w, chr(64 + $i); exit $i } push @pids, $p }
  my $sum = 0; for (@pids) { waitpid $_, 0; $sum += $? >> 8 }
  close $w; my $got = join "", sort split //, do { local $/; <$r> }; print "$sum $got\n";
  local $SIG{ALRM} = sub { die "alarm\n" }; alarm 1; eval { 1 while 1 }; print $@;
'
