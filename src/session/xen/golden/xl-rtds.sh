xl sched-rtds
xl create -q hello.cfg 'name="k1"'
xl create -q two.cfg 'name="k2"'
xl sched-rtds
xl sched-rtds -d k2
xl sched-rtds -v all
xl sched-rtds -d k2 -v all
xl sched-rtds -d k2 -v 1
xl sched-rtds -d k2 -v 0 -p 20000 -b 5000 -e 0
xl sched-rtds -d k2 -v all
xl sched-rtds -d k2
xl sched-rtds -d k2 -v all -p 10000 -b 3000 -e 1
xl sched-rtds -d k2 -v 0 -p 10000 -b 4000 -e 0 -v 1 -p 20000 -b 6000 -e 1
xl sched-rtds -d k2 -v all
xl sched-rtds -d k2 -v 0 -v 1
xl sched-rtds -d k2 -p 10000 -b 4000 -e 1
xl sched-rtds -d k2 -p 10000 -b 4000
xl sched-rtds -d k2 -v 0 -p 10000 -b 4000
xl sched-rtds -d k2 -v 0 -p 10000 -e 1
xl sched-rtds -d k2 -v 0 -e 0
xl sched-rtds -v 0 -p 10000 -b 4000 -e 1
xl sched-rtds -p 10000 -b 4000 -e 1
xl sched-rtds -b 4000
xl sched-rtds -v 0
xl sched-rtds -d k2 -v 5
xl sched-rtds -d k2 -v 5 -p 10000 -b 4000 -e 1
xl sched-rtds -d k2 -v x
xl sched-rtds -d k2 -v -1
xl sched-rtds -d k2 -v 0 -p 1000 -b 4000 -e 1
xl sched-rtds -d k2 -v 0 -p 5 -b 5 -e 1
xl sched-rtds -d k2 -v 0 -p 0 -b 0 -e 1
xl sched-rtds -d k2 -v 0 -p 10000 -b 4000 -e 2
xl sched-rtds -d k2 -v 0 -p 10000 -b 4000 -e x
xl sched-rtds -d k2 -v all -p 5 -b 5 -e 1
xl sched-rtds -d k2 -v all -v 0 -p 10000 -b 4000 -e 1 -p 10000 -b 4000 -e 1
xl sched-rtds -d k2 -v 0 -p 10000 -b 4000 -e 1 -p 10000
xl sched-rtds -d k2 -v 0 -v 1 -p 10000 -b 4000 -e 1
xl sched-rtds -d nobody
xl sched-rtds -d nobody -v all
xl sched-rtds -c
xl sched-rtds -c Pool-0
xl sched-rtds --cpupool=Pool-0
xl sched-rtds --cpupool=Pool-1
xl sched-rtds --cpupool=Pool-0 -d k2
xl sched-rtds --cpupool=Pool-0 -v all
xl sched-rtds -d k2 -v 0 -p abc -b 4000 -e 1
xl sched-rtds -d k2 -v 0 -p 5000000000 -b 4000 -e 1
xl sched-rtds x
xl sched-rtds -h
xl sched-credit
xl sched-credit -d k2
xl sched-credit2
xl sched-credit2 -d k2
xl sched-credit -s
xl destroy k2
xl create -q two.cfg 'name="q1"' period=3000
xl create -q two.cfg 'name="q2"' period=3000 budget=1000
xl create -q two.cfg 'name="q3"' period=8000 budget=1000 extratime=0
xl sched-rtds -d q3 -v all
xl destroy q3
xl create -q two.cfg 'name="q4"' budget=1000
xl sched-rtds -d q4 -v all
xl destroy q4
xl create -q two.cfg 'name="q5"' extratime=0
xl sched-rtds -d q5 -v all
xl destroy q5
xl create -q two.cfg 'name="q6"' cpu_weight=512 cap=50
xl sched-rtds -d q6 -v all
xl destroy q6
xl create -q two.cfg 'name="q7"' period=5
xl create -q two.cfg 'name="q8"' period=8000 extratime=5
xl destroy q8
