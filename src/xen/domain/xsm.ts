/** Xen's security modules: which domains may reach each other (docs/misc/xen-command-line.pandoc, `xsm`). */
import type { Parameter } from '../command-line.ts';

export type XsmMode = 'silo' | 'dummy';

/** Debian's build has SILO as its default, as Xen's configuration for Arm has. FLASK needs a policy, and is not here. */
export const xsmParameter: Parameter<XsmMode> = {
  name: 'xsm',
  takes: 'silo or dummy',
  parse: (value) => (value === 'silo' || value === 'dummy' ? value : null),
};

interface Party {
  readonly domainId: number;
  readonly isPrivileged: boolean;
}

/** Whether two domains may share pages and have event channels between them. */
export type MayReach = (a: Party, b: Party) => boolean;

/** The rule of a mode: SILO lets domains reach Dom0 and nobody else; without a module any two of them may. */
export const reachRule = (mode: XsmMode): MayReach =>
  mode === 'dummy' ? () => true : (a, b) => a.isPrivileged || b.isPrivileged || a.domainId === b.domainId;
