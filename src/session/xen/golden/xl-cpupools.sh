xl info | grep sched
xl cpupool-list
xl cpupool-list -c
xl sched-credit2
xl sched-credit
xl create hello.cfg
xl create two.cfg
xl sched-credit2
xl sched-credit2 -d hello
xl sched-credit2 -d hello -w 512
xl sched-credit2 -d hello -c 40
xl sched-credit2 -d hello -w 100 -c 60
xl sched-credit2 -d hello
xl sched-credit2 -d two
xl sched-credit2 -d two -c 200
xl sched-credit2 -d two -c 201
xl sched-credit2 -d hello -w 0
xl sched-credit2 -d hello -w 1
xl sched-credit2 -d hello -w 65535
xl sched-credit2 -d hello -w 65536
xl sched-credit2 -d hello -c 101
xl sched-credit2 -d hello -c 0 -w 256
xl sched-credit2 -d nosuch
xl sched-credit2 -w 5
xl sched-credit2 -s
xl sched-credit2 -s -r 500
xl sched-credit2 -s -r 50
xl sched-credit2 -s -r 0
xl sched-credit2 -s -r 600000
xl sched-credit2 -s -r 1000
xl sched-credit2 -s -d hello
xl sched-credit2 -p Pool-0
xl sched-credit2 -p Pool-0 -d hello
xl sched-credit2 -p nosuch
xl sched-credit2 -p Pool-0 -s
xl sched-credit2 -x
xl sched-credit -d hello
xl sched-credit -d hello -w 512
xl cpupool-create
xl cpupool-create 'name="nocpu"' 'sched="credit2"'
xl cpupool-list
xl cpupool-destroy nocpu
xl cpupool-create 'name="x"' 'sched="nosuch"'
xl cpupool-create 'name="x"' 'cpus="3"'
xl cpupool-create 'name="x"' 'cpus=["3"]'
xl cpupool-cpu-remove Pool-0 3
xl cpupool-list
xl cpupool-list -c
xl cpupool-create nosuchfile
xl cpupool-create nameless
xl cpupool-create -n pool.cfg
xl cpupool-create pool.cfg
xl cpupool-cpu-remove Pool-0 2
xl cpupool-create pool.cfg
xl cpupool-create pool.cfg
xl cpupool-list
xl cpupool-list fast
xl cpupool-list -c fast
xl cpupool-list nosuch
xl cpupool-list 1
xl cpupool-destroy nameless
xl cpupool-list -x
xl cpupool-migrate
xl cpupool-migrate hello fast
xl list -c
xl vcpu-list hello
xl cpupool-list
xl sched-credit2
xl sched-credit2 -p fast
xl sched-credit2 -d hello
xl cpupool-migrate hello nosuch
xl cpupool-migrate nosuch fast
xl cpupool-migrate Domain-0 fast
xl cpupool-migrate 0 Pool-0
xl cpupool-destroy fast
xl cpupool-cpu-remove fast 2
xl cpupool-cpu-remove fast 3
xl cpupool-list -c
xl cpupool-cpu-remove fast 1
xl cpupool-cpu-remove fast 7
xl cpupool-cpu-remove Pool-0 0
xl cpupool-cpu-add fast 1
xl cpupool-cpu-add fast 2
xl cpupool-cpu-add fast 9
xl cpupool-cpu-add nosuch 2
xl cpupool-cpu-add fast
xl cpupool-cpu-remove fast 2-3
xl cpupool-list -c
xl cpupool-cpu-add fast 2-3
xl cpupool-cpu-add Pool-0 node:0
xl cpupool-cpu-remove fast ^3
xl cpupool-cpu-remove fast x
xl cpupool-list -c
xl vcpu-pin hello 0 3
xl vcpu-pin hello 0 1
xl vcpu-list hello
xl cpupool-cpu-remove fast 3
xl vcpu-list hello
xl cpupool-cpu-add fast 3
xl cpupool-rename fast quick
xl cpupool-list
xl cpupool-rename quick Pool-0
xl cpupool-list
xl cpupool-rename 1 quick
xl cpupool-rename nosuch a
xl cpupool-rename quick
xl cpupool-numa-split
xenstore-ls -f /local/pool
xl create hello.cfg 'name="inpool"' 'pool="quick"'
xl create hello.cfg 'name="inpool2"' 'pool="nosuch"'
xl list -c
xl list -v
xl vcpu-list
xl cpupool-migrate hello Pool-0
xl sched-credit2 -d hello
xl destroy inpool
xl cpupool-destroy quick
xl cpupool-create 'name="empty"' 'sched="credit"'
xl create hello.cfg 'name="inempty"' 'pool="empty"'
xl cpupool-migrate hello empty
xl cpupool-list
xl cpupool-list -c
xl cpupool-cpu-add empty 3
xl cpupool-migrate two empty
xl sched-credit
xl sched-credit -p empty
xl sched-credit2 -p empty
xl sched-credit -p Pool-0
xl sched-credit -d two
xl sched-credit -d two -w 300 -c 20
xl sched-credit -d two
xl sched-credit -s -p empty
xl sched-credit -s -p empty -t 20
xl sched-credit2 -d two
xl cpupool-cpu-add empty 2
xl cpupool-list
xl cpupool-cpu-remove Pool-0 1
xl cpupool-create 'name="third"' 'sched="credit2"' 'cpus=["1"]'
xl cpupool-list
xl cpupool-destroy empty
xl cpupool-migrate two Pool-0
xl cpupool-destroy empty
xl cpupool-create 'name="fourth"' 'cpus=["3"]'
xl cpupool-create 'name="fifth"' 'cpus=["2-3"]'
xl cpupool-create 'name="fifth"' 'nodes=["0"]'
xl cpupool-list
xl cpupool-numa-split
xl cpupool-destroy fifth
xl cpupool-destroy fourth
xl cpupool-destroy third
xl cpupool-destroy Pool-0
xl cpupool-numa-split
xl cpupool-list
xl help cpupool-create
xl help cpupool-list
xl help cpupool-destroy
xl help cpupool-rename
xl help cpupool-cpu-add
xl help cpupool-cpu-remove
xl help cpupool-migrate
xl help cpupool-numa-split
xl help sched-credit2
