/** Disks: xl-disk-configuration(5), and docs/xen/xl-devices.md, rules 4 to 9. */
import { defbool, type Fields, inOrder, intOf, type Spec } from './fields.ts';

export interface Disk {
  readonly fields: Fields;
  readonly target: string | null;
  readonly vdev: string;
  readonly backendName: string | null;
  readonly backend: string | null;
  readonly format: string;
  readonly script: string | null;
  readonly isCdrom: boolean;
  readonly isVirtio: boolean;
}

const order = [
  ...['backend_domname', 'pdev_path', 'vdev', 'backend', 'format', 'script', 'removable', 'readwrite', 'is_cdrom'],
  ...['direct_io_safe', 'discard_enable', 'specification', 'colo_enable', 'colo_host', 'colo_port', 'colo_export'],
  ...['active_disk', 'hidden_disk'],
];

const formats = new Set(['raw', 'qcow', 'qcow2', 'vhd', 'empty', 'qed']);
/** Words with a colon before the target, of old configs. */
const oldPrefix = /^(?:(raw|qcow2?|vhd)|(iscsi|e?nbd|drbd)|tapdisk|tap2?|aio|ioemu|file|phy):/;
const unknownPrefix = /^[a-z][a-z0-9]*:(?=[^a-z0-9]|$)/;
/** `name=` of one of these takes the text up to the next comma. */
const texts: Readonly<Record<string, string>> = {
  backend: 'backend_domname',
  vdev: 'vdev',
  script: 'script',
  'colo-host': 'colo_host',
  'colo-export': 'colo_export',
  'active-disk': 'active_disk',
  'hidden-disk': 'hidden_disk',
};
const choices: Readonly<Record<string, readonly [field: string, words: ReadonlySet<string>]>> = {
  backendtype: ['backend', new Set(['phy', 'tap', 'qdisk', 'standalone'])],
  specification: ['specification', new Set(['xen', 'virtio'])],
};
const flags: Readonly<Record<string, readonly [field: string, value: boolean | string]>> = {
  cdrom: ['is_cdrom', true],
  'direct-io-safe': ['direct_io_safe', true],
  discard: ['discard_enable', defbool(true)],
  'no-discard': ['discard_enable', defbool(false)],
  colo: ['colo_enable', defbool(true)],
  'no-colo': ['colo_enable', defbool(false)],
};

/** Reads one disk. xl reports every mistake that it finds, and then exits. */
export const readDisk = (spec: Spec): Disk => new DiskReader(spec).read();

class DiskReader {
  private readonly spec: Spec;
  private readonly errors: string[] = [];
  private readonly given: Record<string, string | number | boolean> = {};
  private rest: string;
  private writable = true;
  private hasPrefix = false;
  private hasAccess = false;

  constructor(spec: Spec) {
    this.spec = spec;
    this.rest = spec.text;
  }

  read(): Disk {
    while (this.rest !== '') if (!this.parameter()) break;
    const given = this.given;
    given.format ??= 'raw';
    if (given.is_cdrom === true) {
      this.writable = false;
      given.removable = 1;
      if ((given.pdev_path ?? '') === '') given.format = 'empty';
    }
    if (this.errors.length === 0) {
      if (given.vdev === undefined) this.errors.push(`no vdev specified in \`${this.spec.text}'`);
      else if (given.pdev_path === undefined && given.removable === undefined)
        this.errors.push(`no target specified (and device not removable) in \`${this.spec.text}'`);
    }
    const last = this.errors.pop();
    for (const error of this.errors) this.spec.say(this.line(error));
    if (last !== undefined) this.spec.end(this.line(last));
    const text = (name: string): string | null => (given[name] === undefined ? null : String(given[name]));
    const fields = {
      ...given,
      is_cdrom: given.is_cdrom === true ? 1 : undefined,
      readwrite: this.writable ? 1 : undefined,
    };
    return {
      fields: inOrder(order, fields),
      target: text('pdev_path'),
      vdev: text('vdev') ?? '',
      backendName: text('backend_domname'),
      backend: text('backend'),
      format: text('format') ?? 'raw',
      script: text('script'),
      isCdrom: given.is_cdrom === true,
      isVirtio: given.specification === 'virtio',
    };
  }

  private line(error: string): string {
    return `${this.spec.source}: config parsing error in disk specification: ${error}`;
  }

  /** Takes one parameter from the text. Returns false if the rest is not looked at. */
  private parameter(): boolean {
    const space = /^[ \t\n]+/.exec(this.rest);
    if (space) return this.take(space[0]) !== null;
    if (this.rest.startsWith('target=')) {
      this.save('target', 'pdev_path', withoutComma(this.take(/^.*/.exec(this.rest)?.[0] ?? '')).slice(7));
      return true;
    }
    const prefix = oldPrefix.exec(this.rest) ?? unknownPrefix.exec(this.rest);
    if (prefix) return this.prefix(prefix);
    const [name = ''] = /^[^=,]*/.exec(this.rest) ?? [];
    if (this.rest[name.length] === '=') return this.keyed(name);
    return this.bare(withoutComma(this.take(`${name}${this.rest[name.length] ?? ''}`)));
  }

