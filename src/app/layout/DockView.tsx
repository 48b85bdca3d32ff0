import {
  type DockviewApi,
  DockviewDefaultTab,
  DockviewReact,
  type DockviewTheme,
  type IDockviewHeaderActionsProps,
  type IDockviewPanelHeaderProps,
} from 'dockview-react';
import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { Icon } from '../frame/Icon.tsx';
import { Loaded } from '../frame/Loaded.tsx';
import { useLab, useTranslate } from '../lab.ts';
import { Board } from '../panels/Board.tsx';
import { Log } from '../panels/Log.tsx';
import { Registers } from '../panels/Registers.tsx';
import { PanelFrame } from './PanelFrame.tsx';
import { isPanelId, type PanelId, panelIds, panelTexts } from './panels.ts';
import 'dockview-react/dist/styles/dockview.css';
import '../styles/dock.css';
import '../styles/panels.css';

const theme: DockviewTheme = { name: 'el2lab', className: 'dock-theme', dndPanelOverlay: 'group' };

// xterm is the heaviest part of the page, so it comes apart from the rest; it is asked for at once.
const loadSerialConsole = () => import('../panels/SerialConsole.tsx');

const contents: Readonly<Record<PanelId, ReactNode>> = {
  board: <Board />,
  serial: <Loaded load={loadSerialConsole} />,
  registers: <Registers />,
  log: <Log />,
};

const components = Object.fromEntries(
  panelIds.map((id) => [id, () => <PanelFrame id={id}>{contents[id]}</PanelFrame>]),
);

/** The dockable panels. */
export default function DockView() {
  const t = useTranslate();
  const { dock } = useLab();
  const [api, setApi] = useState<DockviewApi | null>(null);

  // Tabs carry their panel's name in the user's language.
  useEffect(() => {
    if (!api) return;
    const setTitle = (panel: (typeof api.panels)[number]) => {
      if (isPanelId(panel.id)) panel.api.setTitle(t(panelTexts[panel.id].title));
    };
    api.panels.forEach(setTitle);
    const subscription = api.onDidAddPanel(setTitle);
    return () => subscription.dispose();
  }, [api, t]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are the tabs' own
    <div className="dock" onKeyDown={moveBetweenTabs}>
      <DockviewReact
        theme={theme}
        components={components}
        defaultTabComponent={Tab}
        rightHeaderActionsComponent={PanelActions}
        disableFloatingGroups
        messages={{
          panelOpened: (panel) => t('panel.opened', { panel }),
          panelClosed: (panel) => t('panel.closed', { panel }),
        }}
        onReady={(event) => {
          dock.attach(event.api);
          setApi(event.api);
        }}
      />
    </div>
  );
}

/** The arrow keys of the ARIA tabs pattern; Enter shows the tab that has the focus. */
function moveBetweenTabs(event: KeyboardEvent): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const tab = event.target instanceof Element ? event.target.closest('[role="tab"]') : null;
  if (!step || !tab) return;
  const tabs: Element[] = [...(tab.closest('[role="tablist"]')?.querySelectorAll('[role="tab"]') ?? [])];
  const next = tabs.at((tabs.indexOf(tab) + step) % tabs.length);
  if (next instanceof HTMLElement) next.focus();
}

/** A tab is its name only: a button inside of it would be out of a screen reader's reach. */
function Tab(props: IDockviewPanelHeaderProps) {
  return <DockviewDefaultTab {...props} hideClose />;
}

/** At the end of a group's tabs: what its active panel shows, and closing it. */
function PanelActions({ activePanel }: IDockviewHeaderActionsProps) {
  const t = useTranslate();
  const { dock } = useLab();
  const help = useStore(dock.store, (state) => state.help);
  const id = panelIds.find((panel) => panel === activePanel?.id);
  if (!activePanel || !id) return null;
  const panel = t(panelTexts[id].title);
  return (
    <div className="panel-actions">
      <button
        type="button"
        aria-label={t('panel.help', { panel })}
        aria-expanded={help.includes(id)}
        onClick={() => dock.toggleHelp(id)}
      >
        ?
      </button>
      <button type="button" aria-label={t('panel.close', { panel })} onClick={() => activePanel.api.close()}>
        <Icon name="close" />
      </button>
    </div>
  );
}
