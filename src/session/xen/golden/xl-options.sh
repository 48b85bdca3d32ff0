xl create hello.cfg
xl domid Domain-0
xl domname 7
xl vcpu-list nosuch
xl vcpu-pin hello 0 1 all
xl vcpu-pin hello 0
xl vcpu-pin hello 5 1
xl vcpu-pin hello 0 - 1
xl vcpu-pin hello all all all
xl vcpu-pin -f hello 0 1
xl sched-credit -d hello -c 5000
xl sched-credit -d hello -c 20
xl sched-credit -p nosuch
xl sched-credit -s -t 0
xl sched-credit -s -t 10 -r 20000
xl sched-credit -x
xl rename hello
xl rename hello Domain-0
xl create hello.cfg
xl create hello.cfg 'name="h2"' 'kernel="/guests/none"'
xl create hello.cfg 'name="h2"' 'memory=1'
xl create hello.cfg 'name="h2"' 'vcpus=200'
xl create hello.cfg 'name="h2"' 'cpus="7"'
xl create hello.cfg 'name="h2"' 'on_crash="explode"'
xl create -q hello.cfg 'name="h2"'
xl list
xl destroy h2
xl uptime -s
xl uptime hello
xl info -n
xl help create
xl help nosuch
xl
xl -h
xl list -h
xl list -x
xl pause
xl unpause nosuch
xl vcpu-list -h
xenstore-read /local/domain/0/name
xenstore-read /nope
xenstore-write /a/b c
xenstore-ls /a
xenstore-list /
xenstore-rm /a
xenstore-exists /a
xenstore-ls -f /pool
