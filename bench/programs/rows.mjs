// The programs, in the order in which they run in one Linux. All print something that does not depend on time, which must be
// the same wherever they run.

/**
 * A command of a POSIX shell, with its name in the table. It runs in /bench, where the files of bench/programs/guest are, the
 * program `loads`, and `data`, some 7 MB of programs.
 * @typedef {{ name: string, command: string }} ProgramRow
 */

/** @type {readonly ProgramRow[]} */
export const programRows = [
  { name: 'sha256sum', command: 'for i in 1 2 3; do sha256sum data; done' },
  { name: 'gzip', command: 'head -c 3000000 data | gzip -6 | cksum' },
  { name: 'xz', command: 'head -c 700000 data | xz -3 | cksum' },
  { name: 'sqlite', command: 'sqlite3 :memory: < work.sql' },
  { name: 'Lua', command: 'lua5.4 work.lua 9' },
  { name: 'Python', command: 'python3 work.py 10000' },
  { name: 'Perl', command: 'perl work.pl 120000' },
  { name: 'JavaScript (Duktape)', command: 'duk work.es5' },
  { name: 'AES and MD5', command: 'openssl enc -aes-128-cbc -K 00 -iv 00 -in data 2>/dev/null | openssl md5' },
  { name: 'fork and exec', command: './loads forks 150' },
  { name: 'pipe between two', command: './loads pipes 8000' },
  { name: 'pipe, on one CPU', command: './loads pinned-pipes 8000' },
  { name: 'ring of 8 processes', command: './loads ring 1500' },
  { name: 'streaming memory', command: './loads stream 100' },
  { name: 'system calls', command: './loads syscalls 100000' },
  { name: 'page faults', command: './loads faults 20' },
  { name: 'floating point', command: './loads floats 256' },
  { name: 'shell arithmetic', command: 'sh work.sh 10000' },
  { name: 'find', command: 'for i in 1 2 3 4 5 6; do find / -xdev -type f -name "*.py" | wc -l; done' },
  { name: 'four Luas', command: 'for i in 1 2 3 4; do lua5.4 work.lua 7 > out$i & done; wait; cat out?' },
  { name: 'four threads', command: './loads threads 2000' },
  { name: 'contended lock', command: './loads locks 200000' },
];
