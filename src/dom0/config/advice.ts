/**
 * Advice about a config that xl does not give: hints of the editor, and warnings of what libxl or Xen would refuse
 * later.
 */
import { adviseHvm } from './advice-hvm.ts';
import type { Diagnostic, Fix } from './diagnostics/diagnostic.ts';
import type { Range } from './diagnostics/range.ts';
import type { DomainConfig } from './domain-config.ts';
import { keyNamed } from './keys/index.ts';
import { nearest } from './keys/nearest.ts';
import { x86Keys } from './keys/x86.ts';
import type { ConfigReader } from './language/reader.ts';
import type { Setting, Value } from './language/syntax.ts';

type Advice = Omit<Diagnostic, 'xl' | 'fixes' | 'params'> & Partial<Pick<Diagnostic, 'fixes' | 'params'>>;

/** Advice in the order of the text; `config` is null if xl stops before libxl. */
export function advise(reader: ConfigReader, config: DomainConfig | null, cpus: number): Diagnostic[] {
  const advice = [
    ...reader.parsed.settings.flatMap((setting) => adviseKey(setting, reader)),
    ...adviseAffinity(reader, cpus),
    ...(config ? adviseConfig(reader, config) : []),
  ];
  return advice
    .map((each) => ({ params: {}, fixes: [], xl: [], ...each }))
    .sort((a, b) => a.range.start - b.range.start);
}

const replace = (range: Range, text: string, code: Fix['code'] = 'replace'): Fix => ({
  code,
  params: { text },
  edits: [{ range, text }],
});

function adviseKey(setting: Setting, reader: ConfigReader): Advice[] {
  const { name, nameRange: range } = setting;
  const counts = reader.find(name);
  if (counts && counts !== setting && counts.operator === '=') {
    return [{ code: 'overridden', severity: 'hint', range, params: { name } }];
  }
  if (name === 'builder') return [adviseBuilder(setting, reader)];
  const key = keyNamed.get(name);
  if (key) return key.served ? [] : [{ code: 'not-served', severity: 'warning', range, params: { name } }];
  if (x86Keys.has(name)) return [{ code: 'x86-key', severity: 'hint', range, params: { name } }];
  const near = nearest(name, keyNamed.keys());
  const params = { name, near: near[0] ?? '' };
  const fixes = near.slice(0, 3).map((each) => replace(range, each, 'rename'));
  return [{ code: near.length > 0 ? 'unknown-key-near' : 'unknown-key', severity: 'hint', range, params, fixes }];
}

function adviseBuilder({ nameRange: range, written }: Setting, reader: ConfigReader): Advice {
  const fixes: Fix[] = reader.find('type')
    ? []
    : [
        {
          code: 'replace',
          params: { text: 'type = "pvh"' },
          edits: [{ range: { start: range.start, end: written.range.end }, text: 'type = "pvh"' }],
        },
      ];
  return { code: 'old-builder', severity: 'hint', range, fixes };
}

/** CPUs that are named but do not exist. xl ignores most of them. */
function adviseAffinity(reader: ConfigReader, cpus: number): Advice[] {
  return ['cpus', 'cpus_soft'].flatMap((name): Advice[] => {
    const setting = reader.find(name);
    if (!setting) return [];
    const atoms = (value: Value): Value[] => (value.kind === 'list' ? value.items.flatMap(atoms) : [value]);
    const absent = atoms(setting.value).flatMap((atom) => {
      if (atom.kind === 'list' || atom.text.includes('node')) return [];
      const numbers = (atom.text.match(/[0-9]+/g) ?? []).map(Number).filter((cpu) => cpu >= cpus);
      return numbers.slice(0, 1).map((cpu) => ({ cpu, range: atom.range }));
    });
    const advice: Advice[] = absent.map(({ cpu, range }) => ({
      code: 'absent-cpu',
      severity: 'warning',
      range,
      params: { cpu: String(cpu), last: String(cpus - 1) },
    }));
    if (reader.quietNumber('vcpus') === null && reader.quietNumber('maxvcpus') === null) {
      const at = { start: setting.nameRange.start, end: setting.nameRange.start };
      const fix: Fix = { code: 'insert', params: { text: 'vcpus = 1' }, edits: [{ range: at, text: 'vcpus = 1\n' }] };
      advice.push({
        code: 'affinity-without-vcpus',
        severity: 'warning',
        range: setting.nameRange,
        params: { name },
        fixes: [fix],
      });
    }
    return advice;
  });
}

/** The most vCPUs that a GICv2 supports. */
const gicV2Vcpus = 8;
const mebibyte = 1024;

/** Settings that libxl or Xen will refuse. */
function adviseConfig(reader: ConfigReader, config: DomainConfig): Advice[] {
  const advice: Advice[] = [];
  const say = (
    code: Diagnostic['code'],
    key: string,
    severity: Diagnostic['severity'],
    given: Partial<Advice> = {},
  ): void => {
    advice.push({ code, severity, range: reader.rangeOf(key), ...given });
  };
  const typeKey = reader.find('type') ? 'type' : 'builder';
  const pvh = reader.find('type') ? [replace(reader.rangeOf('type'), '"pvh"')] : [];
  if (config.type === 'pv') say('pv-type', typeKey, 'warning', { fixes: pvh });
  advice.push(...adviseHvm(reader, config));
  const { memory, maxMemory, scheduling } = config;
  if (maxMemory === null) {
    const end = reader.parsed.text.length;
    const line = `${reader.parsed.text.endsWith('\n') ? '' : '\n'}memory = 32\n`;
    const fixes: Fix[] = reader.find('memory')
      ? [replace(reader.rangeOf('memory'), '32')]
      : [{ code: 'insert', params: { text: 'memory = 32' }, edits: [{ range: { start: end, end }, text: line }] }];
    say('no-memory', 'memory', 'error', { fixes });
  } else if (memory !== null && (memory < mebibyte || memory > 2 ** 42)) {
    const params = { text: reader.quietString('memory') ?? '' };
    say('memory-range', 'memory', 'error', { params, fixes: [replace(reader.rangeOf('memory'), '32')] });
  } else if (memory !== null && maxMemory > memory) {
    const fixes = [replace(reader.rangeOf('maxmem'), String(memory / mebibyte))];
    say('more-max-memory', 'maxmem', 'error', { fixes });
  }
  const vcpus = Math.max(config.maxVcpus, 1);
  if (vcpus > gicV2Vcpus) {
    const key = reader.find('maxvcpus') ? 'maxvcpus' : 'vcpus';
    say('many-vcpus', key, 'error', { fixes: [replace(reader.rangeOf(key), String(gicV2Vcpus))] });
  }
  const { weight, cap } = scheduling;
  if (weight !== undefined && (weight < 1 || weight > 65535)) {
    say('weight-range', 'cpu_weight', 'error', { fixes: [replace(reader.rangeOf('cpu_weight'), '256')] });
  }
  const greatest = vcpus * 100;
  if (cap !== undefined && (cap < 0 || cap > greatest)) {
    const params = { vcpus: String(vcpus), greatest: String(greatest) };
    say('cap-range', 'cap', 'error', { params, fixes: [replace(reader.rangeOf('cap'), String(greatest))] });
  }
  if (config.gicVersion === 'v3') {
    const fixes = [replace(reader.rangeOf('gic_version'), '"v2"')];
    say('gic-version', 'gic_version', 'error', { params: { text: 'v3' }, fixes });
  }
  return advice;
}
