/** What Domain-0 has for the story of scaling: configs to be created many times, under other names. */
export const scalingFiles: Readonly<Record<string, string>> = {
  '/etc/xen/copy-1.cfg': `# One of many. Another is made by the same file, with what differs behind it:
#   xl create /etc/xen/copy-1.cfg "name='copy-2'" "extra='ip=10.0.0.102'"
name   = "copy-1"
kernel = "/guests/net.img"
memory = 16
extra  = "ip=10.0.0.101"

vcpus  = 1
vif    = [ "bridge=xenbr0" ]
`,
  '/etc/xen/busy.cfg': `# Takes all the CPU time that it gets.
name   = "busy-1"
kernel = "/guests/spin.img"
memory = 16

vcpus  = 1
`,
  '/root/copies.sh': `# Makes as many domains of one config as it is told:   sh /root/copies.sh 8
n=1
while [ $n -lt $1 ]; do
  n=$((n + 1))
  xl create -q /etc/xen/copy-1.cfg "name='copy-$n'" "extra='ip=10.0.0.$((100 + n))'"
done
`,
};
