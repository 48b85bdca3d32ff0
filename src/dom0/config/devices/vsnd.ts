/** Sound cards: a list of texts for each, docs/xen/xl-devices.md, rules 20 and 21. */
import type { ConfigReader } from '../language/reader.ts';
import {
  commaParts,
  cutPair,
  type Field,
  type Fields,
  innerList,
  inOrder,
  Spec,
  unlessZero,
  unsignedOf,
} from './fields.ts';

const sampleFormats = new Set([
  ...['s8', 'u8', ...['s16', 'u16', 's24', 'u24', 's32', 'u32', 'f32', 'f64'].flatMap((f) => [`${f}_le`, `${f}_be`])],
  ...['iec958_subframe_le', 'iec958_subframe_be', 'mu_law', 'a_law', 'ima_adpcm', 'mpeg', 'gsm'],
]);
const parameterOrder = ['sample_rates', 'sample_formats', 'channels_min', 'channels_max', 'buffer_size'];

type Given = Record<string, Field | undefined>;
interface Part {
  readonly own: Given;
  readonly parameters: Given;
}
interface Pcm extends Part {
  readonly streams: Part[];
}
const part = (): Part => ({ own: {}, parameters: {} });

export const readVsnd = (reader: ConfigReader): Fields[] =>
  (reader.list('vsnd')?.items ?? []).map((item, devid) => {
    const spec = new Spec('', 'vsnd', item.range, reader);
    const list = innerList(spec, item);
    if (!list) return spec.end('Failed to get vsnd card list: Invalid argument');
    const card = part();
    const pcms: Pcm[] = [];
    for (const text of list.items) {
      if (text.kind === 'list') break;
      readItem(new Spec(text.text, 'vsnd', text.range, reader), card, pcms);
    }
    const own = inOrder(['backend_domname', 'devid', 'short_name', 'long_name'], { ...card.own, devid });
    return { ...own, params: inOrder(parameterOrder, card.parameters), pcms: unlessEmpty(pcms.map(pcmFields)) };
  });

const unlessEmpty = (fields: readonly Fields[]): readonly Fields[] | undefined =>
  fields.length > 0 ? fields : undefined;

const pcmFields = ({ own, parameters, streams }: Pcm): Fields => ({
  ...own,
  params: inOrder(parameterOrder, parameters),
  streams: unlessEmpty(
    streams.map((stream) => ({
      ...inOrder(['unique_id', 'type'], stream.own),
      params: inOrder(parameterOrder, stream.parameters),
    })),
  ),
});

/** `card, ...`, `pcm, ...` or `stream, ...`: the last two begin a new one. */
const readItem = (spec: Spec, card: Part, pcms: Pcm[]): void => {
  const [key, ...rest] = commaParts(spec.text);
  if (key === undefined) return;
  const kind = key.toLowerCase();
  if (kind === 'pcm' || (kind === 'stream' && pcms.length === 0)) pcms.push({ ...part(), streams: [] });
  const pcm = pcms.at(-1);
  let target = card;
  if (kind === 'pcm' && pcm) target = pcm;
  else if (kind === 'stream' && pcm) {
    target = part();
    pcm.streams.push(target);
  } else if (kind !== 'card') spec.end(`Invalid key: ${key}`);
  const names: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    card: { backend: 'backend_domname', 'short-name': 'short_name', 'long-name': 'long_name' },
    pcm: { name: 'name' },
    stream: { 'unique-id': 'unique_id' },
  };
  for (const text of rest) {
    const [name, value] = cutPair(text) ?? ['', ''];
    const field = names[kind]?.[name];
    if (field !== undefined) target.own[field] = value;
    else if (kind === 'stream' && name === 'type') {
      const type = value.toLowerCase();
      if (type !== 'p' && type !== 'c') spec.end(`Invalid stream type: ${value}`);
      target.own.type = type;
    } else if (!readParameter(spec, name, value, target.parameters)) spec.end(`Invalid parameter: ${text}`);
  }
};

/** What card, device and stream have in common. Returns false for another parameter. */
const readParameter = (spec: Spec, name: string, value: string, given: Given): boolean => {
  const parts = value.split(';').filter((text) => text !== '');
  switch (name) {
    case 'sample-rates':
      given.sample_rates = parts.map(unsignedOf);
      return true;
    case 'sample-formats':
      given.sample_formats = parts.map((text) => {
        const format = text.toLowerCase();
        return sampleFormats.has(format) ? format : spec.end(`Invalid pcm format: ${text}`);
      });
      return true;
    case 'channels-min':
    case 'channels-max':
    case 'buffer-size':
      given[name.replaceAll('-', '_')] = unlessZero(unsignedOf(value));
      return true;
    default:
      return false;
  }
};
