import type { ResetStatus } from '../../../session/api/status.ts';
import type { Translate } from '../../i18n/translate.ts';

const keys = {
  software: 'resets.software',
  psOnly: 'resets.psOnly',
  error: 'resets.error',
  subsystem: 'resets.subsystem',
} as const;

/** What has reset the machine, and when. */
export const resetText = (t: Translate, { cause, virtualNs }: NonNullable<ResetStatus['last']>): string =>
  t(keys[cause], { time: (virtualNs / 1e9).toFixed(3) });
