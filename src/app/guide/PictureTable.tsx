import { useStore } from 'zustand';
import type { VcpuState } from '../../session/api/hypervisor.ts';
import { useGuide } from '../i18n/guide.ts';
import type { GuideKey } from '../i18n/guideEn.ts';
import { useTranslate } from '../i18n/useTranslate.ts';
import { useDomains, useXenLab } from '../lab/lab.ts';
import { formatShare } from '../machine/text/format.ts';
import { Term } from './Term.tsx';

const states = {
  running: 'picture.running',
  runnable: 'picture.runnable',
  blocked: 'picture.blocked',
  offline: 'picture.offline',
} as const satisfies Readonly<Record<VcpuState, GuideKey>>;

/** The picture of what runs where, as a table. */
export function PictureTable() {
  const t = useTranslate();
  const g = useGuide();
  const domains = useDomains((domains) => domains);
  const uses = useStore(useXenLab().machine.shares.store, (shares) => shares.uses);
  return (
    <div className="figures">
      <table aria-label={g('picture.label')}>
        <thead>
          <tr>
            <th scope="col">{t('domains.name')}</th>
            <th scope="col">
              <Term word="vcpu">vCPU</Term>
            </th>
            <th scope="col">{t('domains.state')}</th>
            <th scope="col">{g('picture.runs')}</th>
            <th scope="col">{g('picture.may')}</th>
          </tr>
        </thead>
        <tbody>
          {domains.flatMap(({ id, name, vcpus }) =>
            vcpus.map((vcpu) => (
              <tr key={`${id} ${vcpu.id}`}>
                <th scope="row">{name}</th>
                <td>{vcpu.id}</td>
                <td>{g(states[vcpu.state])}</td>
                <td>
                  {uses
                    .filter((use) => use.domain === id && use.vcpu === vcpu.id)
                    .map(({ pcpu, share }) => `${pcpu} (${formatShare(share)})`)
                    .join(', ') || g('picture.none')}
                </td>
                <td>{vcpu.hardAffinity.join(', ')}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}
