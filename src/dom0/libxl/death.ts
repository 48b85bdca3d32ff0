/**
 * What xl does when a domain has ended: on_poweroff and the other actions of its config (tools/xl/xl_vmcontrol.c,
 * handle_domain_death). It reports each step, and so does the real one in /var/log/xen/xl-NAME.log.
 */
import { ShutdownReason } from '../../xen/domain/domain.ts';
import { seconds } from '../../xen/time/time.ts';
import { checkConfig } from '../config/check.ts';
import type { DomainConfig, ShutdownAction } from '../config/domain-config.ts';
import { quietly, sleep, type Task } from '../os/task.ts';
import type { Complain, DomainRecord, LibxlContext } from './context.ts';
import { createGuest } from './create.ts';
import { destroyRecord } from './destroy.ts';
import { dumpCore } from './dump-core.ts';
import { domidOf } from './names.ts';
import { renameDomain } from './rename.ts';

/** Where xl puts the cores of domains that on_crash and the others have dumped. */
const dumpDirectory = '/var/lib/xen/dump';
/** How long xl waits before it makes a domain again. */
const restartDelay = seconds(2);

const actionFor = (config: DomainConfig, reason: number): ShutdownAction => {
  switch (reason) {
    case ShutdownReason.poweroff:
      return config.onPoweroff;
    case ShutdownReason.reboot:
      return config.onReboot;
    case ShutdownReason.suspend:
      return 'preserve';
    case ShutdownReason.crash:
      return config.onCrash;
    case ShutdownReason.watchdog:
      return config.onWatchdog;
    case ShutdownReason.softReset:
      return config.onSoftReset;
    default:
      return 'destroy';
  }
};

export interface Watch {
  /** The directory of relative paths. */
  readonly directory: string;
  /** The number of the process that waits. */
  readonly pid: () => number;
  /** Gets each line. */
  readonly report: Complain;
}

/** Waits until a domain ends and acts on it. If the action restarts the domain, waits for the new one in turn. */
export function* watchDomain(ctx: LibxlContext, first: number, watch: Watch): Task<number> {
  const record = ctx.records.get(first);
  if (!record) return 0;
  watch.report(`Waiting for domain ${record.config.name} (domid ${first}) to die [pid ${watch.pid()}]`);
  return yield* awaitDeath(ctx, record, watch);
}

function* awaitDeath(ctx: LibxlContext, record: DomainRecord, watch: Watch): Task<number> {
  const { directory, report } = watch;
  const { domain } = record;
  const domid = domain.domainId;
  yield* quietly(
    ctx.domainsChanged,
    () => domain.isShutDown || ctx.records.get(domid) !== record,
    () => awaitDeath(ctx, record, watch),
  );
  if (ctx.records.get(domid) !== record) {
    report(`Domain ${domid} has been destroyed.`);
    return 0;
  }
  const reason = domain.shutdownReason;
  const action = actionFor(record.config, reason);
  report(`Domain ${domid} has shut down, reason code ${reason} 0x${reason.toString(16)}`);
  report(
    reason === ShutdownReason.suspend
      ? 'Domain has suspended.'
      : `Action for shutdown reason code ${reason} is ${action}`,
  );
  // Under the name that it has now, whatever becomes of the one that has ended.
  const { config: before } = record;
  const goesOn = yield* act(ctx, record, action, report);
  if (goesOn !== 'restart') return goesOn;
  report('Done. Rebooting now');
  yield* sleep(restartDelay);
  if (action === 'soft-reset') {
    // Xen for Arm has none. The domain is gone then, and the real xl says nothing more.
    yield* destroyRecord(ctx, domid);
    return 1;
  }
  const { source, text, update } = record;
  // It keeps its UUID, as its config has by then.
  const config = { ...(update === null ? before : updated(ctx, record, update)), uuid: record.uuid };
  const options = { paused: false, directory, source, text: update ?? text };
  const next = yield* createGuest(ctx, config, options, report);
  if ('exitCode' in next) return next.exitCode;
  return yield* watchDomain(ctx, next.domid, watch);
}

/** The config of a text that xl config-update has judged already. */
function updated({ xen }: LibxlContext, { config, source }: DomainRecord, text: string): DomainConfig {
  return checkConfig(text, { source, cpus: xen.machine.cpus }).config ?? config;
}

/** Does what is to be done with a domain that has ended. Returns whether it is to be made again, or the exit code. */
function* act(
  ctx: LibxlContext,
  record: DomainRecord,
  action: ShutdownAction,
  report: Complain,
): Task<'restart' | number> {
  const { domain, config } = record;
  const { domainId: domid } = domain;
  if (action === 'coredump-destroy' || action === 'coredump-restart') {
    const path = `${dumpDirectory}/${config.name}`;
    report(`dumping core to ${path}`);
    const failure = yield* dumpCore(ctx, domain, path);
    for (const line of failure ?? []) report(line);
    if (failure) report('core dump failed (rc=-3).');
  }
  switch (action) {
    case 'destroy':
    case 'coredump-destroy':
      yield* cleanUp(ctx, domid, report);
      report('Done. Exiting now');
      return 0;
    case 'preserve':
      report('Done. Exiting now');
      return 0;
    case 'restart':
    case 'coredump-restart':
      if (record.update !== null) report('"xl" configuration found, using it\n');
      yield* cleanUp(ctx, domid, report);
      return 'restart';
    case 'rename-restart': {
      // The ended domain stays, under a name that contains the time.
      const now = new Date(Math.floor(ctx.now() / 1e9) * 1000).toISOString();
      const suffix = `-${now.slice(0, 16).replaceAll(/[-:]/g, '')}Z`;
      report(`Preserving domain ${domid} ${config.name} with suffix${suffix}`);
      const name = `${config.name}${suffix}`;
      if (domidOf(ctx, name) !== null) {
        report(
          `libxl: error: libxl_domain.c:81:libxl__domain_rename: Domain ${domid}:Domain with name "${name}" already exists.`,
        );
        return 1;
      }
      renameDomain(ctx, domid, name);
      return 'restart';
    }
    case 'soft-reset':
      return 'restart';
  }
}

function* cleanUp(ctx: LibxlContext, domid: number, report: Complain): Task {
  report(`Domain ${domid} needs to be cleaned up: destroying the domain`);
  for (const line of yield* destroyRecord(ctx, domid)) report(line);
}
