import { translator } from '../../i18n/translate.ts';
import type { Lab } from '../../lab/lab.ts';
import { resetText } from './resetText.ts';

/** Says when the machine has been reset and has started again. */
export function announceResets({ machine, announcer, settings }: Lab): void {
  let seen = 0;
  machine.onChange(({ status }) => {
    const { count, last } = status?.resets ?? { count: 0, last: null };
    if (last && count > seen)
      announcer.say(resetText(translator(settings.getState().language), last).replace(/[.。]$/, ''));
    seen = count;
  });
}
