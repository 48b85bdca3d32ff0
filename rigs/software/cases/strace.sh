# strace: ptrace stops at each system call
strace -f -qq -o log -e trace=write,exit_group,clone,wait4 -e signal=none sh -c '(echo a; exit 3) | cat; echo $?'
grep -c 'write(1' log; grep -o 'exit_group([0-9]*)' log | sort | uniq -c
strace -c -o log true; grep -c -E 'execve|mmap|openat' log
