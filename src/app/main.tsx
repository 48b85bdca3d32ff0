import { createRoot } from 'react-dom/client';
import { defined } from '../base/assert.ts';
import type { Mode } from './lab/panelKind.ts';
import { createSettings } from './settings/settings.ts';
import { App } from './shell/App.tsx';
import { begin, createLab } from './shell/createLab.ts';
import './styles/base.css';
import './shell/shell.css';

/** The address says which machine the page is: `#board`, or else Xen. */
const modeOf = (hash: string): Mode => (hash === '#board' ? 'board' : 'xen');

const root = createRoot(defined(document.getElementById('root'), '#root'));
let lab = createLab(modeOf(location.hash), createSettings());

function show(): void {
  begin(lab);
  root.render(<App key={lab.mode} lab={lab} />);
}

show();
window.addEventListener('hashchange', () => {
  const mode = modeOf(location.hash);
  if (mode === lab.mode) return;
  lab.machine.close();
  lab = createLab(mode, lab.settings);
  show();
});

// An unsaved text is only in the page.
window.addEventListener('beforeunload', (event) => {
  if (lab.documents.store.getState().unsaved.length > 0) event.preventDefault();
});
