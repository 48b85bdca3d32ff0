/** What Domain-0 has for the story of load: configs of servers, and the script that starts and stops them. */

const worker = (
  number: number,
): string => `# A server for the clients of the network, one of up to three. It joins them, and leaves when it is asked to stop.
name   = "worker-${number}"
kernel = "/guests/worker.img"
memory = 16

vcpus  = 1
pool   = "servers"           # pCPU 1 to 3: /etc/xen/servers.pool
cpus   = "${number}"                 # a core of its own
vif    = [ "bridge=xenbr0" ]
`;

const fixed = `# The same server with three cores: it has only one task, so two of them have nothing to do.
name   = "fixed"
kernel = "/guests/worker.img"
memory = 48

vcpus  = 3
pool   = "servers"           # pCPU 1 to 3: /etc/xen/servers.pool
vif    = [ "bridge=xenbr0" ]
`;

/** Why: docs/xen/credit.md, rules 4.4 to 4.6. In Pool-0, `batch` would have a third of a core before it goes behind a server. */
const pool = `# The servers' cores, in a pool: weights are shares of the CPU time of a whole pool. Domain-0's core idles; in one pool with it,
# there would be enough for everybody's share, and who has a low weight would wait for nobody.
name = "servers"
cpus = "1-3"
`;

const batch = `# Takes what the servers leave of their cores, and little where they want it.
name   = "batch"
kernel = "/guests/spin.img"
memory = 16

vcpus  = 3
pool   = "servers"           # pCPU 1 to 3: /etc/xen/servers.pool
cpu_weight = 16              # a sixteenth of a server's
`;

/**
 * It starts a server at eight waiting requests for each that is there, and stops one where the others would be asked
 * for 700 a second.
 */
const balance = `# Starts a server when requests wait, and stops one when fewer would do, until the clients' day is over.
most=3                       # one for each of pCPU 1 to 3
running=1                    # worker-1 is there from the start
quiet=0
boosted=no

while clients stat | tail -n 1 > /tmp/now; do
  read hour demand waiting servers busy slots < /tmp/now
  if [ $hour = - ]; then
    exit
  fi
  if [ $waiting -gt $((8 * servers)) ]; then
    quiet=0
    if [ $running -lt $most ]; then
      running=$((running + 1))
      xl create -q /etc/xen/worker-$running.cfg
    elif [ $boosted = no ]; then
      # Nothing more can be started: the servers go before whoever else is on their cores.
      for i in 1 2 3; do xl sched-credit -d worker-$i -w 1024; done
      boosted=yes
    fi
  elif [ $running -gt 1 ] && [ $demand -lt $((700 * (running - 1))) ]; then
    quiet=$((quiet + 1))
  else
    quiet=0
  fi
  if [ $quiet -ge 3 ]; then
    xl shutdown worker-$running
    running=$((running - 1))
    quiet=0
  fi
  sleep 0.02
done
`;

/** A shop's day: closed at night, most at noon and after work. */
export const curve = `# A day of your own: demand by the hour, in per cent of the peak.
#   clients start --peak 2400 --day 24 --curve /root/curve
 0  0  0  0  0  0   5  20  50  60  70  90
100 80 50 40 50 90 100  60  20  5   0   0
`;

export const curvePath = '/root/curve';
export const poolPath = '/etc/xen/servers.pool';
export const balancePath = '/root/balance.sh';

export const loadFiles: Readonly<Record<string, string>> = {
  '/etc/xen/worker-1.cfg': worker(1),
  '/etc/xen/worker-2.cfg': worker(2),
  '/etc/xen/worker-3.cfg': worker(3),
  '/etc/xen/fixed.cfg': fixed,
  '/etc/xen/batch.cfg': batch,
  [poolPath]: pool,
  [balancePath]: balance,
  [curvePath]: curve,
};
