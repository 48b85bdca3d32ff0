import { createRoot } from 'react-dom/client';
import { defined } from '../base/assert.ts';
import { loadCatalogue } from './i18n/translate.ts';
import type { Lab } from './lab/lab.ts';
import type { Mode } from './lab/layout/panelKind.ts';
import { Undo } from './lab/undo.ts';
import { createSettings } from './settings/settings.ts';
import { App } from './shell/App.tsx';
import { begin, createLab, openNamed } from './shell/createLab.ts';
import { Keeping } from './storage/keeping.ts';
import './styles/base.css';
import './shell/shell.css';

/** The address says which machine the page is: `#board`, or else Xen. A session may follow: `#board=…`. */
const modeOf = (hash: string): Mode => (/^#board(=|$)/.test(hash) ? 'board' : 'xen');

const isReal = (): boolean => location.hash === '#real';

const root = createRoot(defined(document.getElementById('root'), '#root'));
const shared = { settings: createSettings(), keeping: new Keeping(), undo: new Undo() };
/** The systems that the user has seen: those not shown wait as they are, with their machines paused. */
const labs = new Map<Mode, Lab>();

function show(): void {
  const mode = modeOf(location.hash);
  const known = labs.get(mode);
  const lab = known ?? createLab(mode, shared);
  labs.set(mode, lab);
  for (const other of labs.values()) if (other !== lab) other.machine.suspend();
  if (known) lab.machine.resume();
  else void begin(lab);
  root.render(<App key={mode} lab={lab} />);
}

let shown = modeOf(location.hash);
// Not by a top-level await: for that, the bundler would split the first load into many small files.
void loadCatalogue(shared.settings.getState().language).then(show);
window.addEventListener('hashchange', () => {
  const mode = modeOf(location.hash);
  const known = labs.get('xen');
  const named = labs.get(mode);
  if (named) openNamed(named);
  if (known?.mode === 'xen' && /^#(xen|real)$/.test(location.hash)) void known.machine.choose(isReal());
  if (mode === shown) return;
  shown = mode;
  show();
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
