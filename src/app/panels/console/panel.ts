import type { Command } from '../../commands/registry.ts';
import type { XenLab } from '../../lab/lab.ts';
import type { Dock } from '../../lab/layout/dock.ts';
import { consolePanel, kindOf, type PanelId } from '../../lab/layout/panelKind.ts';
import { Deferred } from '../../widgets/deferred.ts';
import type { ManyPanels } from '../panel.ts';
import { ConsoleSign } from './ConsoleSign.tsx';
import { domainOf } from './subject.ts';

/** The keys of the guests' consoles, in the order of the list of domains. */
const guestKeys = [
  ...['Mod+7', 'Mod+8', 'Mod+9'],
  ...['Mod+Shift+1', 'Mod+Shift+2', 'Mod+Shift+3', 'Mod+Shift+4', 'Mod+Shift+5', 'Mod+Shift+6'],
];
/** So many guests have a line in the menu. */
const inMenu = 3;

export const console: ManyPanels = {
  id: 'console',
  titleOf: (subject, t) => domainOf(subject) ?? t('panel.xenSerial'),
  nameOf(subject, t) {
    const domain = domainOf(subject);
    return domain === null ? t('console.xenLabel') : t('console.label', { domain });
  },
  isConsole: true,
  help: 'help.console',
  leaving: 'leaving.console',
  places: {
    xen: {
      area: 'bottom',
      size: 280,
      subjects: ['dom0', 'xen', 'domain rtos-a', 'domain rtos-b', 'domain noisy'],
      isActive: true,
    },
  },
  component: new Deferred(() => import('./Console.tsx')),
  isHeavy: true,
  TabSign: ConsoleSign,
  xenCommands,
};

function xenCommands({ machine, dock }: XenLab): readonly Command[] {
  return [
    {
      id: 'panel.consoles',
      label: (t) => t('command.consoles'),
      menu: 'view',
      keys: ['Ctrl+`'],
      perform: () => dock.focus(nextConsole(dock)),
    },
    {
      id: 'console.xen',
      label: (t) => t('command.focus', { panel: t('panel.xenSerial') }),
      menu: 'view',
      keys: ['Mod+5'],
      perform: () => dock.focus('console xen'),
    },
    {
      id: 'console.dom0',
      label: (t) => t('command.focus', { panel: 'Domain-0' }),
      menu: 'view',
      keys: ['Mod+6'],
      perform: () => dock.focus('console dom0'),
    },
    ...guestKeys.map((key, index): Command => {
      const guest = () => machine.domains.all.filter(({ id }) => id > 0)[index];
      return {
        id: `console.guest${index}`,
        label: (t) => t('command.focus', { panel: guest()?.name ?? t('command.noDomain') }),
        ...(index < inMenu && { menu: 'view' }),
        keys: [key],
        predicate: () => guest() !== undefined,
        perform: () => {
          const domain = guest();
          if (domain) dock.focus(consolePanel(domain.name));
        },
      };
    }),
  ];
}

/** From a console, the next one; from elsewhere, the console that was used last. */
function nextConsole(dock: Dock): PanelId {
  const opened = dock.opened('console');
  const { active, last } = dock.store.getState();
  if (active && kindOf(active) === 'console') return opened[(opened.indexOf(active) + 1) % opened.length] ?? active;
  return last.console && opened.includes(last.console) ? last.console : 'console dom0';
}
