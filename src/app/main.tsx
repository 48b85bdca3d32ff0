import { createRoot } from 'react-dom/client';
import { defined } from '../base/assert.ts';
import { App } from './App.tsx';
import { begin, createLab, LabContext } from './lab.ts';
import type { Mode } from './layout/panels.ts';
import './styles/base.css';
import './styles/frame.css';

/** The address says which machine the page is: `#board`, or else Xen. */
const modeOf = (hash: string): Mode => (hash === '#board' ? 'board' : 'xen');

const root = createRoot(defined(document.getElementById('root'), '#root'));
let lab = createLab(modeOf(location.hash));

function show(): void {
  begin(lab);
  root.render(
    <LabContext key={lab.mode} value={lab}>
      <App />
    </LabContext>,
  );
}

show();
window.addEventListener('hashchange', () => {
  const mode = modeOf(location.hash);
  if (mode === lab.mode) return;
  lab.control.close();
  lab = createLab(mode, lab.settings);
  show();
});

// A text that was not saved is only in the page.
window.addEventListener('beforeunload', (event) => {
  if (lab.documents.store.getState().unsaved.length > 0) event.preventDefault();
});
