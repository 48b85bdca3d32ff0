import type { XenLog } from '../log.ts';
import type { Domain } from './domain.ts';
import type { Domains } from './domains.ts';

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** Debug key g: which pages each domain has granted and others use, in the words of Xen 4.17. */
export const printGrantUsage = ({ log, domains }: { readonly log: XenLog; readonly domains: Domains }): void => {
  log.printk("gnttab_usage_print_all [ key 'g' pressed");
  const all = [...domains.values()].sort((a, b) => a.domainId - b.domainId);
  for (const domain of all) printDomain(log, domain);
  log.printk('gnttab_usage_print_all ] done');
};

const printDomain = (log: XenLog, { domainId, grants, config, p2m }: Domain): void => {
  log.printk('      -------- active --------       -------- shared --------');
  log.printk('[ref] localdom mfn      pin          localdom gmfn     flags');
  log.printk(`grant-table for remote d${domainId} (v1)`);
  const maptrack = `${grants.maptrackFrames} maptrack frames (${config.maxMaptrackFrames} max)`;
  log.printk(`  ${grants.frames} frames (${grants.maxFrames} max), ${maptrack}`);
  const usage = grants.usage();
  for (const { reference, readers, writers, flags, domid, gfn } of usage) {
    const mfn = p2m.lookUp(gfn)?.mfn ?? 0;
    // GNTPIN_hstw and GNTPIN_hstr: how many mappings write, and how many read.
    const pin = hex(writers | (readers << 16), 8);
    const user = String(domid).padStart(5);
    log.printk(`[${hex(reference, 3)}]  ${user} ${hex(mfn, 0)} ${pin}      ${user} ${hex(gfn, 6)} ${hex(flags, 2)}`);
  }
  if (usage.length === 0) log.printk('no active grant table entries');
};
