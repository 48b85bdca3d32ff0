/** `xl vcpu-pin` (tools/xl/xl_vcpu.c). */
import { parseCpus } from '../config/affinity.ts';
import { atOnce, Exit, type Xl, type XlCommand } from './command.ts';
import { domainOf } from './domains.ts';

/** A set of CPUs as a mask; null for `-`, which leaves the affinity unchanged. */
function cpuMask({ libxl }: Xl, text: string | undefined): number | null {
  if (text === undefined || text === '-') return null;
  const set = parseCpus(text, libxl.xen.machine.cpus);
  if (!set.ok) throw new Exit(`${set.error.line}\n`);
  return set.value.reduce((mask, cpu) => mask | (1 << cpu), 0);
}

const vcpuPin = atOnce((xl, { options, operands: [qualifier = '', which = '', hardText = '', softText] }) => {
  const { xen } = xl.libxl;
  const domain = domainOf(xl, qualifier);
  if (!/^\d+/.test(which) && which !== 'all') throw new Exit(`Error: Invalid argument ${which} as VCPU.\n`);
  if (which === 'all' && options.has('f')) throw new Exit("Error: --force and 'all' as VCPU not allowed.\n");
  const hard = cpuMask(xl, hardText);
  const soft = cpuMask(xl, softText);
  const present = 2 ** xen.machine.cpus - 1;
  if (hard !== null && (hard & present) === 0) throw new Exit('vcpu hard affinity map is empty\n');
  const number = Number.parseInt(which, 10);
  const vcpus = which === 'all' ? domain.vcpus : domain.vcpus.filter(({ id }) => id === number);
  const refuse = (vcpu: number): never => {
    throw new Exit(
      `libxl: error: libxl_sched.c:62:libxl__set_vcpuaffinity: Domain ${domain.domainId}:Setting vcpu affinity: Invalid argument\nCould not set affinity for vcpu \`${vcpu}'.\n`,
    );
  };
  if (vcpus.length === 0) refuse(number);
  const within = (mask: number | null): number | null => (mask === null ? null : mask & present);
  for (const { unit } of vcpus) if (!xen.scheduling.setAffinity(unit, within(hard), within(soft))) refuse(unit.id);
  return 0;
});

export const vcpuPinCommand: XlCommand = {
  name: 'vcpu-pin',
  summary: 'Set which CPUs a VCPU can use',
  takesDomain: true,
  syntax: {
    global: 'fN',
    usage: '[option] <Domain> <VCPU|all> <Hard affinity|-|all> <Soft affinity|-|all>',
    options: [
      '-f, --force        undo an override pinning done by the kernel',
      '--ignore-global-affinity-masks Ignore global masks in xl.conf',
    ],
    short: 'fi',
    long: { force: 'f', 'ignore-global-affinity-masks': 'i' },
    required: 3,
  },
  run: vcpuPin,
};
