# Hashes, regular expressions and sorting.
use strict;
my ($seed, %counts, $text) = (1);
for (1 .. $ARGV[0]) {
    $seed = ($seed * 1103515245 + 12345) % 2**31;
    my $word = sprintf("w%x", $seed >> 16 & 4095);
    $counts{$word}++;
    $text .= "$word " if $_ % 4 == 0;
}
my $found = 0;
$found += length $1 while $text =~ /\bw([0-9]+[a-f]+)\b/g;
(my $changed = $text) =~ s/([a-f])([0-9])/$2$1/g;
my @order = sort { $counts{$b} <=> $counts{$a} || $a cmp $b } keys %counts;
print scalar(@order), " $order[0] $found ", unpack("%32C*", $changed), "\n";
