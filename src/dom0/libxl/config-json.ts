/** Domain configs as libxl prints them (libxl_types.idl, by yajl). */
import type { Domain } from '../../xen/domain/domain.ts';
import type { Field } from '../config/devices/fields.ts';
import { devicesObject, hostObject } from '../config/devices/json.ts';
import type { DomainConfig, ShutdownAction } from '../config/domain-config.ts';
import type { LibxlContext } from './context.ts';
import { writeDom0Memory } from './store-nodes.ts';

type Json = { readonly [key: string]: Field | undefined };

const action = (word: ShutdownAction): string | undefined =>
  word === 'destroy' ? undefined : word === 'rename-restart' ? 'rename_restart' : word.replaceAll('-', '_');

/** A domain's scheduling parameters, with the scheduler's name. */
type SchedParams = Readonly<Record<string, string | number>>;

/** A config as JSON. `sched` is null for a domain that does not exist yet. */
export function configObject(config: DomainConfig, uuid: string, sched: SchedParams | null): Json {
  const exists = sched !== null;
  const vcpus = config.maxVcpus || config.vcpus || (exists ? 1 : undefined);
  return {
    c_info: {
      type: config.type === 'pv' && exists ? 'pvh' : config.type,
      name: config.name,
      domid: exists ? 0xffff_ffff : undefined,
      uuid,
      pool_name: config.pool ?? undefined,
      run_hotplug_scripts: 'True',
    },
    b_info: {
      max_vcpus: vcpus,
      avail_vcpus: vcpus ? Array.from({ length: config.vcpus ?? vcpus }, (_, i) => i) : undefined,
      vcpu_hard_affinity: config.hardAffinity.length > 0 ? config.hardAffinity : undefined,
      vcpu_soft_affinity: config.softAffinity.length > 0 ? config.softAffinity : undefined,
      max_memkb: config.maxMemory ?? config.memory ?? undefined,
      target_memkb: config.memory ?? undefined,
      video_memkb: exists ? 0 : undefined,
      sched_params: sched ?? config.scheduling,
      ...hostObject(config),
      claim_mode: 'True',
      kernel: config.kernel ?? undefined,
      cmdline: config.commandLine ?? undefined,
      ramdisk: config.ramdisk ?? undefined,
      device_tree: config.deviceTree ?? undefined,
      bootloader: config.bootloader ?? undefined,
      bootloader_args: config.bootloaderArgs.length > 0 ? config.bootloaderArgs : undefined,
      [`type.${config.type}`]: {},
      arch_arm: { vuart: config.vuart ? 'sbsa_uart' : undefined },
      arch_x86: {},
    },
    ...devicesObject(config),
    on_poweroff: action(config.onPoweroff),
    on_reboot: action(config.onReboot),
    on_watchdog: action(config.onWatchdog),
    on_crash: action(config.onCrash),
    on_soft_reset: action(config.onSoftReset),
  };
}

/** What `xl list -l` prints for a domain. */
export function domainJson(ctx: LibxlContext, domain: Domain): Json {
  const { xen, records } = ctx;
  const { domainId: domid } = domain;
  const policy = xen.scheduling.policyOf(domain);
  const sched: SchedParams = { sched: policy.name, ...policy.domainParameters(domain) };
  const record = records.get(domid);
  if (record) return { domid, config: configObject(record.config, record.uuid, sched) };
  const kib = domain.pages * 4;
  writeDom0Memory(ctx, kib);
  return {
    domid,
    config: {
      c_info: { type: 'pvh', name: 'Domain-0' },
      b_info: {
        max_memkb: kib,
        target_memkb: kib - 1,
        sched_params: sched,
        'type.pvh': {},
        arch_arm: {},
        arch_x86: {},
      },
    },
  };
}

/** JSON in yajl's layout: an empty object or array takes three lines. */
export const printJson = (value: Json | readonly Json[]): string =>
  JSON.stringify(value, null, 4).replaceAll(/^( *)(.*)(?:(\{)(\})|(\[)(\]))(,?)$/gm, '$1$2$3$5\n\n$1$4$6$7');