  private prefix([whole, format, script]: RegExpExecArray): boolean {
    this.take(whole);
    if (oldPrefix.test(whole)) {
      this.hasPrefix = true;
      if (format !== undefined) this.setFormat(format);
      if (script !== undefined) this.save('script', 'script', `block-${script}`);
      return true;
    }
    this.fail('unknown deprecated disk prefix', whole);
    return false;
  }

  private keyed(name: string): boolean {
    const [whole] = /^[^,]*,?/.exec(this.rest) ?? [''];
    const value = withoutComma(whole).slice(name.length + 1);
    const field = texts[name];
    const choice = choices[name];
    if (field !== undefined) {
      this.take(whole);
      this.save(name, field, value);
    } else if (choice) {
      this.take(whole);
      const [chosen, words] = choice;
      if (words.has(value)) this.choose(chosen, value);
      else this.fail(`unknown value for ${name}`, value);
    } else if (name === 'format') {
      this.take(whole);
      this.setFormat(value);
    } else if (name === 'access') {
      this.take(whole);
      this.setAccess(value);
    } else if (name === 'colo-port') {
      this.take(whole);
      const port = intOf(value);
      if (port === 0) this.fail('unknown value for colo_port', value);
      else this.given.colo_port = port;
    } else if (name === 'devtype') {
      this.take(whole);
      if (value === 'cdrom' || value === 'disk') this.given.is_cdrom = value === 'cdrom';
      else this.fail('unknown value for type', whole);
    } else {
      const unknown = /^[a-z][-a-z0-9]*=[^,],?/.exec(this.rest);
      if (unknown) this.fail('unknown parameter', this.take(unknown[0]));
      else {
        // What stands before the equals sign is taken for a parameter of its own.
        if (name !== '' && !this.bare(this.take(name))) return false;
        this.fail('bad disk syntax', /^.*/.exec(this.rest)?.[0] ?? '');
        return false;
      }
    }
    return true;
  }

  /** A parameter without a name: a flag, or the next of target, format, vdev and access. */
  private bare(text: string): boolean {
    const flag = flags[text];
    const given = this.given;
    if (flag) given[flag[0]] = flag[1];
    else if (this.errors.length > 0) return true;
    else if (given.pdev_path === undefined) given.pdev_path = text;
    else if (!this.hasPrefix && given.format === undefined) {
      if (given.pdev_path === '' && this.vdevWithType(text)) given.format = 'empty';
      else this.setFormat(text);
    } else if (given.vdev === undefined) {
      if (!this.vdevWithType(text)) given.vdev = text;
    } else if (!this.hasAccess) {
      this.hasAccess = true;
      this.setAccess(text);
    } else {
      this.fail('too many positional parameters', text);
      return false;
    }
    return true;
  }

  /** `hdc:cdrom`. Returns false, with nothing done, if there is no colon. */
  private vdevWithType(text: string): boolean {
    const colon = text.lastIndexOf(':');
    if (colon < 0) return false;
    const type = text.slice(colon + 1);
    this.save('vdev', 'vdev', text.slice(0, colon));
    if (type === 'cdrom' || type === 'disk') this.given.is_cdrom = type === 'cdrom';
    else this.fail('unknown deprecated type', type);
    return true;
  }

  private setFormat(text: string): void {
    const format = text === '' ? 'raw' : text;
    if (formats.has(format)) this.choose('format', format, text);
    else this.fail('unknown value for format', text);
  }

  private setAccess(text: string): void {
    if (text === 'r' || text === 'ro') this.writable = false;
    else if (text === 'w' || text === 'rw' || text === '') this.writable = true;
    else this.fail('unknown value for access', text);
  }

  private choose(field: string, value: string, near = value): void {
    const before = this.given[field];
    if (before !== undefined && before !== value) this.fail(`${field} respecified`, near);
    else this.given[field] = value;
  }

  /** Sets a text. Only an empty one may be replaced. */
  private save(name: string, field: string, value: string): void {
    if ((this.given[field] ?? '') !== '') this.fail(`${name} respecified`, value);
    else this.given[field] = value;
  }

  private fail(what: string, near: string): void {
    this.errors.push(`${what}: near \`${near}' in \`${this.spec.text}'`);
  }

  private take(text: string): string {
    this.rest = this.rest.slice(text.length);
    return text;
  }
}

const withoutComma = (text: string): string => (text.endsWith(',') ? text.slice(0, -1) : text);
