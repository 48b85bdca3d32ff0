/** xl's commands for network interfaces (tools/xl/xl_nic.c). */
import type { Fields } from '../config/devices/fields.ts';
import { Spec } from '../config/devices/fields.ts';
import { readVif } from '../config/devices/vif.ts';
import { parseConfig } from '../config/language/parser.ts';
import { ConfigReader, Ended } from '../config/language/reader.ts';
import { printJson } from '../libxl/config-json.ts';
import { addNic, backendOf, freeDevid, nicsOf, removeNic, withMac } from '../libxl/devices/nics.ts';
import { findDomain } from '../libxl/names.ts';
import { Exit, type Subcommand, type XlCommand } from './command.ts';
import { domainOf, pad } from './domains.ts';

/** Reads the words of a description, with xl's messages. */
const readWords = (words: readonly string[]): { readonly nic: Fields | null; readonly lines: readonly string[] } => {
  const reader = new ConfigReader(parseConfig('', ''), 'command line');
  try {
    const { devid, ...given } = readVif(new Spec(words.join(','), 'vif', { start: 0, end: 0 }, reader), -1);
    return { nic: devid === -1 ? given : { devid, ...given }, lines: reader.lines };
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    return { nic: null, lines: reader.lines };
  }
};

const attach: Subcommand = function* (xl, { operands: [qualifier = '', ...words] }) {
  const { libxl, context, dryRun } = xl;
  const { domainId: domid } = domainOf(xl, qualifier);
  const { nic, lines } = readWords(words);
  for (const line of lines) context.err(`${line}\n`);
  if (!nic) return 1;
  if (dryRun) {
    context.out(`vif: ${printJson(nic)}\n`);
    return 0;
  }
  const fail = (said: readonly string[]): never => {
    throw new Exit([...said, 'libxl_device_nic_add failed.', ''].join('\n'));
  };
  if (backendOf(libxl, nic) === null) fail([]);
  const devid = typeof nic.devid === 'number' ? nic.devid : freeDevid(libxl, domid);
  const failure = yield* addNic(libxl, domid, withMac(nic, libxl.random), devid);
  if (failure.length === 0) return 0;
  const removed = yield* removeNic(libxl, domid, devid, true);
  return fail([...failure, ...removed]);
};

const list: Subcommand = function* ({ libxl, context }, { operands }) {
  yield* [];
  const { out, err } = context;
  out(`Idx BE ${'Mac Addr.'.padEnd(17)} handle state evt-ch   tx-/rx-ring-ref ${'BE-path'.padEnd(30)}\n`);
  let code = 0;
  for (const qualifier of operands) {
    const domid = findDomain(libxl, qualifier);
    if (domid === null || !libxl.xen.domains.get(domid)) {
      err(`${qualifier} is an invalid domain identifier\n`);
      code = 1;
      continue;
    }
    for (const nic of nicsOf(libxl, domid)) {
      const start = `${String(nic.devid).padEnd(3)} ${String(nic.backendDomid).padEnd(2)} ${nic.mac}`;
      const rings = `${pad(nic.transmitRing, 5)}/${String(nic.receiveRing).padEnd(11)}`;
      out(
        `${start}${pad(nic.devid, 6)} ${pad(nic.state, 5)} ${pad(nic.eventChannel, 6)} ${rings} ${nic.backend.padEnd(30)}\n`,
      );
    }
  }
  return code;
};

const detach: Subcommand = function* (xl, { operands: [qualifier = '', which = ''] }) {
  const { libxl } = xl;
  const { domainId: domid } = domainOf(xl, qualifier);
  const known = nicsOf(libxl, domid);
  const number = Number.parseInt(which, 10) || 0;
  const nic = which.includes(':')
    ? known.find(({ mac }) => mac === which.toLowerCase())
    : known.find(({ devid }) => devid === number);
  if (!nic) throw new Exit(`Unknown device ${which}.\n`);
  const lines = yield* removeNic(libxl, domid, nic.devid, false);
  for (const line of lines) xl.context.err(`${line}\n`);
  return 0;
};

export const networkAttachCommand: XlCommand = {
  name: 'network-attach',
  summary: 'Create a new virtual network device',
  takesDomain: true,
  syntax: {
    global: 'N',
    usage:
      '<Domain> [type=<type>] [mac=<mac>] [bridge=<bridge>] [ip=<ip>] [script=<script>] [backend=<BackDomain>] [vifname=<name>] [rate=<rate>] [model=<model>] [accel=<accel>]',
    required: 1,
  },
  run: attach,
};

export const networkListCommand: XlCommand = {
  name: 'network-list',
  summary: 'List virtual network interfaces for a domain',
  takesDomain: true,
  syntax: { usage: '<Domain(s)>', required: 1 },
  run: list,
};

export const networkDetachCommand: XlCommand = {
  name: 'network-detach',
  summary: "Destroy a domain's virtual network device",
  takesDomain: true,
  syntax: { usage: '<Domain> <DevId|mac>', required: 2 },
  run: detach,
};
