/** xl config-update (tools/xl/xl_misc.c): gives libxl another text to keep with a domain. */
import { checkConfig } from '../config/check.ts';
import { configObject, printJson } from '../libxl/config-json.ts';
import { randomUuid } from '../libxl/uuid.ts';
import { resolvePath } from '../os/files.ts';
import { atOnce, Exit, type XlCommand } from './command.ts';
import { domainOf } from './domains.ts';
import { commandHelp } from './options.ts';

const run = atOnce((xl, { operands: [qualifier, ...words] }) => {
  const { libxl, context } = xl;
  if (qualifier === undefined) {
    context.err('xl config-update requires a domain argument\n');
    context.out(commandHelp(configUpdateCommand));
    return 1;
  }
  context.err(
    'WARNING: xl now has better capability to manage domain configuration, avoid using this command when possible\n',
  );
  const { domainId } = domainOf(xl, qualifier);
  const isVerbose = words.includes('-d');
  const given = words.indexOf('-f');
  const [first, ...rest] = words.filter(
    (word, i) => word !== '-d' && !(given >= 0 && (i === given || i === given + 1)),
  );
  const isFile = given < 0 && first !== undefined && !first.includes('=');
  const name = given >= 0 ? words[given + 1] : isFile ? first : undefined;
  if (name === undefined) throw new Exit('Config file not specified\n');
  const overrides = isFile ? rest : [first, ...rest].filter((word) => word !== undefined);
  const file = libxl.files.readText(resolvePath(name, context.directory));
  if (!file.ok) throw new Exit(`Failed to read config file: ${name}: ${file.error}\n`, 253);
  const text = overrides.length > 0 ? `${file.value}\n${overrides.join('\n')}\n` : file.value;
  const { lines, config } = checkConfig(text, { source: name, cpus: libxl.xen.machine.cpus });
  for (const line of lines) context.err(`${line}\n`);
  if (!config) return 1;
  if (isVerbose) {
    const object = configObject(config, config.uuid ?? randomUuid(libxl.random), null);
    context.out(`${printJson({ domid: null, config: object })}\n`);
  }
  context.err(`setting dom${domainId} configuration\n`);
  const record = libxl.records.get(domainId);
  if (record) record.update = text;
  return 0;
});

export const configUpdateCommand: XlCommand = {
  name: 'config-update',
  summary:
    "Update a running domain's saved configuration, used when rebuilding the domain after reboot.\nWARNING: xl now has better capability to manage domain configuration, avoid using this command when possible",
  takesDomain: true,
  syntax: {
    global: 'fN',
    usage: '<Domain> <ConfigFile> [options] [vars]',
    options: [
      '-h                      Print this help.',
      '-f FILE, --defconfig=FILE',
      '                     Use the given configuration file.',
      '-d                      Enable debug messages.',
      '',
    ],
    readsNoOptions: true,
  },
  run,
};
