// What the core uses of every JavaScript host (browser, worker, Node) beyond the language itself.
// TypeScript keeps these types in lib.dom and in @types/node, which no room of the core may see.

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

/** A stream that turns bytes into others, as `CompressionStream` and `DecompressionStream` do. */
interface ByteTransform {
  readonly writable: {
    getWriter(): { write(bytes: Uint8Array): Promise<void>; close(): Promise<void> };
  };
  readonly readable: {
    getReader(): { read(): Promise<{ done: false; value: Uint8Array } | { done: true; value?: undefined }> };
  };
}

declare class CompressionStream implements ByteTransform {
  constructor(format: 'gzip' | 'deflate');
  readonly writable: ByteTransform['writable'];
  readonly readable: ByteTransform['readable'];
}

declare class DecompressionStream implements ByteTransform {
  constructor(format: 'gzip' | 'deflate');
  readonly writable: ByteTransform['writable'];
  readonly readable: ByteTransform['readable'];
}

declare class TextDecoder {
  constructor(label?: 'utf-8' | 'latin1', options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}

/** A deep copy of plain data. */
declare function structuredClone<T>(value: T): T;
