/** What WFI and WFE of guests do (docs/misc/xen-command-line.pandoc, `vwfi`): docs/xen/null.md, section 4. */
import { Hcr } from '../../arch/state/control-bits.ts';
import type { CommandLine, Parameter } from '../command-line.ts';

/** Whether a guest waits by itself, on its pCPU. */
export const vwfiParameter: Parameter<boolean> = {
  name: 'vwfi',
  takes: 'native or trap',
  parse: (value) => value === 'native',
};

/** The bits of HCR_EL2 that a guest runs without. */
export const untrappedWaits = (commandLine: CommandLine): number =>
  commandLine.get(vwfiParameter, false) ? Hcr.TWI | Hcr.TWE : 0;
