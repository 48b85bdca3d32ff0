/** Network interfaces: xl-network-configuration(5), and docs/xen/xl-devices.md, rules 10 to 13. */
import { cutPair, defbool, type Fields, inOrder, readUnsigned, type Spec, unlessZero } from './fields.ts';

/** `name=` of these takes a text. The field has the same name, but for those with another. */
const texts: Readonly<Record<string, string>> = {
  bridge: 'bridge',
  gatewaydev: 'gatewaydev',
  ip: 'ip',
  script: 'script',
  backend: 'backend_domname',
  vifname: 'ifname',
  model: 'model',
  forwarddev: 'coloft_forwarddev',
};
const coloTexts: ReadonlySet<string> = new Set([
  ...['mirror', 'redirector0', 'redirector1', 'redirector2', 'compare_pri_in', 'compare_sec_in', 'compare_notify']
    .concat(['sec_redirector0', 'sec_redirector1'])
    .flatMap((name) => ['id', 'ip', 'port'].map((what) => `colo_sock_${name}_${what}`)),
  ...['colo_filter_mirror_queue', 'colo_filter_mirror_outdev', 'colo_filter_sec_rewriter0_queue'],
  ...['redirector0', 'redirector1', 'sec_redirector0', 'sec_redirector1'].flatMap((name) =>
    ['queue', 'indev', 'outdev'].map((what) => `colo_filter_${name}_${what}`),
  ),
  ...['colo_compare_pri_in', 'colo_compare_sec_in', 'colo_compare_out', 'colo_compare_notify_dev'],
  ...['colo_checkpoint_host', 'colo_checkpoint_port'],
]);
const order = [
  ...['backend_domname', 'devid', 'mtu', 'model', 'mac', 'ip', 'bridge', 'ifname', 'script', 'nictype'],
  ...['rate_bytes_per_interval', 'rate_interval_usecs', 'gatewaydev', 'coloft_forwarddev', ...coloTexts, 'trusted'],
];

/** An interface's fields in libxl's order. */
export const inNicOrder = (nic: Fields): Fields => inOrder(order, nic);

/** Reads one interface. An unknown or malformed parameter is reported and left out. */
export const readVif = (spec: Spec, index: number): Fields => {
  const given: Record<string, string | number | undefined> = { devid: index };
  for (const { 0: part, index: start } of spec.text.matchAll(/[^,]+/g)) {
    const token = part.replace(/^ +/, '');
    const pair = cutPair(token);
    if (!pair) {
      if (token === 'trusted' || token === 'untrusted') given.trusted = defbool(token === 'trusted');
      else spec.say(`unrecognized argument \`${token}'`);
      continue;
    }
    const [name, value] = pair;
    const field = texts[name] ?? (coloTexts.has(name) ? name : undefined);
    if (field !== undefined) given[field] = value;
    else if (name === 'netdev') {
      spec.say('the netdev parameter is deprecated, please use gatewaydev instead');
      given.gatewaydev = value;
    } else if (name === 'accel') spec.say('the accel parameter for vifs is currently not supported');
    else if (name === 'type') {
      if (value === 'vif') given.nictype = 'vif';
      else if (value === 'ioemu') given.nictype = 'vif_ioemu';
      else spec.say("Invalid parameter `type'.");
    } else if (name === 'mac') {
      const end = start + part.length;
      given.mac = readMac(spec, end - value.length, end, given.mac);
    } else if (name === 'rate') Object.assign(given, readRate(spec, value));
    else if (name === 'devid') given.devid = readLong(spec, value);
    else if (name === 'mtu') given.mtu = unlessZero(readLong(spec, value));
    else spec.say(`unrecognized argument \`${token}'`);
  }
  return inNicOrder(given);
};

/**
 * Six numbers with any character after each. xl looks past the end of the parameter for those that are missing. Those
 * before a mistake count.
 */
const readMac = (spec: Spec, start: number, end: number, before: string | number | undefined): string | undefined => {
  const bytes =
    typeof before === 'string' ? before.split(':').map((byte) => Number.parseInt(byte, 16)) : Array(6).fill(0);
  let at = start;
  for (let i = 0; i < 6; i++) {
    const number = readUnsigned(at <= end ? spec.text.slice(at, end) : spec.text.slice(at), 16);
    const value = Number(BigInt.asUintN(32, number?.value ?? 0n));
    if (!number || value > 255) {
      spec.say("Invalid parameter `mac'.");
      break;
    }
    bytes[i] = value;
    at += number.length + 1;
  }
  const text = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return text === '00:00:00:00:00:00' ? undefined : text;
};

const readLong = (spec: Spec, text: string): number => {
  const number = readUnsigned(text, 10);
  if (!number || number.value === 2n ** 64n - 1n) return spec.end(`xl: failed to convert "${text}" to number`);
  return Number(BigInt.asIntN(32, number.value));
};

const scales: Readonly<Record<string, bigint>> = { '': 1n, K: 1000n, M: 1_000_000n, G: 1_000_000_000n };
const microseconds: Readonly<Record<string, bigint>> = { '': 1_000_000n, m: 1000n, u: 1n };
const defaultInterval = 50_000n;
const max32 = 2n ** 32n - 1n;
const max64 = 2n ** 64n - 1n;

/** `10Mb/s@20ms`. */
const readRate = (spec: Spec, text: string): Fields => {
  const fail = (what: string, near: string): never =>
    spec.end(`${spec.source}: config parsing error in vif: ${what} in \`${near}'`);
  const [rate = '', ...more] = text.split('@');
  if (rate === '') fail('no rate specified', text);
  const parsed = /^([0-9]+)([GMK]?)([Bb])\/s$/.exec(rate);
  if (!parsed) return fail('invalid rate', rate);
  const [, number = '', scale = '', unit] = parsed;
  const count = BigInt(number);
  if (count === 0n || count > max32) fail('rate overflow', rate);
  const scaled = count * (scales[scale] ?? 1n);
  const bytes = unit === 'b' ? scaled / 8n : scaled;
  let interval = defaultInterval;
  if (more.length > 0) {
    const given = more.join('@');
    const [, duration, suffix = ''] = /^([0-9]+)([mu]?)s?$/.exec(given) ?? [];
    if (duration === undefined) return fail('invalid replenishment interval', given);
    interval = BigInt(duration) * (microseconds[suffix] ?? 1n);
    if (interval === 0n || interval > max32) fail('replenishment interval overflow', given);
  }
  if (bytes > max64 / interval) fail('rate overflow', rate);
  return {
    rate_bytes_per_interval: unlessZero(Number((bytes * interval) / 1_000_000n)),
    rate_interval_usecs: Number(interval),
  };
};
