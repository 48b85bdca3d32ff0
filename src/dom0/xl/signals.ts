/** What xl tells a guest's kernel: `trigger` and `sysrq` (tools/xl/xl_misc.c). */
import { homeOf } from '../xenstore/paths.ts';
import { atOnce, Exit, type XlCommand } from './command.ts';
import { domainOf } from './domains.ts';
import { commandHelp } from './options.ts';

/** libxl_trigger. */
const triggers = ['power', 'sleep', 'nmi', 'init', 'reset', 's3resume'] as const;

/** Xen for Arm has no XEN_DOMCTL_sendtrigger, and xl pays no heed to the failure. */
const notSent = (domid: number, trigger: string): string =>
  `libxl: error: libxl_domain.c:2207:libxl_send_trigger: Domain ${domid}:Send trigger '${trigger}' failed: Function not implemented\n`;

const trigger = atOnce((xl, { operands: [qualifier = '', name = '', vcpu] }) => {
  const { domainId } = domainOf(xl, qualifier);
  const known = triggers.find((each) => each === name.toLowerCase());
  if (!known) throw new Exit(`Invalid trigger "${name}"\n`);
  if (vcpu !== undefined && Number.isNaN(Number.parseInt(vcpu, 10)))
    xl.context.err('Invalid vcpuid, using default vcpuid=0.\n\n');
  xl.context.err(
    known === 's3resume'
      ? `libxl: error: libxl_domain.c:2162:domain_s3_resume_done: Domain ${domainId}:Send trigger 's3resume' failed, rc=-6\n`
      : notSent(domainId, known),
  );
  return 0;
});

const sysrq = atOnce((xl, { operands: [qualifier = '', key = ''] }) => {
  const { store, connection } = xl.libxl;
  const { domainId } = domainOf(xl, qualifier);
  if (key.length > 1) {
    xl.context.err('Invalid sysrq.\n\n');
    xl.context.out(commandHelp(sysrqCommand));
    return 1;
  }
  store.write(connection, `${homeOf(domainId)}/control/sysrq`, key);
  return 0;
});

const buttonPress = atOnce((xl, { operands: [qualifier = '', button = ''] }) => {
  const { domainId } = domainOf(xl, qualifier);
  if (button !== 'power' && button !== 'sleep') throw new Exit(`${button} is an invalid button identifier\n`);
  xl.context.err(notSent(domainId, button));
  return 0;
});

export const buttonPressCommand: XlCommand = {
  name: 'button-press',
  summary: 'Indicate an ACPI button press to the domain',
  takesDomain: true,
  notice: 'WARNING: "button-press" is deprecated. Please use "trigger"\n',
  syntax: { global: 'f', usage: '<Domain> <Button>', options: ["<Button> may be 'power' or 'sleep'."], required: 2 },
  run: buttonPress,
};

export const triggerCommand: XlCommand = {
  name: 'trigger',
  summary: 'Send a trigger to a domain',
  takesDomain: true,
  syntax: { global: 'f', usage: '<Domain> <nmi|reset|init|power|sleep|s3resume> [<VCPU>]', required: 2 },
  run: trigger,
};

export const sysrqCommand: XlCommand = {
  name: 'sysrq',
  summary: 'Send a sysrq to a domain',
  takesDomain: true,
  syntax: { global: 'f', usage: '<Domain> <letter>', required: 2 },
  run: sysrq,
};
