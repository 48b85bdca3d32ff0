import { useState } from 'react';
import { Picture } from '../../guide/Picture.tsx';
import { PictureTable } from '../../guide/PictureTable.tsx';
import { useTranslate } from '../../i18n/useTranslate.ts';

/** What runs where, as a picture or a table. */
export default function Placement() {
  const t = useTranslate();
  const [asTable, setAsTable] = useState(false);
  return (
    <>
      <div className="bar" role="toolbar" aria-label={t('panel.placement')}>
        <button type="button" className="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {t('cpu.table')}
        </button>
      </div>
      {asTable ? <PictureTable /> : <Picture />}
    </>
  );
}
