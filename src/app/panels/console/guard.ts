import type { IFunctionIdentifier, Terminal } from '@xterm/xterm';

/** More lines or columns than a screen has. */
const most = 1000;

/** Sequences that xterm carries out as many times as they say: tabs, lines, scrolling and repeated characters. */
const repeated = ['I', 'Z', 'L', 'M', 'S', 'T', 'b'];

/**
 * What asks a terminal (xterm's control sequences, "Device Attributes", "Device Status Report", DECRQM, DECRQSS, and colours):
 * xterm sends its answer as if the user had typed it.
 */
const asking: readonly IFunctionIdentifier[] = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
];
const colours = [4, 10, 11, 12];

/**
 * Takes from a terminal what a guest could use to lead the user away, or to stop the page, and what it must not answer.
 *
 * @param isPast whether what is being written is shown again: what that asked has been answered
 */
export function guard({ parser }: Terminal, isPast: () => boolean): void {
  for (const sequence of asking) parser.registerCsiHandler(sequence, isPast);
  for (const colour of colours) parser.registerOscHandler(colour, (data) => data.includes('?') && isPast());
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, isPast);

  // A hyperlink (OSC 8) stays a text: what a guest prints leads nowhere.
  parser.registerOscHandler(8, () => true);
  // 2,147,483,647 lines would take xterm, and with it the page, minutes.
  for (const final of repeated) {
    parser.registerCsiHandler({ final }, ([times]) => typeof times === 'number' && times > most);
  }
}
