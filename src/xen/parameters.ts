/** The parameters of Xen's command line that this model knows. */
import { type Parameter, parseSize } from './command-line.ts';
import { lifeParameters } from './domain/life.ts';
import { vwfiParameter } from './domain/vwfi.ts';
import { xsmParameter } from './domain/xsm.ts';
import { logParameters } from './log.ts';
import { iommuParameter } from './passthrough/iommu.ts';
import { schedulerParameters } from './sched/schedulers.ts';

/** A parameter that has no effect on this model. */
const ignored = (name: string): Parameter<string> => ({
  name,
  takes: 'a text',
  parse: (value) => value,
  isIgnored: true,
});

/** Memory of Domain-0 in bytes: `SIZE` or `max:SIZE`. */
export const dom0Memory: Parameter<number> = {
  name: 'dom0_mem',
  takes: 'a size, as in dom0_mem=512M',
  parse: (value) => parseSize(value.replace(/^max:/, '')),
};

/** Number of vCPUs of Domain-0. */
export const dom0MaxVcpus = ignored('dom0_max_vcpus');

export const parameters: readonly Parameter<unknown>[] = [
  dom0Memory,
  dom0MaxVcpus,
  ...schedulerParameters,
  ...logParameters,
  ...lifeParameters,
  iommuParameter,
  vwfiParameter,
  xsmParameter,
  ignored('console'),
  ignored('dtuart'),
  ignored('bootscrub'),
];
