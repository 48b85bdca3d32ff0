xl info
xl list
xl vcpu-list
xl sched-credit
xl create -n idle.cfg
xl create idle.cfg
xl list
xl list idle
xl list -v
xl list -l idle
xl domid idle
xl domname 1
xl vcpu-list idle
xl vcpu-pin idle 0 2
xl vcpu-pin idle all 1-3 2
xl vcpu-list idle
xl sched-credit -d idle
xl sched-credit -d idle -w 512 -c 50
xl sched-credit
xl sched-credit -s -t 10 -r 500
xl sched-credit -s
xl pause idle
xl list
xl unpause idle
xl rename idle idle2
xl list
xl uptime
xl list
xl create idle.cfg memory=16 'name="other"'
xl create w.cfg
xl list
xl vm-list
xl destroy idle2
xl destroy other
xl destroy w
xl list
xl create syntax.cfg
xl create nokernel.cfg
xl create huge.cfg
xl create opts.cfg
xl create noname.cfg
xl create seed.cfg
xl -v create seed.cfg
xl list
xl create missing.cfg
xl create
xl destroy nosuch
xl destroy
xl destroy 0
xl nosuchcommand
xl vcpu-pin Domain-0 0 9
xl sched-credit -d nosuch
xl sched-credit -d Domain-0 -w 0
xl sched-credit -d Domain-0 -w 70000
xl list
xl help
xl create -h
xenstore-ls
