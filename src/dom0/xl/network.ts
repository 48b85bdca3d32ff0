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

/** Reads the words of a description, up to the first that xl refuses. */
const readWords = (words: readonly string[]): { readonly nic: Fields | null; readonly lines: readonly string[] } => {
  const reader = new ConfigReader(parseConfig('', ''), 'command line');
  const unnumbered = -1;
  let nic: Fields | null = null;
  try {
    nic = readVif(new Spec(words.join(','), 'vif', { start: 0, end: 0 }, reader), unnumbered);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
  }
  // xl goes on after a word that it only advises against.
  const refused = reader.lines.findIndex((line) => !line.startsWith('the '));
  if (refused >= 0) return { nic: null, lines: reader.lines.slice(0, refused + 1) };
  const { devid, ...given } = nic ?? {};
  return { nic: devid === unnumbered ? given : { devid, ...given }, lines: reader.lines };
};

const attach: Subcommand = function* (xl, { operands: [qualifier = '', ...words] }) {
  const { libxl, context, dryRun } = xl;
  const { domainId: domid } = domainOf(xl, qualifier);
  const { nic, lines } = readWords(words);
  for (const line of lines) context.err(`${line}\n`);
  if (!nic) return 1;
  if (dryRun) {
    context.out(`vif: ${printJson(nic)}\n\n`);
    return 0;
  }
  const failed = 'libxl_device_nic_add failed.\n';
  if (backendOf(libxl, nic) === null) throw new Exit(failed);
  const devid = typeof nic.devid === 'number' ? nic.devid : freeDevid(libxl, domid);
  const isNew = !nicsOf(libxl, domid).some((known) => known.devid === devid);
  const failure = yield* addNic(libxl, domid, withMac(nic, libxl.random), devid);
  if (failure.length === 0) return 0;
  const outcome = isNew
    ? `libxl_device.c:1481:device_addrm_aocomplete: Domain ${domid}:Unable to add vif with id ${devid}`
    : 'libxl_device.c:1486:device_addrm_aocomplete: unable to add device';
  // Real xl leaves the nodes of a device that did not come to be.
  if (isNew) yield* removeNic(libxl, domid, devid, true);
  throw new Exit([...failure, `libxl: error: ${outcome}`, failed].join('\n'));
};

const list: Subcommand = function* ({ libxl, context }, { operands }) {
  yield* [];
  const { out } = context;
  out(`Idx BE ${'Mac Addr.'.padEnd(17)} handle state evt-ch   tx-/rx-ring-ref ${'BE-path'.padEnd(30)}\n`);
  for (const qualifier of operands) {
    const domid = findDomain(libxl, qualifier);
    if (domid === null || !libxl.xen.domains.get(domid)) {
      throw new Exit(`${qualifier} is an invalid domain identifier (rc=-6)\n`);
    }
    for (const nic of nicsOf(libxl, domid)) {
      const start = `${String(nic.devid).padEnd(3)} ${String(nic.backendDomid).padEnd(2)} ${nic.mac}`;
      const rings = `${pad(nic.transmitRing, 5)}/${String(nic.receiveRing).padEnd(11)}`;
      out(
        `${start}${pad(nic.devid, 6)} ${pad(nic.state, 5)} ${pad(nic.eventChannel, 6)} ${rings} ${nic.backend.padEnd(30)}\n`,
      );
    }
  }
  return 0;
};

const detach: Subcommand = function* (xl, { operands: [qualifier = '', which = ''] }) {
  const { libxl } = xl;
  const { domainId: domid } = domainOf(xl, qualifier);
  const known = nicsOf(libxl, domid);
  const number = Number.parseInt(which, 10) || 0;
  const nic = which.includes(':')
    ? known.find(({ mac }) => mac === which.toLowerCase())
    : known.find(({ devid }) => devid === number);
  if (!nic) {
    const path = `/libxl/${domid}/device/vif/${number}`;
    const where = 'libxl_xshelp.c:206:libxl__xs_read_mandatory';
    const why = `libxl: error: ${where}: xenstore read failed: \`${path}': No such file or directory\n`;
    throw new Exit(`${which.includes(':') ? '' : why}Unknown device ${which}.\n`);
  }
  const lines = yield* removeNic(libxl, domid, nic.devid, false);
  for (const line of lines) xl.context.err(`${line}\n`);
  return 0;
};

export const networkAttachCommand: XlCommand = {
  name: 'network-attach',
  summary: 'Create a new virtual network device',
  takesDomain: true,
  syntax: {
    global: 'fN',
    usage:
      '<Domain> [type=<type>] [mac=<mac>] [bridge=<bridge>] [ip=<ip>] [script=<script>] [backend=<BackDomain>] [vifname=<name>] [rate=<rate>] [model=<model>] [accel=<accel>] [mtu=<mtu>]',
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
  syntax: { global: 'f', usage: '<Domain> <DevId|mac>', required: 2 },
  run: detach,
};
