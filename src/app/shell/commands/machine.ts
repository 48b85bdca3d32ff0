import type { Command } from '../../commands/registry.ts';
import type { Lab } from '../../lab/lab.ts';

/** Run control of the machine, in either mode. */
export function machineCommands({ machine, undo, overlay }: Lab): readonly Command[] {
  const state = () => machine.status?.state ?? 'empty';
  const isCrashed = () => machine.view.crash !== null;
  const isPaused = () => !isCrashed() && state() === 'paused';
  const isRunning = () => !isCrashed() && (state() === 'running' || state() === 'waiting');
  return [
    {
      id: 'machine.run',
      label: (t) => t('command.run'),
      menu: 'machine',
      keys: ['F5'],
      predicate: isPaused,
      perform: () => void machine.run(),
    },
    {
      id: 'machine.pause',
      label: (t) => t('command.pause'),
      menu: 'machine',
      keys: ['Shift+F5'],
      predicate: isRunning,
      perform: () => void machine.pause(),
    },
    {
      id: 'machine.step',
      label: (t) => t('command.step'),
      menu: 'machine',
      keys: ['F10', 'F11'],
      predicate: isPaused,
      perform: () => void machine.step(),
    },
    {
      id: 'machine.reset',
      label: (t) => t('command.reset'),
      menu: 'machine',
      keys: ['Mod+Shift+F5'],
      predicate: () => !isCrashed() && state() !== 'empty',
      endsSession: true,
      perform: () => void machine.reset(),
    },
    {
      id: 'machine.share',
      label: (t) => t('command.share'),
      menu: 'machine',
      predicate: () => !isCrashed() && state() !== 'empty',
      perform: () => overlay.setState({ open: 'share' }),
    },
    {
      id: 'undo',
      label: (t) => t('command.undo'),
      menu: 'machine',
      predicate: () => undo.last !== undefined,
      perform: () => void undo.undo(),
    },
    {
      id: 'machine.pace',
      label: (t) => t('command.pace'),
      menu: 'machine',
      predicate: () => !isCrashed(),
      perform: () => void machine.togglePace(),
    },
    {
      id: 'machine.restart',
      label: (t) => t('command.restart'),
      menu: 'machine',
      predicate: isCrashed,
      perform: () => void machine.restart(),
    },
  ];
}
