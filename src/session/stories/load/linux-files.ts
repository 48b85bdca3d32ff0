/** What Domain-0 has for the story of load with Linux: configs of servers, and the script that starts and stops them. */
import { serverRamdiskPath } from '../../xen/linux-server.ts';
import { balancePath, curve, curvePath } from './files.ts';

const software = `kernel  = "/guests/linux.img"
ramdisk = "${serverRamdiskPath}"      # Linux's, with a server: a process for each CPU`;

const worker = (
  number: number,
): string => `# Debian's Linux that serves the clients of the network, one of up to three. It joins them when it has booted, and leaves
# when it is asked to stop.
name    = "worker-${number}"
${software}
memory  = 128
extra   = "console=hvc0 hostname=worker-${number}"

vcpus   = 1
cpus    = "${number}"                # a core of its own
vif     = [ "bridge=xenbr0" ]
`;

const fixed = `# The same Linux with three cores.
name    = "fixed"
${software}
memory  = 256
extra   = "console=hvc0 hostname=fixed"

vcpus   = 3
cpus    = "1-3"
vif     = [ "bridge=xenbr0" ]
`;

/**
 * A server does 1000 requests a second. One more is started at a third of what they can do while demand rises, as it takes a second to boot,
 * and one is stopped where the others would be used by 60 %.
 */
const balance = `# Starts a Linux before it is needed, and stops one when fewer would do, until the clients' day is over.
most=3                       # one for each of pCPU 1 to 3
running=1                    # worker-1 is there from the start
before=1000000               # what was asked for at the last look
looks=0

# The CPU time that Xen has given the servers, in tenths of a second.
cpu_time() {
  sum=0
  i=0
  while [ $i -lt $running ]; do
    i=$((i + 1))
    xl list worker-$i | tail -n 1 | tr -d . > /tmp/domain
    read name id memory vcpus state time < /tmp/domain
    sum=$((sum + time))
  done
}

start() {
  running=$((running + 1))
  looks=0
  xl create -q /etc/xen/worker-$running.cfg
}

while clients stat | tail -n 1 > /tmp/now; do
  read hour demand waiting servers busy slots < /tmp/now
  if [ $hour = - ]; then
    exit
  fi
  if [ $servers -lt $running ]; then
    looks=0                  # one is booting
  elif [ $running -lt $most ] && [ $waiting -gt $((8 * servers)) ]; then
    start
  elif [ $running -lt $most ] && [ $demand -gt $before ] && [ $demand -gt $((300 * running)) ]; then
    start                    # a third of what they can do is asked for, and more will be: Linux takes a second to boot
  elif [ $looks -eq 0 ]; then
    cpu_time
    last=$sum
    looks=1
  elif [ $looks -lt 10 ]; then
    looks=$((looks + 1))
  else
    # Half a second has passed: how much of a CPU have they used, in per cent?
    cpu_time
    used=$(((sum - last) * 20))
    last=$sum
    looks=1
    if [ $used -lt $((60 * (running - 1))) ]; then
      xl shutdown worker-$running
      running=$((running - 1))
      looks=0
    fi
  fi
  before=$demand
  sleep 0.05
done
`;

export const loadLinuxFiles: Readonly<Record<string, string>> = {
  '/etc/xen/worker-1.cfg': worker(1),
  '/etc/xen/worker-2.cfg': worker(2),
  '/etc/xen/worker-3.cfg': worker(3),
  '/etc/xen/fixed.cfg': fixed,
  [balancePath]: balance,
  [curvePath]: curve,
};
