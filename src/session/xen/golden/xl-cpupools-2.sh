xl cpupool-numa-split
xl cpupool-list
xl cpupool-list -c
xenstore-ls -f /local/pool
xl cpupool-numa-split
xl cpupool-rename Pool-node0 Pool-0
xl cpupool-destroy Pool-0
xl cpupool-cpu-remove Pool-0 2,3
xl cpupool-create 'name="c"' 'sched="credit"' 'cpus="2-3"'
xl cpupool-list
xl create hello.cfg 'name="inc"' 'pool="c"' 'cpu_weight=300' 'cap=40'
xl list -c
xl sched-credit
xl sched-credit2
xl sched-credit -d inc
xl sched-credit2 -d inc
xl sched-credit2 -d inc -w 100
xl sched-credit2 -d inc -c 10
xl sched-credit -s
xl sched-credit2 -s
xl sched-credit -s -t 20
xl sched-credit -s -t 20 -p c
xl sched-credit -s -p c
xl sched-credit2 -s -r 500 -p c
xl sched-credit2 -s -p c
xl sched-credit -s -p Pool-0
xl sched-credit -p c
xl sched-credit2 -p c
xl sched-credit2 -p 0
xl sched-credit2 -p 7
xl cpupool-list 1
xl cpupool-cpu-remove 1 3
xl cpupool-rename 1 cc
xl cpupool-list -c
xl cpupool-migrate inc 0
xl sched-credit2 -d inc
xl cpupool-migrate inc 9
xl cpupool-migrate nosuch nosuch
xl cpupool-destroy 1
xl cpupool-destroy 1
xl create hello.cfg 'name="bad"' 'cap=150'
xl create hello.cfg 'name="bad"' 'cpu_weight=70000'
xl create -n hello.cfg 'pool="c"'
xl cpupool-create -n 'name="n"' 'cpus="2"'
xl -N cpupool-create 'name="n"' 'cpus="2"'
xl cpupool-create nameless 'cpus="2,3"'
xl cpupool-create nameless
xl cpupool-create 'name="m"' 'nodes="0"'
xl cpupool-create 'name="m"' 'nodes=["0"]'
xl cpupool-create 'name="m"' 'nodes=["1"]'
xl cpupool-create 'name="o"' 'cpus=["x"]'
xl cpupool-create 'name="o"' 'cpus="x"'
xl cpupool-create 'name="o"' 'cpus='
xl cpupool-create 'name="o"' junk
xl cpupool-create -f nameless 'name="viaf"'
xl cpupool-create 'name=""'
xl cpupool-list -c
xl create hello.cfg 'name="pin"' 'pool="nameless"' 'cpus="0"'
