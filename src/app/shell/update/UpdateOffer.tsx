import { useEffect, useState } from 'react';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { followUpdates, takeUpdate } from './update.ts';

/** Offers a new version of the page, once there is one. */
export function UpdateOffer() {
  const t = useTranslate();
  const [version, setVersion] = useState<ServiceWorker | null>(null);
  useEffect(() => followUpdates(setVersion), []);
  return (
    <span aria-live="polite">
      {version && (
        <button type="button" className="update" onClick={() => takeUpdate(version)}>
          {t('status.update')}
        </button>
      )}
    </span>
  );
}
