import { useEffect } from 'react';
import { useStore } from 'zustand';
import { LanguageContext, useTranslate } from '../i18n/useTranslate.ts';
import type { Introduction } from '../lab/introduction.ts';
import { type Lab, LabContext, useLab } from '../lab/lab.ts';
import { panelsOf } from '../panels/index.ts';
import { Deferred } from '../widgets/deferred.ts';
import { ErrorBoundary } from '../widgets/ErrorBoundary.tsx';
import { Loaded } from '../widgets/Loaded.tsx';
import { Announcements } from './announce/Announcements.tsx';
import { Banner } from './bars/Banner.tsx';
import { Header } from './bars/Header.tsx';
import { StatusBar } from './bars/StatusBar.tsx';
import { DropTarget } from './DropTarget.tsx';
import { useCommandKeys } from './useCommandKeys.ts';

// The shell is drawn at once; docking, panels and palette follow in chunks of their own.
const dockView = new Deferred(() => import('./dock/DockView.tsx'));
const notices = new Deferred(() => import('./bars/Notices.tsx'));
const uploadForm = new Deferred(() => import('./dialogs/UploadForm.tsx'));
const xenStart = new Deferred(() => import('./dialogs/XenStart.tsx'));
const share = new Deferred(() => import('./dialogs/Share.tsx'));
const tour = new Deferred(() => import('../guide/Tour.tsx'));
const palette = new Deferred(() => import('./dialogs/Palette.tsx'));
const keyList = new Deferred(() => import('./dialogs/KeyList.tsx'));
const costList = new Deferred(() => import('./dialogs/CostList.tsx'));

/** The whole page, with its parts and its language for all components. */
export function App({ lab }: { readonly lab: Lab }) {
  const language = useStore(lab.settings, (settings) => settings.language);
  return (
    <LabContext value={lab}>
      <LanguageContext value={language}>
        <Page />
      </LanguageContext>
    </LabContext>
  );
}

/** The tour, while it is shown. */
function TourPlace({ introduction }: { readonly introduction: Introduction }) {
  const isShown = useStore(introduction.store, (state) => state.isShown);
  return isShown && <Loaded deferred={tour} properties={{}} />;
}

/** Header, panels, status bar, and what opens over them. */
function Page() {
  const t = useTranslate();
  const lab = useLab();
  const { mode, overlay } = lab;
  const open = useStore(overlay, (state) => state.open);
  useCommandKeys();
  // Loaded before they are used, so that keys after the first F1 go to the palette. If it fails, the first use tries
  // again.
  useEffect(() => {
    const light = panelsOf(mode).filter(({ isHeavy }) => !isHeavy);
    for (const each of [...light.map(({ component }) => component), palette]) void each.load().catch(() => {});
  }, [mode]);
  return (
    <div className="app">
      <Header />
      <Banner />
      <Loaded deferred={notices} properties={{}} />
      <main className="panels">
        <ErrorBoundary>
          <Loaded deferred={dockView} properties={{}}>
            <p className="empty">{t('app.loading')}</p>
          </Loaded>
        </ErrorBoundary>
      </main>
      {lab.mode === 'xen' && <TourPlace introduction={lab.introduction} />}
      <StatusBar />
      {open === 'palette' && <Loaded deferred={palette} properties={{}} />}
      {open === 'keys' && <Loaded deferred={keyList} properties={{}} />}
      {open === 'costs' && <Loaded deferred={costList} properties={{}} />}
      {open === 'upload' && <Loaded deferred={uploadForm} properties={{}} />}
      {open === 'start' && <Loaded deferred={xenStart} properties={{}} />}
      {open === 'share' && <Loaded deferred={share} properties={{}} />}
      <DropTarget />
      <Announcements />
    </div>
  );
}
