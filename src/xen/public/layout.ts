/**
 * Structures that guests and Xen exchange: each is described once, by its fields in the order of Xen's public headers,
 * and laid out as a C compiler for AArch64 lays it out: little-endian, every field at a multiple of its alignment.
 */

/** The type of a field. */
export interface FieldType<Value> {
  /** Both in bytes. */
  readonly size: number;
  readonly alignment: number;
  get(view: DataView, at: number): Value;
  /** Absent for structures within structures, whose fields are written one by one. */
  set?(view: DataView, at: number, value: Value): void;
}

export type Fields = Readonly<Record<string, FieldType<unknown>>>;

/** An address in a guest, as its halves. */
export interface GuestAddress {
  readonly low: number;
  readonly high: number;
}

/** The address `offset` bytes further on. */
export const plus = ({ low, high }: GuestAddress, offset: number): GuestAddress => {
  const sum = (low >>> 0) + offset;
  return { low: sum >>> 0, high: (high + Math.floor(sum / 2 ** 32)) >>> 0 };
};

export const u8: FieldType<number> = {
  size: 1,
  alignment: 1,
  get: (view, at) => view.getUint8(at),
  set: (view, at, value) => view.setUint8(at, value),
};

export const u16: FieldType<number> = {
  size: 2,
  alignment: 2,
  get: (view, at) => view.getUint16(at, true),
  set: (view, at, value) => view.setUint16(at, value, true),
};

export const i16: FieldType<number> = {
  size: 2,
  alignment: 2,
  get: (view, at) => view.getInt16(at, true),
  set: (view, at, value) => view.setInt16(at, value, true),
};

export const u32: FieldType<number> = {
  size: 4,
  alignment: 4,
  get: (view, at) => view.getUint32(at, true),
  set: (view, at, value) => view.setUint32(at, value, true),
};

export const u64: FieldType<bigint> = {
  size: 8,
  alignment: 8,
  get: (view, at) => view.getBigUint64(at, true),
  set: (view, at, value) => view.setBigUint64(at, value, true),
};

export const i64: FieldType<bigint> = {
  size: 8,
  alignment: 8,
  get: (view, at) => view.getBigInt64(at, true),
  set: (view, at, value) => view.setBigInt64(at, value, true),
};

/** XEN_GUEST_HANDLE: a pointer in the guest. */
export const handle: FieldType<GuestAddress> = {
  size: 8,
  alignment: 8,
  get: (view, at) => ({ low: view.getUint32(at, true), high: view.getUint32(at + 4, true) }),
  set(view, at, { low, high }) {
    view.setUint32(at, low, true);
    view.setUint32(at + 4, high, true);
  },
};

/** A text of single bytes, cut so that it ends with a zero. */
export const chars = (size: number): FieldType<string> => ({
  size,
  alignment: 1,
  get(view, at) {
    let text = '';
    for (let i = 0; i < size && view.getUint8(at + i) !== 0; i++) text += String.fromCharCode(view.getUint8(at + i));
    return text;
  },
  set(view, at, value) {
    for (let i = 0; i < size; i++) view.setUint8(at + i, i < size - 1 && i < value.length ? value.charCodeAt(i) : 0);
  },
});

export const array = <Value>(type: FieldType<Value>, count: number): FieldType<readonly Value[]> => ({
  size: type.size * count,
  alignment: type.alignment,
  get: (view, at) => Array.from({ length: count }, (_, i) => type.get(view, at + i * type.size)),
  set(view, at, values) {
    values.forEach((value, i) => {
      type.set?.(view, at + i * type.size, value);
    });
  },
});

/** The bytes of one structure. */
class StructureBytes {
  constructor(
    private readonly view: DataView,
    private readonly at: number,
    private readonly size: number,
  ) {}

  field<Value>(type: FieldType<Value>, offset: number): Value {
    return type.get(this.view, this.at + offset);
  }

  setField<Value>(type: FieldType<Value>, offset: number, value: Value): void {
    type.set?.(this.view, this.at + offset, value);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.view.buffer, this.view.byteOffset + this.at, this.size);
  }
}

/** A structure: its fields by name, read from and written to its bytes. */
export type Structure<F extends Fields> = {
  -readonly [name in keyof F]: F[name] extends FieldType<infer Value> ? Value : never;
} & { readonly bytes: Uint8Array };

/** The structures of a description. */
export type StructureOf<S> = S extends Struct<infer F> ? Structure<F> : never;

type Layout = 'struct' | 'union';
type Accessors<F extends Fields> = new (view: DataView, at: number, size: number) => Structure<F>;

/** The description of a structure; as the type of a field, a structure within another. */
export class Struct<F extends Fields> implements FieldType<Structure<F>> {
  readonly size: number;
  readonly alignment: number;
  private readonly offsets = new Map<keyof F, number>();
  private readonly accessors: Accessors<F>;

  constructor(fields: F, layout: Layout) {
    class FieldAccessors extends StructureBytes {}
    let end = 0;
    let alignment = 1;
    let size = 0;
    for (const [name, type] of Object.entries(fields)) {
      const offset = layout === 'union' ? 0 : Math.ceil(end / type.alignment) * type.alignment;
      end = offset + type.size;
      size = Math.max(size, end);
      alignment = Math.max(alignment, type.alignment);
      this.offsets.set(name, offset);
      Object.defineProperty(FieldAccessors.prototype, name, {
        get(this: StructureBytes) {
          return this.field(type, offset);
        },
        set(this: StructureBytes, value: unknown) {
          this.setField(type, offset, value);
        },
      });
    }
    this.size = Math.ceil(size / alignment) * alignment;
    this.alignment = alignment;
    // The compiler cannot know of the properties that the loop has defined.
    this.accessors = FieldAccessors as unknown as Accessors<F>;
  }

  /** The structure at a place of a buffer. */
  get(view: DataView, at = 0): Structure<F> {
    return new this.accessors(view, at, this.size);
  }

  /** A new structure, all zero. */
  make(): Structure<F> {
    return this.get(new DataView(new ArrayBuffer(this.size)));
  }

  /** Bytes before a field. */
  offsetOf(name: keyof F): number {
    return this.offsets.get(name) as number;
  }
}

export const struct = <F extends Fields>(fields: F): Struct<F> => new Struct(fields, 'struct');

/** Fields that share the same bytes. */
export const union = <F extends Fields>(fields: F): Struct<F> => new Struct(fields, 'union');
