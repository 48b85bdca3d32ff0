// What the core uses of every JavaScript host (browser, worker, Node) beyond the language itself.
// TypeScript keeps these types in lib.dom and in @types/node, which no room of the core may see.

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: 'utf-8' | 'latin1', options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}
