import {
  type DockviewApi,
  DockviewDefaultTab,
  DockviewReact,
  type DockviewTheme,
  type IDockviewHeaderActionsProps,
  type IDockviewPanelHeaderProps,
  type IDockviewPanelProps,
} from 'dockview-react';
import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { Deferred } from '../frame/deferred.ts';
import { Icon } from '../frame/Icon.tsx';
import { Loaded } from '../frame/Loaded.tsx';
import type { Translate } from '../i18n/translate.ts';
import { useLab, useTranslate } from '../lab.ts';
import { Board } from '../panels/Board.tsx';
import { Cpu } from '../panels/Cpu.tsx';
import { Domains } from '../panels/Domains.tsx';
import { Files } from '../panels/Files.tsx';
import { Latency } from '../panels/Latency.tsx';
import { Log } from '../panels/Log.tsx';
import { Registers } from '../panels/Registers.tsx';
import { Swatch } from '../panels/Swatch.tsx';
import { PanelFrame } from './PanelFrame.tsx';
import {
  type ComponentName,
  componentNames,
  isFixed,
  isPanelId,
  type PanelId,
  panelTitles,
  subjectOf,
} from './panels.ts';
import 'dockview-react/dist/styles/dockview.css';
import '../styles/dock.css';
import '../styles/panels.css';
import '../styles/xen.css';

const theme: DockviewTheme = { name: 'el2lab', className: 'dock-theme', dndPanelOverlay: 'group' };

// Terminal and editor are the heaviest parts of the page, so they come apart from the rest.
const terminal = new Deferred(() => import('../panels/Terminal.tsx'));
const editor = new Deferred(async () => {
  // Monaco takes its own few words from here when it starts.
  if (document.documentElement.lang === 'ja') await import('monaco-editor/nls/lang/ja.js');
  return import('../editor/Editor.tsx');
});

const contents: Readonly<Record<ComponentName, (subject: string) => ReactNode>> = {
  board: () => <Board />,
  serial: () => <Loaded deferred={terminal} properties={{ name: 'serial' }} />,
  registers: () => <Registers />,
  log: () => <Log />,
  domains: () => <Domains />,
  files: () => <Files />,
  cpu: () => <Cpu />,
  latency: () => <Latency />,
  console: (name) => <Loaded deferred={terminal} properties={{ name }} />,
  editor: (path) => <Loaded deferred={editor} properties={{ path }} />,
};

const components = Object.fromEntries(
  componentNames.map((name) => [
    name,
    ({ api: { id } }: IDockviewPanelProps) =>
      isPanelId(id) ? <PanelFrame id={id}>{contents[name](subjectOf(id))}</PanelFrame> : null,
  ]),
);

/** The dockable panels. */
export default function DockView() {
  const t = useTranslate();
  const { dock, documents } = useLab();
  const [api, setApi] = useState<DockviewApi | null>(null);
  const unsaved = useStore(documents.store, (state) => state.unsaved);

  // Tabs carry their panel's name in the user's language.
  useEffect(() => {
    if (!api) return;
    const setTitle = (panel: (typeof api.panels)[number]) => {
      if (isPanelId(panel.id)) panel.api.setTitle(titleOf(panel.id, t, unsaved));
    };
    api.panels.forEach(setTitle);
    const subscription = api.onDidAddPanel(setTitle);
    return () => subscription.dispose();
  }, [api, t, unsaved]);

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

/** What a panel is called. */
function titleOf(id: PanelId, t: Translate, unsaved: readonly string[]): string {
  if (isFixed(id)) return t(panelTitles[id]);
  const subject = subjectOf(id);
  if (id.startsWith('editor '))
    return `${subject.slice(subject.lastIndexOf('/') + 1)}${unsaved.includes(subject) ? ' ●' : ''}`;
  if (subject === 'xen') return t('panel.xenSerial');
  return subject === 'dom0' ? 'Domain-0' : subjectOf(subject);
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

/** A tab is its name, and its domain's colour; a button inside of it would be out of a screen reader's reach. */
function Tab(props: IDockviewPanelHeaderProps) {
  const { id } = props.api;
  const name = id === 'console dom0' ? 'Domain-0' : id.startsWith('console domain ') ? id.slice(15) : null;
  if (name === null) return <DockviewDefaultTab {...props} hideClose />;
  return (
    <div className="domain-tab">
      <Swatch domain={name} />
      <DockviewDefaultTab {...props} hideClose />
    </div>
  );
}

/** At the end of a group's tabs: what its active panel shows, and closing it. */
function PanelActions({ activePanel }: IDockviewHeaderActionsProps) {
  const t = useTranslate();
  const { dock, documents } = useLab();
  const help = useStore(dock.store, (state) => state.help);
  const unsaved = useStore(documents.store, (state) => state.unsaved);
  if (!activePanel || !isPanelId(activePanel.id)) return null;
  const { id } = activePanel;
  const panel = titleOf(id, t, unsaved);
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
