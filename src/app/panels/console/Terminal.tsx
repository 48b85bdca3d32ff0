import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal as XTerm } from '@xterm/xterm';
import { useEffect, useRef, useState } from 'react';
import type { ConsoleId } from '../../../session/api/console.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useLab, useSettings } from '../../lab/lab.ts';
import type { PanelId } from '../../lab/layout/panelKind.ts';
import { ConsoleFeed } from '../../machine/consoleFeed.ts';
import { styleValue } from '../../styles/value.ts';
import '@xterm/xterm/css/xterm.css';
import { guard } from './guard.ts';
import './console.css';

interface TerminalProps {
  /** The panel that the terminal is in. */
  readonly panel: PanelId;
  readonly label: string;
  /** The console to show now, or null while there is none. */
  readonly find: () => ConsoleId | null;
  /** Takes what the user types. */
  readonly type: (console: ConsoleId, bytes: Uint8Array) => Promise<void>;
}

/** Shows a console's output, and types on the console. */
export default function Terminal({ panel, label, find, type }: TerminalProps) {
  const t = useTranslate();
  const { machine, dock } = useLab();
  const theme = useSettings((settings) => settings.theme);
  const typeSize = useSettings((settings) => settings.type);
  const host = useRef<HTMLDivElement>(null);
  const [terminal, setTerminal] = useState<XTerm | null>(null);
  const fit = useRef(() => {});
  const translate = useRef(t);
  translate.current = t;

  useEffect(() => {
    if (!host.current) return;
    let isWritingPast = false;
    const opened = openTerminal(host.current, (terminal) => {
      setTerminal(terminal);
      dock.arrived(panel);
    });
    guard(opened.terminal, () => isWritingPast);
    fit.current = opened.fit;
    const feed = new ConsoleFeed(
      machine,
      {
        async write(bytes, isPast) {
          isWritingPast = isPast;
          await new Promise<void>((resolve) => opened.terminal.write(bytes, resolve));
        },
        lost: (count) => opened.terminal.write(`\x1b[2m${translate.current('serial.lost', { count })}\x1b[0m\r\n`),
        clear: () => opened.terminal.reset(),
        another: () => opened.terminal.write(`\r\n\x1b[2m${translate.current('console.another')}\x1b[0m\r\n`),
      },
      find,
    );
    const encoder = new TextEncoder();
    const send = (bytes: Uint8Array) => {
      const id = find();
      if (id) void type(id, bytes);
    };
    opened.terminal.onData((text) => send(encoder.encode(text)));
    opened.terminal.onBinary((text) => send(Uint8Array.from(text, (c) => c.charCodeAt(0))));
    const unsubscribe = machine.onChange(() => void feed.pull());
    void feed.pull();
    return () => {
      unsubscribe();
      opened.dispose();
    };
  }, [machine, dock, panel, find, type]);

  useEffect(() => {
    if (!terminal) return;
    terminal.options.theme = terminalTheme(theme);
  }, [terminal, theme]);

  useEffect(() => {
    if (!terminal) return;
    terminal.options.fontSize = 0.13 * typeSize;
    fit.current();
  }, [terminal, typeSize]);

  useEffect(() => {
    terminal?.textarea?.setAttribute('aria-label', label);
  }, [terminal, label]);

  return <div ref={host} className="console-host" />;
}

/** Makes a terminal in `host`. `shown` is called once it can be used; output before that appears then. */
function openTerminal(host: HTMLElement, shown: (terminal: XTerm) => void) {
  const terminal = new XTerm({
    fontFamily: styleValue('--mono'),
    lineHeight: 1.2,
    screenReaderMode: true,
    scrollback: 10_000,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  const fitInto = () => {
    // A panel behind another tab has no size, and xterm would measure its characters wrongly.
    if (host.clientWidth === 0 || host.clientHeight === 0) return;
    if (!terminal.element) {
      terminal.open(host);
      shown(terminal);
    }
    fit.fit();
  };
  const observer = new ResizeObserver(fitInto);
  observer.observe(host);
  return {
    terminal,
    fit: fitInto,
    dispose() {
      observer.disconnect();
      terminal.dispose();
    },
  };
}

/** The page's current colours. */
function terminalTheme(theme: 'light' | 'dark'): ITheme {
  const base: ITheme = {
    background: styleValue('--surface'),
    foreground: styleValue('--text'),
    cursor: styleValue('--text'),
    cursorAccent: styleValue('--surface'),
    selectionBackground: styleValue('--selection'),
  };
  // xterm's sixteen colours are made for a dark background.
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
