import { type KeyboardEvent, type MouseEvent, useState } from 'react';
import { useStore } from 'zustand';
import type { DomainInfo } from '../../../session/api/hypervisor.ts';
import { Term } from '../../guide/Term.tsx';
import type { PlainKey } from '../../i18n/translate.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { DomainSwatch } from '../../lab/DomainSwatch.tsx';
import { useDom0Files, useDomains, useXenLab } from '../../lab/lab.ts';
import { consolePanel } from '../../lab/layout/panelKind.ts';
import { createDomain, restartDomain, runInDom0 } from '../../lab/xenActions.ts';
import { formatShare } from '../../machine/text/format.ts';
import { ContextMenu, type MenuEntry } from '../../widgets/ContextMenu.tsx';
import { Empty } from '../../widgets/Empty.tsx';
import { linuxKernel } from '../../xen/linux.ts';
import './domains.css';

interface OpenMenu {
  readonly domain: DomainInfo;
  readonly at: { readonly x: number; readonly y: number };
}

/** The list of domains, with their states, shares and actions. */
export default function Domains() {
  const t = useTranslate();
  const { commands } = useXenLab();
  const domains = useDomains((domains) => domains);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const entries = useEntries();
  if (domains.length === 0) return <Empty text={t('domains.empty')} />;
  return (
    <div className="domains">
      <table aria-label={t('panel.domains')} onKeyDown={moveBetweenRows}>
        <thead>
          <tr>
            <th scope="col">{t('domains.id')}</th>
            <th scope="col">
              <Term word="domain">{t('domains.name')}</Term>
            </th>
            <th scope="col">
              <Term word="states">{t('domains.state')}</Term>
            </th>
            <th scope="col" className="figure">
              {t('domains.cpu')}
            </th>
            <th scope="col">
              <span className="for-screen-readers">{t('domains.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {domains.map((domain) => (
            <Row key={domain.id} domain={domain} open={(at) => setMenu({ domain, at })} />
          ))}
        </tbody>
      </table>
      <button type="button" className="quiet" onClick={() => commands.perform('xen.newConfig')}>
        + {t('files.new')}
      </button>
      <Linux />
      {menu && (
        <ContextMenu
          label={t('domains.actionsOf', { domain: menu.domain.name })}
          entries={entries(menu.domain)}
          at={menu.at}
          close={() => setMenu(null)}
        />
      )}
    </div>
  );
}

/** A button for each config of Linux whose domain is not there, once Domain-0 has its kernel. */
function Linux() {
  const t = useTranslate();
  const lab = useXenLab();
  const files = useDom0Files((files) => files);
  const domains = useDomains((domains) => domains);
  if (!files.some(({ path }) => path === linuxKernel)) return null;
  return files.map(({ path }) => {
    const name = /^\/etc\/xen\/(linux[^/]*)\.cfg$/.exec(path)?.[1];
    if (name === undefined || domains.some((domain) => domain.name === name)) return null;
    return (
      <button
        key={path}
        type="button"
        className="quiet"
        title={t('domains.createHow', { path })}
        onClick={() => void createDomain(lab, path)}
      >
        + {name}
      </button>
    );
  });
}

interface RowProps {
  readonly domain: DomainInfo;
  readonly open: (at: OpenMenu['at']) => void;
}

function Row({ domain, open }: RowProps) {
  const t = useTranslate();
  const { dock } = useXenLab();
  const { id, name } = domain;
  const openAt = (event: MouseEvent) => {
    event.preventDefault();
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    // A click by the keyboard has no coordinates.
    open(event.type === 'contextmenu' ? { x: event.clientX, y: event.clientY } : { x: left, y: bottom });
  };
  return (
    <tr onContextMenu={openAt}>
      <td className="figure">{id}</td>
      <td>
        <button
          type="button"
          className="quiet name"
          title={t('domains.openConsole', { domain: name })}
          onClick={() => dock.focus(consolePanel(name))}
        >
          <DomainSwatch domain={name} />
          <span>{name}</span>
        </button>
      </td>
      <td>
        <State domain={domain} />
      </td>
      <Share id={id} />
      <td>
        <button type="button" className="quiet" aria-label={t('domains.actionsOf', { domain: name })} onClick={openAt}>
          ⋯
        </button>
      </td>
    </tr>
  );
}

const letterWords: Readonly<Record<string, PlainKey>> = {
  r: 'letter.r',
  b: 'letter.b',
  p: 'letter.p',
  s: 'letter.s',
  c: 'letter.c',
  d: 'letter.d',
};

/** The state in xl's letters, with words on hover. No letter at all means runnable. */
function State({ domain: { letters } }: { readonly domain: DomainInfo }) {
  const t = useTranslate();
  const shown = [...letters].filter((letter) => letterWords[letter]);
  const words = shown.map((letter) => t(letterWords[letter] ?? 'letter.none')).join(', ') || t('letter.none');
  return (
    <span className={`letters${shown.includes('c') ? ' fault' : ''}`} title={words}>
      <span aria-hidden="true">{shown.join('') || '-'}</span>
      <span className="for-screen-readers">{words}</span>
    </span>
  );
}

/** The share is a component of its own, so that a new figure draws nothing else. */
function Share({ id }: { readonly id: number }) {
  const share = useStore(useXenLab().machine.shares.store, ({ shares }) => formatShare(shares[id] ?? 0));
  return <td className="figure">{share}</td>;
}

/** What can be done to a guest, by xl's commands. */
const domainCommands = {
  pause: 'domains.pause',
  unpause: 'domains.unpause',
  shutdown: 'domains.shutdown',
  reboot: 'domains.reboot',
  destroy: 'domains.destroy',
} as const satisfies Readonly<Record<string, PlainKey>>;

// Object.keys gives the table's own names, which its type does not say.
const commandNames = Object.keys(domainCommands) as (keyof typeof domainCommands)[];

/** What can be done to a domain now. */
function useEntries(): (domain: DomainInfo) => MenuEntry[] {
  const t = useTranslate();
  const lab = useXenLab();
  return ({ id, name, letters, shutdown }) => [
    { label: t('domains.console'), perform: () => lab.dock.focus(consolePanel(name)) },
    {
      label: t('domains.details'),
      perform: () => {
        lab.machine.domains.choose(id);
        lab.dock.focus('domain');
      },
    },
    ...(shutdown === null || id === 0
      ? []
      : [{ label: t('domains.restartBy', { name }), perform: () => void restartDomain(lab, name) }]),
    ...commandNames
      .filter((command) => id !== 0 && (command !== 'pause' || !letters.includes('p')))
      .filter((command) => command !== 'unpause' || letters.includes('p'))
      // A domain that has stopped answers nothing: xl would wait for it for a minute.
      .filter((command) => command === 'destroy' || shutdown === null)
      .map((command) => ({
        label: `${t(domainCommands[command])} — xl ${command} ${name}`,
        perform: () => void runInDom0(lab, ['xl', command, name]),
      })),
  ];
}

/** The up and down keys move between the rows, in the same column. */
function moveBetweenRows(event: KeyboardEvent): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const cell = event.target instanceof Element ? event.target.closest('td') : null;
  const rows = [...(cell?.closest('tbody')?.rows ?? [])];
  const row = cell?.closest('tr');
  if (!step || !cell || !row) return;
  event.preventDefault();
  rows[rows.indexOf(row) + step]?.cells[cell.cellIndex]?.querySelector('button')?.focus();
}
