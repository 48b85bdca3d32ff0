/** Devices whose backend is a program: docs/xen/xl-devices.md, rules 14 to 22. */
import {
  commaParts,
  cutPair,
  defbool,
  type Fields,
  ifTrue,
  inOrder,
  intOf,
  type Spec,
  unlessZero,
  unsignedOf,
  wordPair,
} from './fields.ts';

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The pairs of a description up to the first part without an equals sign. */
function* pairs(text: string): Generator<readonly [name: string, value: string]> {
  for (const part of commaParts(text)) {
    const pair = cutPair(part);
    if (!pair) return;
    yield pair;
  }
}

export const readVtpm = (spec: Spec, devid: number): Fields => {
  const given: Record<string, string> = {};
  for (const [name, value] of pairs(spec.text)) {
    if (name === 'backend') given.backend_domname = value;
    else if (name !== 'uuid') spec.end(`Unknown string \`${name}' in vtpm spec`);
    else if (!uuidForm.test(value)) spec.end(`Failed to parse vtpm UUID: ${value}`);
    else given.uuid = value.toLowerCase();
  }
  if (given.backend_domname === undefined) spec.end('vtpm spec missing required backend field!');
  return inOrder(['backend_domname', 'devid', 'uuid'], { ...given, devid });
};

/** A reader for the entries of `p9`, in which each takes over what it does not say from the entry before. */
export const p9Reader = (): ((spec: Spec) => Fields) => {
  const given: Record<string, string> = {};
  return (spec) => {
    for (const [name, value] of pairs(spec.text)) {
      if (!['security_model', 'path', 'tag', 'backend'].includes(name))
        spec.end(`Unknown string \`${name}' in 9pfs spec`);
      given[name] = value;
    }
    const { tag, path, security_model, backend: backend_domname } = given;
    if (tag === undefined || path === undefined || security_model === undefined)
      return spec.end('9pfs spec missing required field!');
    return inOrder(['backend_domname', 'tag', 'path', 'security_model'], {
      backend_domname,
      tag,
      path,
      security_model,
    });
  };
};

export const readPvcalls = (spec: Spec, devid: number): Fields => {
  let backend: string | undefined;
  for (const [name, value] of pairs(spec.text)) {
    if (name !== 'backend') spec.end(`Unknown string \`${name}' in pvcalls spec`);
    backend = value;
  }
  return inOrder(['backend_domname', 'devid'], { backend_domname: backend, devid });
};

const vkbFlags = ['disable-keyboard', 'disable-pointer', 'abs-pointer', 'raw-pointer', 'multi-touch'];
const vkbNumbers = ['width', 'height', 'multi-touch-width', 'multi-touch-height', 'multi-touch-num-contacts'];
const fieldOf = (name: string): string => name.replaceAll('-', '_');
const vkbOrder = [
  ...['backend_domname', 'devid', 'backend_type', 'unique_id'],
  ...vkbFlags.map((name) => `feature_${fieldOf(name)}`),
  ...vkbNumbers.map(fieldOf),
];

export const readVkb = (spec: Spec, devid: number): Fields => {
  const given: Record<string, string | number | boolean | undefined> = { devid };
  for (const part of commaParts(spec.text)) {
    const [name, value] = cutPair(part) ?? ['', ''];
    if (name === 'backend') given.backend_domname = value;
    else if (name === 'backend-type') {
      const type = value.toLowerCase();
      if (!['unknown', 'qemu', 'linux'].includes(type)) spec.end(`Unknown backend_type "${value}" in vkb spec`);
      given.backend_type = type === 'unknown' ? undefined : type;
    } else if (name === 'unique-id') given.unique_id = value;
    else if (name.startsWith('feature-') && vkbFlags.includes(name.slice(8)))
      given[fieldOf(name)] = ifTrue(unsignedOf(value) !== 0);
    else if (vkbNumbers.includes(name)) given[fieldOf(name)] = unlessZero(unsignedOf(value));
    else spec.end(`Unknown string "${part}" in vkb spec`);
  }
  if (given.backend_type === undefined) spec.end('backend-type should be set in vkb spec');
  const sizes = ['multi-touch-width', 'multi-touch-height', 'multi-touch-num-contacts'];
  if (sizes.some((name) => given[fieldOf(name)] !== undefined)) given.feature_multi_touch = true;
  else if (given.feature_multi_touch === true)
    spec.end(`${sizes.join(', ')} should be set for multi touch in vkb spec`);
  return inOrder(vkbOrder, given);
};

