import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal } from '@xterm/xterm';
import { useEffect, useRef, useState } from 'react';
import { useLab, useMachine, useSettings, useTranslate } from '../lab.ts';
import { ConsoleFeed } from '../machine/consoleFeed.ts';
import { Empty } from './Empty.tsx';
import '@xterm/xterm/css/xterm.css';

/** The machine's first serial port: what the guest sends appears, what is typed is received by it. */
export default function SerialConsole() {
  const t = useTranslate();
  const { machine } = useLab();
  const theme = useSettings((settings) => settings.theme);
  const isEmpty = useMachine((view) => view.status?.state === 'empty' && view.booted === null);
  const host = useRef<HTMLDivElement>(null);
  const [terminal, setTerminal] = useState<Terminal | null>(null);
  const translate = useRef(t);
  translate.current = t;

  useEffect(() => {
    if (!host.current) return;
    const opened = openTerminal(host.current);
    const feed = new ConsoleFeed(machine, {
      write: (bytes) => new Promise((resolve) => opened.terminal.write(bytes, resolve)),
      lost: (count) => opened.terminal.write(`\x1b[2m${translate.current('serial.lost', { count })}\x1b[0m\r\n`),
      clear: () => opened.terminal.reset(),
    });
    const encoder = new TextEncoder();
    opened.terminal.onData((text) => void machine.input(encoder.encode(text)));
    opened.terminal.onBinary((text) => void machine.input(Uint8Array.from(text, (c) => c.charCodeAt(0))));
    const unsubscribe = machine.store.subscribe(() => void feed.pull());
    void feed.pull();
    setTerminal(opened.terminal);
    return () => {
      unsubscribe();
      opened.dispose();
    };
  }, [machine]);

  useEffect(() => {
    if (!terminal) return;
    terminal.options.theme = terminalTheme(theme);
  }, [terminal, theme]);

  useEffect(() => {
    terminal?.textarea?.setAttribute('aria-label', t('serial.label'));
  }, [terminal, t]);

  return (
    <div className="console">
      <div ref={host} className="console-host" />
      {isEmpty && <Empty text={t('serial.empty')} command="guest.helloElf" />}
    </div>
  );
}

function openTerminal(host: HTMLElement): { terminal: Terminal; dispose: () => void } {
  const terminal = new Terminal({
    fontFamily: getComputedStyle(host).fontFamily,
    fontSize: 13,
    lineHeight: 1.2,
    screenReaderMode: true,
    scrollback: 10_000,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(host);
  leaveOnSecondEscape(terminal, host);
  const observer = new ResizeObserver(() => {
    // A panel behind another tab has no size.
    if (host.clientWidth > 0 && host.clientHeight > 0) fit.fit();
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
function leaveOnSecondEscape(terminal: Terminal, host: HTMLElement): void {
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
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const base: ITheme = {
    background: colour('--surface'),
    foreground: colour('--text'),
    cursor: colour('--text'),
    cursorAccent: colour('--surface'),
    selectionBackground: colour('--selection'),
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
