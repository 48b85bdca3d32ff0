/**
 * xl's commands that change a domain's life: pause, unpause, destroy, shutdown, reboot, rename
 * (tools/xl/xl_vmcontrol.c).
 */
import type { Domain } from '../../xen/domain/domain.ts';
import { pauseByToolstack, unpauseByToolstack } from '../../xen/domain/life.ts';
import { seconds } from '../../xen/time/time.ts';
import { destroyRecord } from '../libxl/destroy.ts';
import { domidOf } from '../libxl/names.ts';
import { renameDomain } from '../libxl/rename.ts';
import { sleep, type Task, until } from '../os/task.ts';
import { homeOf } from '../xenstore/paths.ts';
import { atOnce, Exit, type Subcommand, type Xl, type XlCommand } from './command.ts';
import { allDomains, domainOf } from './domains.ts';

const pause = atOnce((xl, { operands: [qualifier = ''] }) => {
  pauseByToolstack(xl.libxl.xen, domainOf(xl, qualifier));
  return 0;
});

const unpause = atOnce((xl, { operands: [qualifier = ''] }) => {
  const domain = domainOf(xl, qualifier);
  // Pauses are counted: xl unpauses until the domain runs.
  while (domain.controllerPauses > 0) unpauseByToolstack(xl.libxl.xen, domain);
  return 0;
});

const destroy: Subcommand = function* (xl, { options, operands: [qualifier = ''] }) {
  const domain = domainOf(xl, qualifier);
  if (domain.domainId === 0 && !options.has('f')) {
    throw new Exit(
      'Not destroying domain 0; use -f to force.\nThis can only be done when using a disaggregated hardware domain and toolstack.\n\n',
    );
  }
  if (domain.domainId === 0)
    throw new Exit(
      'libxl: error: libxl_domain.c:1183:libxl__destroy_domid: Domain 0:Non-existant domain\ndestroy failed (rc=-6)\n',
    );
  for (const line of yield* destroyRecord(xl.libxl, domain.domainId)) xl.context.err(`${line}\n`);
  return 0;
};

/** How long libxl waits for a guest to acknowledge a request (LIBXL_DESTROY_TIMEOUT). */
const acknowledgeTime = seconds(60);

/** libxl_domain_shutdown, libxl_domain_reboot: writes the request to xenstore and waits until the guest removes it. */
function* ask(xl: Xl, domain: Domain, request: 'poweroff' | 'reboot'): Task {
  const { libxl, context } = xl;
  const what = request === 'poweroff' ? 'shutdown' : 'reboot';
  context.err(`${request === 'poweroff' ? 'Shutting down' : 'Rebooting'} domain ${domain.domainId}\n`);
  const path = `${homeOf(domain.domainId)}/control/shutdown`;
  const { store, connection } = libxl;
  store.write(connection, path, request);
  const end = libxl.now() + acknowledgeTime;
  const isTaken = (): boolean => {
    const value = store.read(connection, path);
    return !value.ok || value.value !== request;
  };
  while (!isTaken() && libxl.now() < end) yield* sleep(seconds(0.05));
  if (isTaken()) return;
  // Withdraws the request, so that the guest does not act on it much later.
  store.write(connection, path, '');
  throw new Exit(
    `libxl: error: libxl_domain.c:854:pvcontrol_cb: guest didn't acknowledge control request: -9\n${what} failed (rc=-9)\n`,
  );
}

const ending = (request: 'poweroff' | 'reboot'): Subcommand =>
  function* (xl, { options, operands: [qualifier] }) {
    const { libxl, context } = xl;
    if (qualifier === undefined && !options.has('a')) throw new Exit('You must specify -a or a domain id.\n\n');
    const domains = options.has('a')
      ? allDomains(xl).filter(({ domainId }) => domainId !== 0)
      : [domainOf(xl, qualifier as string)];
    for (const domain of domains) yield* ask(xl, domain, request);
    if (options.has('w')) {
      context.out(`Waiting for ${domains.length} domains\n`);
      for (const domain of domains) {
        yield* until(libxl.domainsChanged, () => domain.isShutDown || domain.isDying);
        context.out(`Domain ${domain.domainId} has been shut down, reason code ${domain.shutdownReason}\n`);
      }
    }
    return 0;
  };

const rename = atOnce((xl, { operands: [qualifier = '', name = ''] }) => {
  const { libxl } = xl;
  const domain = domainOf(xl, qualifier);
  const { domainId: domid } = domain;
  const other = domidOf(libxl, name);
  if (other !== null && other !== domid) {
    throw new Exit(
      `libxl: error: libxl_domain.c:81:libxl__domain_rename: Domain ${domid}:Domain with name "${name}" already exists.\nCan't rename domain '${qualifier}'.\n`,
    );
  }
  renameDomain(libxl, domid, name);
  return 0;
});

export const pauseCommand: XlCommand = {
  name: 'pause',
  summary: 'Pause execution of a domain',
  takesDomain: true,
  syntax: {
    global: 'f',
    usage: '<Domain>',
    required: 1,
  },
  run: pause,
};

export const unpauseCommand: XlCommand = {
  name: 'unpause',
  summary: 'Unpause a paused domain',
  takesDomain: true,
  syntax: {
    global: 'f',
    usage: '<Domain>',
    required: 1,
  },
  run: unpause,
};

export const destroyCommand: XlCommand = {
  name: 'destroy',
  summary: 'Terminate a domain immediately',
  takesDomain: true,
  syntax: {
    global: 'f',
    usage: '[options] <Domain>\n',
    options: [
      '-f                      Permit destroying domain 0, which will only succeed',
      '                        when run from disaggregated toolstack domain with a',
      '                        hardware domain distinct from domain 0.',
    ],
    short: 'f',
    required: 1,
  },
  run: destroy,
};

export const shutdownCommand: XlCommand = {
  name: 'shutdown',
  summary: 'Issue a shutdown signal to a domain',
  takesDomain: true,
  syntax: {
    global: 'f',
    usage: '[options] <-a|Domain>',
    options: [
      '-a, --all               Shutdown all guest domains.',
      '-h                      Print this help.',
      '-F                      Fallback to ACPI power event for HVM guests with',
      '                        no PV drivers.',
      '-w, --wait              Wait for guest(s) to shutdown.',
      '',
    ],
    short: 'awF',
    long: { all: 'a', wait: 'w' },
  },
  run: ending('poweroff'),
};

export const rebootCommand: XlCommand = {
  name: 'reboot',
  summary: 'Issue a reboot signal to a domain',
  takesDomain: true,
  syntax: {
    global: 'f',
    usage: '[options] <-a|Domain>',
    options: [
      '-a, --all               Shutdown all guest domains.',
      '-h                      Print this help.',
      '-F                      Fallback to ACPI reset event for HVM guests with',
      '                        no PV drivers.',
      '-w, --wait              Wait for guest(s) to reboot.',
      '',
    ],
    short: 'awF',
    long: { all: 'a', wait: 'w' },
  },
  run: ending('reboot'),
};

export const renameCommand: XlCommand = {
  name: 'rename',
  summary: 'Rename a domain',
  takesDomain: true,
  syntax: {
    global: 'f',
    usage: '<Domain> <NewDomainName>',
    required: 2,
  },
  run: rename,
};
