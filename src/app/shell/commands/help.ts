import type { Command } from '../../commands/registry.ts';
import type { Lab, XenLab } from '../../lab/lab.ts';

/** The ways to the start page and the tour. */
const introductionCommands = ({ dock, introduction }: XenLab): readonly Command[] => [
  { id: 'help.start', label: (t) => t('command.start'), menu: 'help', perform: () => dock.focus('start') },
  { id: 'help.tour', label: (t) => t('command.tour'), menu: 'help', perform: () => introduction.show() },
];

/** Commands that open something over the panels, and the help of a panel. */
export function helpCommands(lab: Lab): readonly Command[] {
  const { mode, dock, overlay } = lab;
  const costs: Command = {
    id: 'xen.costs',
    label: (t) => t('command.costs'),
    menu: 'machine',
    perform: () => overlay.setState({ open: 'costs' }),
  };
  const start: Command = {
    id: 'xen.start',
    label: (t) => t('command.xenStart'),
    menu: 'machine',
    perform: () => overlay.setState({ open: 'start' }),
  };
  return [
    ...(mode === 'xen' ? [start, costs] : []),
    ...(lab.mode === 'xen' ? introductionCommands(lab) : []),
    {
      id: 'help.palette',
      label: (t) => t('command.palette'),
      menu: 'help',
      keys: ['F1', 'Mod+Shift+P'],
      perform: () => overlay.setState({ open: 'palette' }),
    },
    {
      id: 'help.keys',
      label: (t) => t('command.keys'),
      menu: 'help',
      keys: ['?'],
      perform: () => overlay.setState({ open: 'keys' }),
    },
    {
      id: 'help.panel',
      label: (t) => t('command.panelHelp'),
      menu: 'help',
      keys: ['Shift+F1'],
      perform: () => dock.toggleActiveHelp(),
    },
  ];
}
