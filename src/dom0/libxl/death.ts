/**
 * What xl does when a domain has ended: on_poweroff and the other actions of its config (tools/xl/xl_vmcontrol.c,
 * handle_domain_death).
 */
import { ShutdownReason } from '../../xen/domain/domain.ts';
import type { DomainConfig, ShutdownAction } from '../config/domain-config.ts';
import { type Task, until } from '../os/task.ts';
import type { Complain, LibxlContext } from './context.ts';
import { createGuest } from './create.ts';
import { destroyRecord } from './destroy.ts';
import { renameDomain } from './rename.ts';

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

/** Waits until a domain ends and acts on it. If the action restarts the domain, waits for the new one in turn. */
export function* watchDomain(ctx: LibxlContext, first: number, directory: string, complain: Complain): Task<number> {
  let domid = first;
  for (;;) {
    const record = ctx.records.get(domid);
    if (!record) return 0;
    const { domain } = record;
    yield* until(ctx.domainsChanged, () => domain.isShutDown || ctx.records.get(domid) !== record);
    if (ctx.records.get(domid) !== record) return 0;
    const { config, source } = record;
    const action = actionFor(config, domain.shutdownReason);
    switch (action) {
      case 'destroy':
      case 'coredump-destroy':
        for (const line of yield* destroyRecord(ctx, domid)) complain(line);
        return 0;
      case 'preserve':
      case 'soft-reset':
        return 0;
      case 'rename-restart': {
        // The ended domain stays, under a name that contains the time.
        const seconds = Math.floor(ctx.now() / 1e9);
        renameDomain(
          ctx,
          domid,
          `${config.name}-${new Date(seconds * 1000).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}Z`,
        );
        break;
      }
      case 'restart':
      case 'coredump-restart':
        for (const line of yield* destroyRecord(ctx, domid)) complain(line);
    }
    const next = yield* createGuest(ctx, config, { paused: false, directory, source }, complain);
    if ('exitCode' in next) return next.exitCode;
    domid = next.domid;
  }
}
