import type { Terminal } from '@xterm/xterm';

/** More lines or columns than a screen has. */
const most = 1000;

/** Sequences that xterm carries out as many times as they say: tabs, lines, scrolling and repeated characters. */
const repeated = ['I', 'Z', 'L', 'M', 'S', 'T', 'b'];

/** Takes from a terminal what a guest could use to lead the user away, or to stop the page. */
export function guard({ parser }: Terminal): void {
  // A hyperlink (OSC 8) stays a text: what a guest prints leads nowhere.
  parser.registerOscHandler(8, () => true);
  // 2,147,483,647 lines would take xterm, and with it the page, minutes.
  for (const final of repeated) {
    parser.registerCsiHandler({ final }, ([times]) => typeof times === 'number' && times > most);
  }
}