export const readVdispl = (spec: Spec, devid: number): Fields => {
  const given: Record<string, string | boolean | Fields[] | undefined> = {};
  for (const part of commaParts(spec.text)) {
    const [name, value] = cutPair(part) ?? ['', ''];
    if (name === 'backend') given.backend_domname = value;
    else if (name === 'be-alloc') given.be_alloc = ifTrue(unsignedOf(value) !== 0);
    else if (name === 'connectors') given.connectors = readConnectors(spec, value);
    else spec.end(`Unknown string "${part}" in vdispl spec`);
  }
  const { connectors } = given;
  if (!Array.isArray(connectors) || connectors.length === 0) spec.end('At least one connector should be specified.');
  return inOrder(['backend_domname', 'devid', 'be_alloc', 'connectors'], { ...given, devid });
};

/** `id:1920x1080;...`. Where not even a width can be read, xl only stops reading. */
const readConnectors = (spec: Spec, text: string): Fields[] => {
  const parts = text.split(';').filter((part) => part !== '');
  const found: Fields[] = parts.map(() => ({}));
  for (const [i, part] of parts.entries()) {
    const [id = '', resolution = ''] = part.split(':').filter((word) => word !== '');
    const [, width, height] = /^\s*([+-]?[0-9]+)(?:x\s*([+-]?[0-9]+))?/.exec(resolution) ?? [];
    if (height === undefined) {
      const line = "Can't parse connector resolution";
      if (width !== undefined || resolution === '') spec.end(line);
      spec.say(line);
      found[i] = { unique_id: id };
      break;
    }
    const size = (number = ''): number | undefined =>
      unlessZero(Number(BigInt.asUintN(32, BigInt(number.replace('+', '')))));
    found[i] = { unique_id: id, width: size(width), height: size(height) };
  }
  return found;
};

export const readChannel = (spec: Spec, devid: number): Fields => {
  const given: Record<string, string> = {};
  for (const part of spec.text.split(',').filter((text) => text !== '')) {
    const [name, value] = wordPair(part, '=') ?? spec.end(`failed to parse channel configuration: ${part}`);
    if (name === 'connection' && value !== 'pty' && value !== 'socket')
      spec.end(`unknown channel connection '${value}'`);
    if (['backend', 'name', 'path', 'connection'].includes(name)) given[name] = value;
    else spec.say(`unknown channel parameter '${name}', ignoring`);
  }
  const { backend: backend_domname, name, path, connection } = given;
  if (connection === undefined) return spec.end("channel has unknown 'connection'");
  if (connection === 'socket' && path === undefined) spec.end("channel connection 'socket' requires path=..");
  const kind = `connection.${connection}`;
  const union = connection === 'socket' ? { path } : {};
  return inOrder(['backend_domname', 'devid', 'name', kind], { backend_domname, devid, name, [kind]: union });
};

export const readVfb = (spec: Spec, devid: number): Fields => {
  const vnc: Record<string, string | number | undefined> = {};
  const sdl: Record<string, string> = {};
  let keymap: string | undefined;
  for (const [name, value] of pairs(spec.text)) {
    const on = defbool(intOf(value) !== 0);
    if (name === 'vnc') vnc.enable = on;
    else if (name === 'vnclisten') vnc.listen = value;
    else if (name === 'vncpasswd') vnc.passwd = value;
    else if (name === 'vncdisplay') vnc.display = unlessZero(intOf(value));
    else if (name === 'vncunused') vnc.findunused = on;
    else if (name === 'keymap') keymap = value;
    else if (name === 'sdl') sdl.enable = on;
    else if (name === 'opengl') sdl.opengl = on;
    else if (name === 'display' || name === 'xauthority') sdl[name] = value;
  }
  return {
    devid,
    vnc: inOrder(['enable', 'listen', 'passwd', 'display', 'findunused'], vnc),
    sdl: inOrder(['enable', 'opengl', 'display', 'xauthority'], sdl),
    keymap,
  };
};
