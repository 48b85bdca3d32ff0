/** Dom0's network programs, with a station on its bridge. */
import { expect, test } from 'vitest';
import { numbered, Station } from '../../soc/net/host/host-testing.ts';
import { echo, IcmpType, readIcmp } from '../../soc/net/host/icmp.ts';
import { Dom0Bench } from '../dom0-testing.ts';

/** A guest on the bridge that answers echoes, and serves a text at port 80. */
function bench() {
  const machine = new Dom0Bench({});
  const { dom0 } = machine;
  const { network, store, connection } = dom0;
  const bridge = network.bridge('xenbr0');
  if (!bridge) throw new RangeError('no bridge');
  const back = '/local/domain/0/backend/vif/1/0';
  store.write(connection, `${back}/mac`, '00:16:3e:00:00:0b');
  store.write(connection, '/local/domain/1/name', 'Web');
  const guest = new Station(bridge, 0x0016_3e00_000b, 'vif1.0');
  guest.onPacket = ({ protocol, payload }) => {
    const message = protocol === 1 ? readIcmp(payload) : null;
    if (message?.type === IcmpType.echo)
      guest.send(1, 0x0a00_0001, echo(IcmpType.echoReply, message.id, message.sequence, numbered(56)));
  };
  guest.tcp.listen(80, {
    received: (own, bytes) => {
      const request = new TextDecoder().decode(bytes);
      const body = request.startsWith('GET /moved') ? '' : `You asked for ${request.split(' ')[1]}.\n`;
      const status = body === '' ? '302 Found\r\nLocation: /new' : '200 OK';
      own.send(new TextEncoder().encode(`HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    },
    ended: (own) => own.close(),
    closed: () => {},
  });
  guest.askFor(0x0a00_0001);
  machine.run(10);
  return { machine, dom0, guest };
}

const { machine, dom0 } = bench();

test('ping finds a domain by its name', () => {
  const { printed, code } = machine.script('ping -c 2 -i 0.1 web');
  expect(printed.replaceAll(/\d+\.\d{3}/g, 'T')).toBe(
    'PING web (10.0.0.11): 56 data bytes\n' +
      '64 bytes from 10.0.0.11: seq=0 ttl=64 time=T ms\n64 bytes from 10.0.0.11: seq=1 ttl=64 time=T ms\n' +
      '\n--- web ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\n' +
      'round-trip min/avg/max = T/T/T ms\n',
  );
  expect(code).toBe(0);
  expect(machine.script('ping nobody')).toEqual({ printed: "ping: bad address 'nobody'\n", code: 1 });
  expect(machine.script('ping -c 1 10.0.0.99')).toMatchObject({ code: 1 });
  expect(machine.script('ping -x web').printed).toContain('Usage: ping');
});

test('wget and curl fetch from it', () => {
  const fetched = machine.script('wget -qO- http://web/a; wget http://web.lan:80/moved; cat new; cat moved');
  expect(fetched.printed).toBe(
    'You asked for /a.\nConnecting to web.lan (10.0.0.11:80)\nConnecting to web.lan (10.0.0.11:80)\n' +
      "saving to 'new'\nnew                  100% |********************************|    20  0:00:00 ETA\n'new' saved\n" +
      'You asked for /new.\ncat: moved: No such file or directory\n',
  );
  expect(machine.script('curl -s web/b > /tmp/b; cat /tmp/b').printed).toBe('You asked for /b.\n');
  expect(machine.script('wget http://web:81/').printed).toContain(
    "wget: can't connect to remote host (10.0.0.11): Connection refused\n",
  );
  expect(machine.script('wget http://8.8.8.8/').printed).toContain('No route to host');
  expect(machine.script('curl nobody')).toEqual({ printed: 'curl: (6) Could not resolve host: nobody\n', code: 6 });
});

test('Dom0 reaches its own server, by its name and by localhost', () => {
  machine.script('echo hello > /srv/hello.txt');
  for (const name of ['dom0', 'localhost', '127.0.0.1', '10.0.0.1'])
    expect(machine.script(`wget -qO- http://${name}/hello.txt`)).toEqual({ printed: 'hello\n', code: 0 });
  expect(machine.script('ping -c 1 dom0').printed).toContain(
    '1 packets transmitted, 1 packets received, 0% packet loss',
  );
  expect(machine.script('wget http://dom0:81/').printed).toContain('Connection refused');
});

test('interfaces, their counters, and what the bridge has learned are shown', () => {
  // The board's own port has the bridge's address, those of domains the one that libxl's script sets.
  for (const [name, mac] of [
    ['gem3', '02:00:0a:00:00:01'],
    ['vif1.0', 'fe:ff:ff:ff:ff:ff'],
  ])
    expect(machine.script(`ip link show ${name}`).printed).toContain(`link/ether ${mac}`);
  const { printed } = machine.script('brctl show; bridge link; ip addr show xenbr0; bridge fdb; ip neigh; ip r');
  expect(printed).toBe(
    'bridge name\tbridge id\t\tSTP enabled\tinterfaces\nxenbr0\t\t8000.02000a000001\tno\t\tgem3\n\t\t\t\t\t\t\tvif1.0\n' +
      '3: gem3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master xenbr0 state forwarding priority 32 cost 100 \n' +
      '4: vif1.0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master xenbr0 state forwarding priority 32 cost 100 \n' +
      '2: xenbr0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n' +
      '    link/ether 02:00:0a:00:00:01 brd ff:ff:ff:ff:ff:ff\n' +
      '    inet 10.0.0.1/24 brd 10.0.0.255 scope global xenbr0\n       valid_lft forever preferred_lft forever\n' +
      '00:16:3e:00:00:0b dev vif1.0 master xenbr0 \n' +
      '10.0.0.11 dev xenbr0 lladdr 00:16:3e:00:00:0b REACHABLE\n' +
      '10.0.0.0/24 dev xenbr0 proto kernel scope link src 10.0.0.1\n',
  );
  expect(machine.script('ip -s link show vif1.0').printed).toMatch(
    /RX: {2}bytes packets errors dropped {2}missed {3}mcast\n +\d+ +\d+ +0 +0 +0 +\d+\n/,
  );
  expect(machine.script('ip link show x').printed).toBe('Device "x" does not exist.\n');
  expect(machine.script('ip addr add 1.2.3.4 dev xenbr0').code).toBe(255);
  const made = machine.script(
    'brctl addbr xenbr1 && brctl addbr xenbr1; brctl delbr xenbr0; brctl delbr xenbr1; brctl delbr xenbr1',
  );
  expect(made.printed).toBe(
    "device xenbr1 already exists; can't create bridge with the same name\n" +
      "bridge xenbr0 is still up; can't delete it\nbridge xenbr1 doesn't exist; can't delete it\n",
  );
});

test('tcpdump shows frames, or writes them to a file', () => {
  const ping = (): void => dom0.host.ping(0x0a00_000b, 99, 1, numbered(56));
  const start = (line: string) => {
    const from = machine.terminal.length;
    dom0.startScript(line, () => {});
    machine.run(20);
    ping();
    machine.run(20);
    return machine.terminal.slice(from).replaceAll('\r\n', '\n');
  };
  const shown = start('tcpdump -n -i vif1.0 -c 2');
  expect(shown.replaceAll(/^\d\d:\d\d:\d\d\.\d{6}/gm, 'T')).toContain(
    'T IP 10.0.0.1 > 10.0.0.11: ICMP echo request, id 99, seq 1, length 64\n' +
      'T IP 10.0.0.11 > 10.0.0.1: ICMP echo reply, id 99, seq 1, length 64\n\n2 packets captured\n',
  );
  start('tcpdump -i vif1.0 -c 2 -w /tmp/f.pcap');
  const file = dom0.files.read('/tmp/f.pcap');
  expect(file.ok && file.value.length).toBe(24 + 2 * (16 + 98));
  expect(machine.script('tcpdump -i vif9.9')).toMatchObject({ code: 1 });
});
