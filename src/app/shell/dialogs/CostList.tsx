import { costTable, measuredCosts } from '../../../xen/costs.ts';
import { useTranslate } from '../../i18n/useTranslate.ts';
import { useSettings, useXen, useXenLab } from '../../lab/lab.ts';
import { Modal } from '../../widgets/Modal.tsx';

// Object.keys gives the table's own names, which its type does not say.
const operations = Object.keys(costTable) as (keyof typeof costTable)[];

/** What Xen's work costs in cycles, the sources of the figures, and whether the cost is charged. */
export default function CostList() {
  const t = useTranslate();
  const { overlay, settings } = useXenLab();
  const chosen = useSettings((s) => s.costs);
  const charged = useXen((view) => view.costs);
  const close = () => overlay.setState({ open: null });
  return (
    <Modal label={t('costs.title')} className="key-list costs" onClose={close}>
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
      <button type="button" className="close" onClick={close}>
        {t('dialog.close')}
      </button>
    </Modal>
  );
}
