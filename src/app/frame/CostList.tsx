import { costTable, measuredCosts } from '../../xen/costs.ts';
import { useLab, useSettings, useTranslate, useXen } from '../lab.ts';
import { Modal } from './Modal.tsx';

// The names are the table's.
const operations = Object.keys(costTable) as (keyof typeof costTable)[];

/** What Xen's work costs the guests, where the figures come from, and whether it is charged. */
export function CostList() {
  const t = useTranslate();
  const { overlay, settings } = useLab();
  const chosen = useSettings((s) => s.costs);
  const charged = useXen((view) => view.costs);
  return (
    <Modal label={t('costs.title')} className="key-list costs">
      <h2>{t('costs.title')}</h2>
      <p>{t('costs.text')}</p>
      <label>
        <input
          type="checkbox"
          checked={chosen}
          data-takes-focus
          onChange={(event) => settings.setCosts(event.target.checked)}
        />
        {t('costs.charge')}
      </label>
      <p role="status">{chosen === charged ? '' : t('costs.next')}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('costs.operation')}</th>
            <th scope="col">{t('costs.cycles')}</th>
            <th scope="col">{t('costs.source')}</th>
          </tr>
        </thead>
        <tbody>
          {operations.map((operation) => (
            <tr key={operation}>
              <td>{t(`costs.${operation}`)}</td>
              <td>{(charged ? measuredCosts[operation] : 0).toLocaleString('en')}</td>
              <td>{t(`costs.${costTable[operation].source}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" className="close" onClick={() => overlay.setState({ open: null })}>
        {t('dialog.close')}
      </button>
    </Modal>
  );
}
