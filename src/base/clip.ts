/**
 * Text that can be stored and shown anywhere: not too long, without halves of surrogate pairs and
 * without control characters (PostgreSQL refuses U+0000; a terminal obeys others).
 */
export function clip(text: string, lengthMax: number): string {
  const cut = text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go.
  return cut.toWellFormed().replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '�')
}
