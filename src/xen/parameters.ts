/** The parameters of Xen's command line that this model knows. */
import { type Parameter, parseSize } from './command-line.ts';
import { logParameters } from './log.ts';
import { creditBootParameters } from './sched/credit/parameters.ts';

/** A parameter that selects what this model does anyway. */
const ignored = (name: string): Parameter<string> => ({ name, takes: 'a text', parse: (value) => value });

/** Memory of Domain-0 in bytes: `SIZE` or `max:SIZE`. */
export const dom0Memory: Parameter<number> = {
  name: 'dom0_mem',
  takes: 'a size, as in dom0_mem=512M',
  parse: (value) => parseSize(value.replace(/^max:/, '')),
};

/** Number of vCPUs of Domain-0. */
export const dom0MaxVcpus = ignored('dom0_max_vcpus');

const scheduler: Parameter<string> = {
  name: 'sched',
  takes: 'credit, the scheduler that this model has',
  parse: (value) => (value === 'credit' ? value : null),
};

export const parameters: readonly Parameter<unknown>[] = [
  dom0Memory,
  dom0MaxVcpus,
  scheduler,
  ...creditBootParameters,
  ...logParameters,
  ignored('console'),
  ignored('dtuart'),
  ignored('bootscrub'),
];
