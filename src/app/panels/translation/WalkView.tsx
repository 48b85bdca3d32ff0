import { Fragment, useState } from 'react';
import type { SmmuRoute, TranslationStep, Walk } from '../../../session/api/translation.ts';
import { hex64 } from '../../machine/text/format.ts';
import { type Cause, causeOf, hex, meaningOf } from './meanings.ts';
import { formatPiece } from './pieces.ts';
import { type Texts, useTexts } from './texts.ts';

/** How an address is translated: the result in a sentence, then each descriptor, which opens to show its bits. */
export function WalkView({ walk, isXen }: { readonly walk: Walk; readonly isXen: boolean }) {
  const x = useTexts();
  const cause = causeOf(walk);
  const { steps, registers, core, smmu } = walk;
  return (
    <div className="walk">
      <Result walk={walk} cause={cause} />
      {smmu && <p>{routeText(x, smmu)}</p>}
      {registers.length > 0 && (
        <details>
          <summary>{core === null ? x('savedBy') : x('inCore', { core })}</summary>
          <dl className="facts mono">
            {registers.map(({ name, value }) => (
              <Fragment key={name}>
                <dt>{name}</dt>
                <dd>{hex64(value)}</dd>
              </Fragment>
            ))}
          </dl>
        </details>
      )}
      {steps.length > 0 && <Steps walk={walk} cause={cause} isXen={isXen} />}
    </div>
  );
}

function Result({
  walk: { request, result, steps, smmu },
  cause,
}: {
  readonly walk: Walk;
  readonly cause: Cause | null;
}) {
  const x = useTexts();
  if (!result)
    return (
      <p className="fault">{smmu?.kind === 'context' && x('smmu.fault', { status: hex(smmu.fault?.kind ?? 0) })}</p>
    );
  if (result.ok) {
    const allowed = [result.readable && x('read'), result.writable && x('write'), result.executable && x('execute')];
    const words = allowed.filter((word) => word !== false).join(', ');
    return (
      <p>
        <strong className="mono">{x('leads', { address: hex(request.address), pa: hex(result.pa) })}</strong>{' '}
        {steps.length === 0 ? x('noTables') : words ? x('may', { what: words }) : x('mayNothing')}{' '}
        {/* What a stream's stage 1 would say is not in the tables. */}
        {steps.length > 0 && !smmu && x(result.device ? 'memoryDevice' : 'memoryNormal')}
      </p>
    );
  }
  const { fault, target, syndrome } = result;
  const values = { type: x(`type.${cause?.name ?? 'translation'}`), stage: fault.stage, level: fault.level };
  return (
    <div className="fault-box">
      <p>
        <strong className="fault">{fault.s1ptw ? x('faultOnTable', values) : x('fault', values)}</strong>{' '}
        {cause && becauseOf(x, cause)}
      </p>
      <p className="mono">
        {smmu?.kind === 'context'
          ? x('smmu.fault', { status: hex(smmu.fault?.kind ?? 0) })
          : `ESR_EL${target} = ${hex(syndrome)} (EC ${hex(syndrome >>> 26)}, FSC ${hex(syndrome & 0x3f)})`}
        {fault.stage === 2 && `, IPA ${hex(fault.ipa)}`}
        {smmu ? '' : ` · ${x('takenAt', { target })}`}
      </p>
    </div>
  );
}

function becauseOf(x: Texts, { name, step, field }: Cause): string {
  if (!step) return x('because.registers');
  const address = hex(step.address);
  switch (name) {
    case 'translation':
      return step.descriptor & 1n ? x('because.reserved', { address }) : x('because.invalid', { address });
    case 'accessFlag':
      return x('because.accessFlag', { address });
    case 'permission':
      return field ? x('because.permission', { address, field: field.name, value: String(field.value) }) : '';
    case 'addressSize':
      return x('because.addressSize', { address });
    case 'externalOnWalk':
      return x('because.external', { address });
    default:
      return '';
  }
}

/** GFSR's bits (Arm IHI 0062, 10.6). */
const gfsr = { ICF: 1, USF: 2, SMCF: 4 } as const;

