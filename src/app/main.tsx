import { createRoot } from 'react-dom/client';
import { defined } from '../base/assert.ts';
import { App } from './App.tsx';
import { createLab, LabContext } from './lab.ts';
import { alone, helloElfGuest } from './machine/guests.ts';
import './styles/base.css';
import './styles/frame.css';

const lab = createLab();
// A machine runs from the first second on.
void lab.machine.boot(alone(helloElfGuest), lab.settings.getState().machine);

createRoot(defined(document.getElementById('root'), '#root')).render(
  <LabContext value={lab}>
    <App />
  </LabContext>,
);
