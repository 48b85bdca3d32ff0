/** What xl does when a domain has stopped, as its config says: on_poweroff and the like (tools/xl/xl_vmcontrol.c, handle_domain_death). */
import { ShutdownReason } from '../../xen/domain/domain.ts';
import type { DomainConfig, ShutdownAction } from '../config/domain-config.ts';
import { type Task, until } from '../os/task.ts';
import { createGuest } from './create.ts';
import { destroyRecord } from './destroy.ts';
import type { Complain, Host } from './host.ts';
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

/** Waits for the death of a domain and acts on it; a domain that is started again is waited for in turn. */
export function* watchDomain(host: Host, first: number, directory: string, complain: Complain): Task<number> {
  let domid = first;
  for (;;) {
    const record = host.records.get(domid);
    if (!record) return 0;
    const { domain } = record;
    yield* until(host.domainsChanged, () => domain.isShutDown || host.records.get(domid) !== record);
    if (host.records.get(domid) !== record) return 0;
    const { config } = record;
    const action = actionFor(config, domain.shutdownReason);
    switch (action) {
      case 'destroy':
      case 'coredump-destroy':
        yield* destroyRecord(host, domid);
        return 0;
      case 'preserve':
      case 'soft-reset':
        return 0;
      case 'rename-restart': {
        // The dead one keeps its memory under another name, with the time in it.
        const seconds = Math.floor(host.now() / 1e9);
        renameDomain(
          host,
          domid,
          `${config.name}-${new Date(seconds * 1000).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}Z`,
        );
        break;
      }
      case 'restart':
      case 'coredump-restart':
        yield* destroyRecord(host, domid);
    }
    const next = yield* createGuest(host, config, { paused: false, directory }, complain);
    if ('exitCode' in next) return next.exitCode;
    domid = next.domid;
  }
}
