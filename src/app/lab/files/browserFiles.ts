/** Files that go between the page and the user's computer. */

/** Shows the browser's file picker; resolves to the files chosen. */
export function pickFiles(): Promise<File[]> {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])]));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}

/** Gives bytes to the user as a file. */
export function download(name: string, contents: BlobPart | BlobPart[]): void {
  const url = URL.createObjectURL(new Blob(Array.isArray(contents) ? contents : [contents]));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has read the address by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
