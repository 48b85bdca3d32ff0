import { useEffect } from 'react';
import { useStore } from 'zustand';
import { Banner } from './frame/Banner.tsx';
import { CostList } from './frame/CostList.tsx';
import { DropTarget } from './frame/DropTarget.tsx';
import { Deferred } from './frame/deferred.ts';
import { ErrorBoundary } from './frame/ErrorBoundary.tsx';
import { Header } from './frame/Header.tsx';
import { KeyList } from './frame/KeyList.tsx';
import { Loaded } from './frame/Loaded.tsx';
import { StatusBar } from './frame/StatusBar.tsx';
import { useCommandKeys } from './frame/useCommandKeys.ts';
import { useLab, useTranslate } from './lab.ts';

// The frame is drawn at once; docking and the palette follow in chunks of their own.
const dockView = new Deferred(() => import('./layout/DockView.tsx'));
const palette = new Deferred(() => import('./frame/Palette.tsx'));

/** The whole page: header, panels, status bar, and what opens over them. */
export function App() {
  const t = useTranslate();
  const open = useStore(useLab().overlay, (overlay) => overlay.open);
  useCommandKeys();
  // Ahead of the first F1, so that what is typed after it goes into the palette. If this fails, F1 tries again and says so.
  useEffect(() => void palette.load().catch(() => {}), []);
  return (
    <div className="app">
      <Header />
      <Banner />
      <main className="panels">
        <ErrorBoundary>
          <Loaded deferred={dockView} properties={{}}>
            <p className="empty">{t('app.loading')}</p>
          </Loaded>
        </ErrorBoundary>
      </main>
      <StatusBar />
      {open === 'palette' && <Loaded deferred={palette} properties={{}} />}
      {open === 'keys' && <KeyList />}
      {open === 'costs' && <CostList />}
      <DropTarget />
    </div>
  );
}
