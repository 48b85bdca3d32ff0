import { createRoot } from 'react-dom/client';
import { defined } from '../base/assert.ts';
import { loadCatalogue } from './i18n/translate.ts';
import type { Lab } from './lab/lab.ts';
import type { Mode } from './lab/layout/panelKind.ts';
import { Undo } from './lab/undo.ts';
import { createSettings } from './settings/settings.ts';
import { App } from './shell/App.tsx';
import { begin, bringBoard, createLab } from './shell/createLab.ts';
import { Keeping } from './storage/keeping.ts';
import './styles/base.css';
import './shell/shell.css';

/** The address says which machine the page is: `#board`, or else Xen. */
const modeOf = (hash: string): Mode => (hash === '#board' ? 'board' : 'xen');

const root = createRoot(defined(document.getElementById('root'), '#root'));
const shared = { settings: createSettings(), keeping: new Keeping(), undo: new Undo() };
/** The systems that the user has seen: those not shown wait as they are, with their machines paused. */
const labs = new Map<Mode, Lab>();

function show(lab: Lab): void {
  for (const other of labs.values()) if (other !== lab) other.machine.suspend();
  if (labs.has(lab.mode)) lab.machine.resume();
  else begin(lab);
  labs.set(lab.mode, lab);
  root.render(<App key={lab.mode} lab={lab} />);
}

let shown = modeOf(location.hash);

/** Shows the system that the address says, once its code has come. */
async function follow(): Promise<void> {
  const mode = shown;
  const board = mode === 'board' && !labs.has(mode) ? await bringBoard() : null;
  if (mode === shown) show(labs.get(mode) ?? createLab(shared, board));
}

// Not by a top-level await: for that, the bundler would split the first load into many small files.
void loadCatalogue(shared.settings.getState().language).then(follow);
window.addEventListener('hashchange', () => {
  const mode = modeOf(location.hash);
  if (mode === shown) return;
  shown = mode;
  void follow();
});

/** Whether the browser has all that the user has made. */
const isKept = (): boolean =>
  [...labs.values()]
    .map(({ documents, mode, machine }) => documents.flush() && !(mode === 'xen' && machine.files.isAtRisk))
    .every(Boolean) && !shared.keeping.isAtRisk;

window.addEventListener('beforeunload', (event) => {
  if (!isKept()) event.preventDefault();
});
// A page in the background may be ended without a word.
document.addEventListener('visibilitychange', isKept);
