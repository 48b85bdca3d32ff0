/** xl's commands for Flask, Xen's security module, which Debian's Xen does not have (tools/xl/xl_flask.c). */
import { resolvePath } from '../os/files.ts';
import { atOnce, Exit, type XlCommand } from './command.ts';
import { commandHelp } from './options.ts';

const absent = new Exit('Flask XSM disabled\n', 255);
const modes: readonly string[] = ['0', '1', 'enforcing', 'permissive'];

export const getEnforceCommand: XlCommand = {
  name: 'getenforce',
  summary: 'Returns the current enforcing mode of the Flask Xen security module',
  syntax: { usage: '', readsNoOptions: true },
  run: atOnce(({ context }) => {
    context.out('Flask XSM Disabled\n');
    return 255;
  }),
};

export const setEnforceCommand: XlCommand = {
  name: 'setenforce',
  summary: 'Sets the current enforcing mode of the Flask Xen security module',
  syntax: { global: 'f', usage: '<1|0|Enforcing|Permissive>', readsNoOptions: true },
  run: atOnce(({ context }, { operands: [mode = ''] }) => {
    if (modes.includes(mode.toLowerCase())) throw absent;
    context.out(commandHelp(setEnforceCommand));
    return 2;
  }),
};

export const loadPolicyCommand: XlCommand = {
  name: 'loadpolicy',
  summary: 'Loads a new policy into the Flask Xen security module',
  syntax: { global: 'f', usage: '<policy file>', readsNoOptions: true },
  run: atOnce(({ context }, { operands: [name] }) => {
    if (name === undefined) {
      context.out(commandHelp(loadPolicyCommand));
      return 2;
    }
    const read = context.files.read(resolvePath(name, context.directory));
    throw read.ok ? absent : new Exit(`Error occurred opening policy file '${name}': ${read.error}\n`, 255);
  }),
};
