import type { FindBack } from '../../../session/api/time.ts';
import type { Command } from '../../commands/registry.ts';
import type { PlainKey } from '../../i18n/translate.ts';
import type { Lab } from '../../lab/lab.ts';

const finds: readonly { readonly find: FindBack; readonly label: PlainKey; readonly keys?: Command['keys'] }[] = [
  { find: 'stop', label: 'time.stop', keys: ['Shift+F8'] },
  { find: 'exception', label: 'time.exception' },
  { find: 'hypercall', label: 'time.hypercall' },
  { find: 'contextSwitch', label: 'time.contextSwitch' },
  { find: 'consoleLine', label: 'time.consoleLine' },
];

/** Back and forth in the machine's time. */
export function timeCommands({ machine, question }: Lab): readonly Command[] {
  const time = () => (machine.view.crash === null ? machine.status?.time : null);
  const canGo = () => (time()?.beginNs ?? null) !== null;
  const isPast = () => time()?.isPast ?? false;
  return [
    {
      id: 'time.stepBack',
      label: (t) => t('time.stepBack'),
      menu: 'machine',
      keys: ['F8'],
      predicate: canGo,
      perform: () => void machine.travel('stepBack', { core: machine.view.core }),
    },
    ...finds.map(
      ({ find, label, keys }): Command => ({
        id: label,
        label: (t) => t(label),
        ...(keys && { keys }),
        predicate: canGo,
        perform: () => void machine.travel('findBack', { find }),
      }),
    ),
    {
      id: 'time.present',
      label: (t) => t('time.toPresent'),
      menu: 'machine',
      keys: ['Mod+F8'],
      predicate: isPast,
      perform: () => void machine.travel('goToPresent'),
    },
    {
      id: 'time.fork',
      label: (t) => t('time.goOn'),
      menu: 'machine',
      predicate: isPast,
      perform: () =>
        question.setState({
          asked: {
            text: (t) => t('time.question'),
            items: [],
            yes: 'time.forget',
            answer: (isYes) => isYes && void machine.fork(),
          },
        }),
    },
  ];
}
