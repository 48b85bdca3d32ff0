/** Scripts of stories, which run in Domain-0's background. */

const redundancy = `# Helps two channels that do the same work:   sh /etc/xen/scripts/redundancy MODE &
#   none: nobody helps a channel that fails
#   restart: channel-a is destroyed and created again
#   cold: channel-b waits, paused (xl create -p), and starts when channel-a fails
#   warm: channel-b runs in the shadow; the monitor lets it take over at once. Whoever has failed becomes the new spare
mode=$1
monitor=$(xl domid monitor)
data=/local/domain/$monitor/data

# Introduces channel $1, the domain $2, to the monitor: it answers with a page and an event channel for it.
introduce() {
  domain=$(xl domid $2)
  xenstore-rm $data/offer/$1 2> /dev/null
  xenstore-write $data/channel/$1 $domain
  until xenstore-exists $data/offer/$1; do sleep 0.001; done
  xenstore-write /local/domain/$domain/data/monitor "$monitor $(xenstore-read $data/offer/$1)"
}

again() {
  xl destroy $2
  xl create /etc/xen/$2.cfg
  introduce $1 $2
}

help_channel() {
  case $mode-$1 in
    restart-0|warm-0) again 0 channel-a;;
    warm-1) again 1 channel-b;;
    cold-0) xl unpause channel-b; introduce 1 channel-b;;
  esac
}

introduce 0 channel-a
if [ $mode = warm ]; then introduce 1 channel-b; fi
while true; do
  # The first event says that the watch is set, the second that a channel has failed.
  xenstore-watch -n 2 $data/failed > /dev/null
  for channel in 0 1; do
    if xenstore-exists $data/failed/$channel; then
      xenstore-rm $data/failed/$channel
      help_channel $channel
    fi
  done
done
`;

export const scripts = { redundancy } as const;

export const scriptPath = (name: keyof typeof scripts): string => `/etc/xen/scripts/${name}`;
