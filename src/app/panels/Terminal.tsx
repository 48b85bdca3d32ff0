import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal as XTerm } from '@xterm/xterm';
import { useEffect, useRef, useState } from 'react';
import type { ConsoleId } from '../../session/api/console.ts';
import type { Translate } from '../i18n/translate.ts';
import { useControl, useLab, useSettings, useTranslate, useXen } from '../lab.ts';
import { ConsoleFeed } from '../machine/consoleFeed.ts';
import type { Machine } from '../machine/machine.ts';
import { styleValue } from '../styles/value.ts';
import { XenMachine } from '../xen/xenMachine.ts';
import { Empty } from './Empty.tsx';
import '@xterm/xterm/css/xterm.css';

interface TerminalProps {
  /** Which console: `serial` (the board's), `xen` (Xen's own, on the same port), `dom0`, or `domain NAME`. */
  readonly name: string;
}

/** A console of the machine: what is sent to it appears, what is typed is received by it. */
export default function Terminal({ name }: TerminalProps) {
  const t = useTranslate();
  const { mode, control, dock } = useLab();
  const theme = useSettings((settings) => settings.theme);
  const isEmpty = useControl((view) => view.status?.state === 'empty');
  const host = useRef<HTMLDivElement>(null);
  const [terminal, setTerminal] = useState<XTerm | null>(null);
  const translate = useRef(t);
  translate.current = t;

  useEffect(() => {
    if (!host.current) return;
    const find = () => consoleOf(control, name);
    const opened = openTerminal(host.current, (terminal) => {
      setTerminal(terminal);
      dock.arrived(name === 'serial' ? name : `console ${name}`);
    });
    const feed = new ConsoleFeed(
      control,
      {
        write: (bytes) => new Promise((resolve) => opened.terminal.write(bytes, resolve)),
        lost: (count) => opened.terminal.write(`\x1b[2m${translate.current('serial.lost', { count })}\x1b[0m\r\n`),
        clear: () => opened.terminal.reset(),
        another: () => opened.terminal.write(`\r\n\x1b[2m${translate.current('console.another')}\x1b[0m\r\n`),
      },
      find,
    );
    const encoder = new TextEncoder();
    const type = (bytes: Uint8Array) => {
      const id = find();
      if (id) void control.input(id, bytes);
    };
    opened.terminal.onData((text) => type(encoder.encode(text)));
    opened.terminal.onBinary((text) => type(Uint8Array.from(text, (c) => c.charCodeAt(0))));
    const store: { subscribe(listener: () => void): () => void } = control.store;
    const unsubscribe = store.subscribe(() => void feed.pull());
    void feed.pull();
    return () => {
      unsubscribe();
      opened.dispose();
    };
  }, [control, dock, name]);

  useEffect(() => {
    if (!terminal) return;
    terminal.options.theme = terminalTheme(theme);
  }, [terminal, theme]);

  useEffect(() => {
    terminal?.textarea?.setAttribute('aria-label', labelOf(name, t));
  }, [terminal, name, t]);

  return (
    <div className="console">
      <div ref={host} className="console-host" />
      {mode === 'board' && isEmpty && <Empty text={t('serial.empty')} command="guest.helloElf" />}
      {name.startsWith('domain ') && <NoDomain domain={name.slice(7)} />}
    </div>
  );
}

/** The console that a name stands for now: a domain that was created again has another than before. */
function consoleOf(control: Machine | XenMachine, name: string): ConsoleId | null {
  if (name === 'dom0') return 'dom0';
  if (!name.startsWith('domain ')) return 'serial';
  return (control instanceof XenMachine && control.domain(name.slice(7))?.consoles[0]) || null;
}

function labelOf(name: string, t: Translate): string {
  if (name === 'serial') return t('serial.label');
  if (name === 'xen') return t('console.xenLabel');
  return t('console.label', { domain: name === 'dom0' ? 'Domain-0' : name.slice(7) });
}

/** Says, below a console, that its domain is gone, and how it is created. */
function NoDomain({ domain }: { readonly domain: string }) {
  const t = useTranslate();
  const isThere = useXen((view) => view.domains.some(({ name }) => name === domain));
  const isListed = useXen((view) => view.domains.length > 0);
  if (isThere || !isListed) return null;
  return <p className="console-note">{t('console.gone', { domain })}</p>;
}

/** A terminal in `host`; `shown` is called when it is there to be used. What is written before is shown then. */
function openTerminal(host: HTMLElement, shown: (terminal: XTerm) => void): { terminal: XTerm; dispose: () => void } {
  const terminal = new XTerm({
    fontFamily: styleValue('--mono'),
    fontSize: 13,
    lineHeight: 1.2,
    screenReaderMode: true,
    scrollback: 10_000,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  leaveOnSecondEscape(terminal, host);
  const observer = new ResizeObserver(() => {
    // A panel behind another tab has no size, and xterm would measure its letters wrongly there.
    if (host.clientWidth === 0 || host.clientHeight === 0) return;
    if (!terminal.element) {
      terminal.open(host);
      shown(terminal);
    }
    fit.fit();
  });
  observer.observe(host);
  return {
    terminal,
    dispose() {
      observer.disconnect();
      terminal.dispose();
    },
  };
}

/** Escape, which goes to the guest, and Escape again, which does not, give the keyboard back to the page. */
function leaveOnSecondEscape(terminal: XTerm, host: HTMLElement): void {
  let escaped = false;
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true;
    const leaves = escaped && event.key === 'Escape';
    escaped = event.key === 'Escape' && !leaves;
    if (leaves) host.closest<HTMLElement>('[data-panel]')?.focus();
    return !leaves;
  });
}

/** The page's colours, as they are now. */
function terminalTheme(theme: 'light' | 'dark'): ITheme {
  const base: ITheme = {
    background: styleValue('--surface'),
    foreground: styleValue('--text'),
    cursor: styleValue('--text'),
    cursorAccent: styleValue('--surface'),
    selectionBackground: styleValue('--selection'),
  };
  // xterm's sixteen colours are made for a dark ground.
  return theme === 'dark' ? base : { ...base, ...lightAnsiColours };
}

const lightAnsiColours: ITheme = {
  black: '#1b1b1b',
  red: '#b3261e',
  green: '#1a6e2e',
  yellow: '#7a5b00',
  blue: '#0b5cad',
  magenta: '#8a2b7f',
  cyan: '#006a75',
  white: '#5c5c5c',
  brightBlack: '#5c5c5c',
  brightRed: '#b3261e',
  brightGreen: '#1a6e2e',
  brightYellow: '#7a5b00',
  brightBlue: '#0b5cad',
  brightMagenta: '#8a2b7f',
  brightCyan: '#006a75',
  brightWhite: '#1b1b1b',
};