function routeText(x: Texts, smmu: SmmuRoute): string {
  const group = smmu.group ?? '';
  switch (smmu.kind) {
    case 'bypass':
      if (smmu.why === 'off') return x('smmu.off');
      if (smmu.why === 'no group') return x('smmu.noGroup');
      return smmu.why === 'group' ? x('smmu.group', { group }) : x('smmu.banks', { group });
    case 'global fault':
      if (smmu.status === gfsr.USF) return x('smmu.unknown');
      if (smmu.status === gfsr.SMCF) return x('smmu.conflict');
      return smmu.status === gfsr.ICF ? x('smmu.refused', { group }) : x('smmu.noBank', { group });
    case 'context': {
      const { first, second } = smmu.banks;
      const banks = [
        first !== null && x('smmu.bank', { bank: first, stage: 1 }),
        second !== null && x('smmu.bank', { bank: second, stage: 2 }),
      ];
      return x('smmu.context', { group, banks: banks.filter((bank) => bank !== false).join(', ') });
    }
  }
}

interface StepsProps {
  readonly walk: Walk;
  readonly cause: Cause | null;
  readonly isXen: boolean;
}

function Steps({ walk, cause, isXen }: StepsProps) {
  const x = useTexts();
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const isOpen = (step: TranslationStep, i: number): boolean => open.has(i) !== (step === cause?.step);
  const toggle = (i: number): void =>
    setOpen(open.has(i) ? new Set([...open].filter((one) => one !== i)) : new Set([...open, i]));
  const { of } = walk.request;
  const el2 = of.kind === 'core' && of.el === 2;
  return (
    <table className="steps" aria-label={x('steps')}>
      <thead>
        <tr>
          <th scope="col">{x('step')}</th>
          <th scope="col">{x('at')}</th>
          <th scope="col">{x('value')}</th>
          <th scope="col">{x('kind')}</th>
          <th scope="col">{x('output')}</th>
        </tr>
      </thead>
      <tbody>
        {walk.steps.map((step, i) => {
          const name = x('stepOf', { stage: step.stage, level: step.level });
          const size = formatPiece(step.sizeLog2);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a step has nothing but its place in the walk
            <Fragment key={i}>
              <tr className={step === cause?.step ? 'failed' : step.forTable ? 'aside' : undefined}>
                <th scope="row">
                  <button
                    type="button"
                    className="quiet"
                    aria-expanded={isOpen(step, i)}
                    aria-label={x('showBits', { step: name })}
                    onClick={() => toggle(i)}
                  >
                    {isOpen(step, i) ? '▾' : '▸'} {name}
                  </button>
                  {step.forTable && <span className="muted"> {x('forTable')}</span>}
                </th>
                <td className="mono">
                  {step.isIpa ? 'IPA' : 'PA'} {hex(step.address)}
                </td>
                <td className="mono">{step.kind === 'external abort' ? '' : hex64(step.descriptor)}</td>
                <td>
                  {step.kind === 'block' || step.kind === 'page'
                    ? x(`kind.${step.kind}`, { size })
                    : x(`kind.${step.kind}`)}
                </td>
                <td className="mono">
                  {step.kind === 'invalid' || step.kind === 'external abort' ? '' : hex(step.output)}
                </td>
              </tr>
              {isOpen(step, i) && (
                <tr>
                  <td colSpan={5}>
                    <Bits step={step} failed={step === cause?.step ? cause.field : null} isXen={isXen} el2={el2} />
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}

interface BitsProps {
  readonly step: TranslationStep;
  /** The field that a fault comes from. */
  readonly failed: TranslationStep['fields'][number] | null;
  readonly isXen: boolean;
  readonly el2: boolean;
}

function Bits({ step, failed, isXen, el2 }: BitsProps) {
  const x = useTexts();
  return (
    <table className="bits" aria-label={x('bits', { address: hex(step.address) })}>
      <thead>
        <tr>
          <th scope="col" className="figure">
            {x('bit')}
          </th>
          <th scope="col">{x('field')}</th>
          <th scope="col" className="figure">
            {x('value')}
          </th>
          <th scope="col">{x('meaning')}</th>
          <th scope="col" title={x('sectionHow')}>
            {x('section')}
          </th>
        </tr>
      </thead>
      <tbody>
        {step.fields.toReversed().map((field) => {
          const { name, low, width, value, section } = field;
          const isBlank = (name === 'RES0' || name === 'ignored') && value === 0n;
          return (
            <tr key={low} className={field === failed ? 'failed' : isBlank ? 'muted' : undefined}>
              <td className="figure">{width === 1 ? low : `${low + width - 1}:${low}`}</td>
              <th scope="row">{name}</th>
              <td className="figure">{name === 'address' ? hex(value) : width > 4 ? hex(value) : String(value)}</td>
              <td>{meaningOf(x, step, field, isXen, el2)}</td>
              <td className="muted">{section}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
